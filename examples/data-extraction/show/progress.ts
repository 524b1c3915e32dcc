import { setTimeout as wait } from 'node:timers/promises'
import { RepriseError, type RunEvent, type RunHandle, type Runtime } from '@reprise/core'
import { z } from 'zod'
import { showMoney } from '../extraction/money.ts'
import type { Reading } from '../extraction/statement.ts'
import { short } from './short.ts'

/** The events of a reader that are worth a line. */
const KINDS = ['model.failed', 'output.judged', 'call.returned', 'call.failed', 'run.completed', 'run.failed'] as const

/** What a reader is begun with. */
const Task = z.object({ context: z.object({ file: z.string() }), input: z.string() })

type Told = Extract<RunEvent, { kind: (typeof KINDS)[number] }>

/** Prints what happens in an extraction from now on, a line for each event that means something. */
export async function follow(runtime: Runtime, run: RunHandle<unknown>): Promise<void> {
  run.on('child.started', ({ body }) => void followReader(runtime, body.runId))
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
  const { file, doubt } = await taskOf(runtime, runId)
  if (wasBegun) say(file, '= goes on where it was')
  else if (doubt !== undefined) say(file, `? ${short(doubt)}`)
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

/** The file that a reader was begun with, and what made another reader necessary. */
export async function taskOf(runtime: Runtime, runId: string): Promise<{ file: string; doubt: string | undefined }> {
  const [started] = await runtime.runs.entries(runId)
  const { context, input } = Task.parse(started?.body)
  const [, doubt] = input.split('\n\n')
  return { file: context.file, doubt }
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
      // The agent's output schema judged it.
      return `# ${tellReading(event.body.output as Reading)}`
    case 'run.failed':
      return `x ${short(event.body.error.message)}`
    default:
      return event satisfies never
  }
}

function tellReading({ statement, problem }: Reading): string {
  if (!statement) return `no statement: ${short(problem ?? '')}`
  const { lines, totalMinor, currency } = statement
  return `${lines.length} lines, total ${showMoney(totalMinor, currency)}`
}
