import { setTimeout as wait } from 'node:timers/promises'
import { type EntryOf, RepriseError, type RunEvent, type RunHandle, type Runtime } from '@reprise/core'
import { short } from './short.ts'

/** The events of a reader that are worth a line. */
const KINDS = ['model.failed', 'output.judged', 'call.returned', 'call.failed', 'run.completed', 'run.failed'] as const

type Told = Extract<RunEvent, { kind: (typeof KINDS)[number] }>

/** Prints what happens in an extraction from now on, a line for each event that means something. */
export async function follow(runtime: Runtime, run: RunHandle<unknown>): Promise<void> {
  run.on('child.started', ({ body }) => followReader(runtime, body.runId))
  run.on('step.failed', ({ at, body: { error, retryAt } }) => {
    const when = retryAt === null ? '' : ` and are written again in ${Math.ceil((retryAt - at) / 1_000)} s`
    say('results', `x cannot be written (${error.message})${when}`)
  })
  run.on('step.returned', () => say('results', '# written'))
  const begun = await runtime.runs.list({ parentId: run.id, limit: 1_000 })
  for (const { id, endedAt } of begun) if (endedAt === null) await followReader(runtime, id, true)
}

/** Prints a line about a file. */
export function say(file: string, what: string): void {
  console.log(`${file.padEnd(22)} ${what}`)
}

async function followReader(runtime: Runtime, runId: string, wasBegun = false): Promise<void> {
  const reader = await readerOf(runtime, runId)
  if (!reader) return
  const file = await fileOf(runtime, runId)
  if (wasBegun) say(file, '= goes on where it was')
  for (const kind of KINDS) {
    reader.on(kind, (event) => say(file, tell(event)))
  }
}

/** A child's start is told when it is about to be: a moment later it is there. Undefined where it never comes. */
async function readerOf(runtime: Runtime, runId: string): Promise<RunHandle | undefined> {
  for (let tries = 0; tries < 100; tries++) {
    try {
      return await runtime.resume(runId)
    } catch (error) {
      if (!RepriseError.is(error) || error.code !== 'unknown_run') return undefined
      await wait(1)
    }
  }
  return undefined
}

/** The file that a reader was begun with. */
export async function fileOf(runtime: Runtime, runId: string): Promise<string> {
  const [started] = await runtime.runs.entries(runId)
  // The agent's schema took the context when the run began.
  const { context } = (started as EntryOf<'run.started'>).body as { context: { file: string } }
  return context.file
}

function tell(event: Told): string {
  switch (event.kind) {
    case 'model.failed': {
      const { error, retryAt } = event.body
      return `~ the model failed (${error.code}), ${retryAt === null ? 'for good' : `and is asked again in ${retryAt - event.at} ms`}`
    }
    case 'output.judged':
      return `x the answer is sent back: ${short(event.body.told)}`
    case 'call.returned':
      return `+ ${event.body.name} ${short(JSON.stringify(event.body.result))}`
    case 'call.failed':
      return `x ${event.body.name}: ${short(event.body.error.message)}`
    case 'run.completed':
      return `# ${short(JSON.stringify(event.body.output))}`
    case 'run.failed':
      return `x ${short(event.body.error.message)}`
    default:
      return event satisfies never
  }
}
