import type { Waiting } from '@reprise/core'
import { quote } from './text.ts'
import { sayTime } from './time.ts'

/** What a run waits for, in a few words. */
export function sayWaiting(waiting: Waiting): string {
  switch (waiting.kind) {
    case 'in-doubt':
      return `for a word on ${waiting.tool} at ${waiting.id}, which may or may not have happened`
    case 'approval':
      return `for somebody to allow ${waiting.tool} at ${waiting.id}${until(waiting)}`
    case 'answer':
      return `for somebody to answer ${waiting.tool}, as ${waiting.id}${until(waiting)}`
    case 'signal':
      return `for the signal ${waiting.signal}${until(waiting)}`
    case 'child':
      return `for its child ${waiting.runId}${until(waiting)}`
    case 'turn':
      return `for the turn ${waiting.runId} to end`
    case 'timer':
      return until(waiting).trim()
    case 'retry':
      return `${until(waiting).trim()} to try ${waiting.key} again`
    case 'interrupted':
      return sayInterrupted(waiting)
    case 'quarantined':
      return `in quarantine: ${waiting.reason}`
    default:
      return waiting satisfies never
  }
}

/** What a call is to be made with that somebody is asked about, and whose it is; undefined for any other wait. */
export function sayAsked(waiting: Waiting): string | undefined {
  if (waiting.kind !== 'approval' && waiting.kind !== 'answer' && waiting.kind !== 'in-doubt') return undefined
  const { agent, tool, arguments: given } = waiting
  if (given === undefined) return undefined
  return `${agent === undefined ? '' : `${agent} calls `}${tool} ${JSON.stringify(given)}`
}

/** What somebody can type to end the wait. */
export function endWait(runId: string, waiting: Waiting): string {
  const run = quote(runId)
  switch (waiting.kind) {
    case 'in-doubt':
      return `reprise settle-doubt ${run} ${quote(waiting.id)} --happened RESULT (or --did-not-happen)`
    case 'approval':
      return `reprise approve ${run} ${quote(waiting.id)} --by NAME (or reject)`
    case 'answer':
      return `reprise answer ${quote(waiting.id)} VALUE --by NAME`
    case 'signal':
      return `reprise send ${run} ${quote(waiting.signal)} PAYLOAD`
    case 'child':
    case 'turn':
      return `reprise show ${quote(waiting.runId)}`
    case 'timer':
    case 'retry':
      return `reprise resume ${run}`
    case 'interrupted':
      return waiting.times === 0
        ? `a worker, or reprise resume ${run}`
        : `a worker from then on, or reprise resume ${run} at once`
    case 'quarantined':
      return `reprise unquarantine ${run} --by NAME, once what ends its owners is mended`
    default:
      return waiting satisfies never
  }
}

/** A run whose runtime was closed has nothing that is to be mended. */
function sayInterrupted({ error, times, until: at, mendable }: Extract<Waiting, { kind: 'interrupted' }>): string {
  if (times === 0) return `for somebody to go on with it: ${error.message}`
  const why = mendable ? 'until this is mended' : 'interrupted'
  const again = `tried ${times === 1 ? 'once' : `${times} times in a row`}, and again from ${sayTime(at)}`
  return `${why}: ${error.message} It was ${again}`
}

function until({ until }: { readonly until?: number }): string {
  return until === undefined ? '' : ` until ${sayTime(until)}`
}
