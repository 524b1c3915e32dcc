import type { RunEvent, RunHandle } from '@reprise/core'
import { short } from './short.ts'

/** The events that are worth a line. */
const KINDS = [
  'model.failed',
  'output.judged',
  'handoff.made',
  'call.judged',
  'call.returned',
  'call.failed',
  'call.doubted',
  'call.resolved',
] as const

/** What the sign of a line says. */
export const LEGEND = `What happens to each ticket, a line for each step:
  +  a tool ran           x  a call or an answer was refused, or failed
  >  another agent holds  ~  the model or its server failed
  ?  it may have run      !  whether it had run is settled
  =  goes on              #  the ticket's end`

type Told = Extract<RunEvent, { kind: (typeof KINDS)[number] }>

/** Whether an event is worth a line. */
export function isStep(event: RunEvent): event is Told {
  // A list of literals is asked about any kind.
  return (KINDS as readonly string[]).includes(event.kind)
}

/** Prints what happens in a run from now on, a line for each event that means something. */
export function followRun(run: RunHandle<unknown>): void {
  for (const kind of KINDS) {
    run.on(kind, (event) => {
      const told = tellStep(event)
      if (told !== undefined) say(run.id, told)
    })
  }
}

/** Prints a line about a ticket. */
export function say(ticket: string, what: string): void {
  console.log(`${ticket.padEnd(10)} ${what}`)
}

function again({ at, body: { retryAt } }: Extract<Told, { kind: 'model.failed' }>): string {
  return retryAt === null ? 'for good' : `and is asked again in ${retryAt - at} ms`
}

/** The line of an event; undefined where it says nothing new. */
export function tellStep(event: Told): string | undefined {
  switch (event.kind) {
    case 'model.failed':
      return `~ the model failed (${event.body.error.code}), ${again(event)}`
    case 'output.judged':
      return `x the answer is sent back: ${short(event.body.told)}`
    case 'handoff.made':
      return `> ${event.body.to} takes over`
    case 'call.judged':
      return event.body.allowed ? undefined : `x ${event.body.name} refused: ${short(event.body.told ?? '')}`
    case 'call.returned':
      return `+ ${event.body.name} ${short(JSON.stringify(event.body.result))}`
    case 'call.failed':
      return `x ${event.body.name}: ${short(event.body.error.message)}`
    case 'call.doubted':
      return `? ${event.body.name} was under way when the process died`
    case 'call.resolved':
      return `! ${event.body.name} ${event.body.happened ? 'had happened' : 'had not happened, and runs again'}`
    default:
      return event satisfies never
  }
}
