import { setImmediate } from 'node:timers/promises'
import type { Entry, RecordedError } from '../contracts/entry.ts'
import type { AnyWorkflow } from '../define/any-workflow.ts'
import type { Divergence } from '../journal/divergence.ts'
import { withheldBy } from '../journal/withheld.ts'
import { Code } from './code.ts'

/**
 * Runs a workflow's code again over its whole journal, offline: nothing that it asks for is done.
 *
 * @returns where it went another way, or null.
 */
export async function replayWorkflow(
  runId: string,
  entries: readonly Entry[],
  workflow: AnyWorkflow,
): Promise<Divergence | null> {
  const [first] = entries
  if (first?.kind !== 'run.started' || !('seed' in first.body))
    throw new Error(`The journal of "${runId}" does not begin as a workflow's`)
  const code = new Code(runId, workflow, first.body, () => undefined)
  for (const entry of entries) code.execution.feed(entry)
  void code.begin(true)
  const stray = await code.execution.tell()
  if (code.execution.divergence) return code.execution.divergence
  if (stray) return code.strayed(stray)
  await setImmediate()
  return endsAlike(code, entries.at(-1))
}

/** A run that was cancelled ended by somebody else's will. */
function endsAlike(code: Code, last: Entry | undefined): Divergence | null {
  if (last?.kind !== 'run.completed' && last?.kind !== 'run.failed') return null
  if (last.kind === 'run.failed' && isWithheld(code, last.body.error)) return null
  const recorded = sayEnd(last.kind, last.body)
  const { finished } = code
  const today = !finished
    ? code.strayed(last).today
    : finished.kind === 'continued'
      ? 'continue as another run'
      : sayEnd(finished.draft.kind, finished.draft.body)
  const continued =
    finished?.kind === 'continued' && last.kind === 'run.completed' && last.body.continuedAs !== undefined
  return continued || today === recorded || isUnsaid(last) ? null : { seq: last.seq, key: last.key, recorded, today }
}

/** Such a run did not end by its code, which still asks for what it may not do. */
function isWithheld({ execution }: Code, error: RecordedError): boolean {
  if (withheldBy(error) === undefined) return false
  return execution.pending().some(({ op }) => op.key === error.details?.['key'])
}

/** What was thrown and is no error was recorded without its words once. */
function isUnsaid(last: Entry): boolean {
  return last.kind === 'run.failed' && last.body.error.message === '[object Object]'
}

function sayEnd(kind: string, body: object): string {
  return `${kind} ${JSON.stringify(body)}`
}
