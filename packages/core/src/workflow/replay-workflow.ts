import { setImmediate } from 'node:timers/promises'
import type { Entry, EntryOf, RecordedError } from '../contracts/entry.ts'
import type { AnyWorkflow } from '../define/any-workflow.ts'
import type { Divergence } from '../journal/divergence.ts'
import { ENDS } from '../journal/entry-kinds.ts'
import { RUN_KEY } from '../journal/keys.ts'
import { isLateEnd } from '../journal/late.ts'
import { nextContinuation } from '../journal/continuations.ts'
import { blockedEffectOf } from '../journal/blocked-effect.ts'
import { sortedJson } from '../values/sorted-json.ts'
import { at } from './agree.ts'
import { Code, type Finished } from './code.ts'
import type { Listener } from './execution.ts'
import { said } from './unsaid.ts'

type Ended = EntryOf<'run.completed'> | EntryOf<'run.failed'>

const nothing = (): void => undefined

/** Nothing that the code asks for is done. */
const NOBODY: Listener = { asked: nothing, cancelled: nothing, late: nothing, patched: nothing }

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
  if (first.key !== RUN_KEY || first.attempt !== 1) return ofNoRun(first)
  const { kind, name } = first.body.definition
  if (kind !== workflow.kind || name !== workflow.name)
    return {
      seq: 0,
      key: first.key,
      recorded: `run.started of ${kind} ${name}`,
      today: `start ${workflow.kind} ${workflow.name}`,
    }
  const code = new Code(runId, workflow, first.body, NOBODY)
  const end = entries.findIndex(({ kind }) => ENDS.has(kind))
  const [held, more] = end === -1 ? [entries, undefined] : [entries.slice(0, end + 1), entries[end + 1]]
  for (const entry of held) code.execution.feed(entry)
  void code.begin(true)
  const stray = await code.execution.tell()
  code.abandon()
  if (code.execution.divergence) return code.execution.divergence
  if (stray) return code.strayed(stray)
  await setImmediate()
  const last = held.at(-1)
  const found = endsAlike(code, runId, last)
  if (found) return found
  if (end !== -1 && last && (last.key !== RUN_KEY || last.attempt !== 1)) return ofNoRun(last)
  return more ? { seq: more.seq, key: more.key, recorded: at(more), today: 'have ended' } : null
}

/** What concerns the run as a whole stands at its key, once. */
function ofNoRun(entry: Entry): Divergence {
  const { seq, key, attempt } = entry
  return { seq, key, recorded: `${at(entry)}, attempt ${attempt}`, today: `have it at ${RUN_KEY}, attempt 1` }
}

/** A run that was cancelled, or was late, did not end by its code. */
function endsAlike(code: Code, runId: string, last: Entry | undefined): Divergence | null {
  if (last?.kind !== 'run.completed' && last?.kind !== 'run.failed') return null
  if (last.kind === 'run.failed' && isLateEnd(last.body.error)) return null
  if (last.kind === 'run.failed' && isBlocked(code, last.body.error)) return null
  const { finished } = code
  const ended = finished && endOf(finished, runId, last)
  if (isUnsaid(last) || (ended && sameEnd(ended, last))) return null
  const today = ended ? sayEnd(ended) : code.strayed(last).today
  return { seq: last.seq, key: last.key, recorded: sayEnd(last), today }
}

/** The order of an object's keys says nothing. */
function sameEnd(ended: Pick<Ended, 'kind' | 'body'>, last: Ended): boolean {
  return ended.kind === last.kind && sortedJson(without(ended.body)) === sortedJson(without(last.body))
}

/** What an end says of how the code ended: where something was thrown may be elsewhere after any edit. */
function without(body: Ended['body']): object {
  if (!('error' in body)) return body
  const { stack: _, ...error } = body.error
  return { ...body, error }
}

/** How the code ends today, in as much as the entry says of it. */
function endOf(finished: Finished, runId: string, last: Ended): Pick<Ended, 'kind' | 'body'> {
  if (finished.kind === 'ended') return asSaid(finished, last)
  const { inputDigest, after } = finished
  const isOf = last.kind === 'run.completed' && last.body.continuedAs !== undefined && last.body.asked === undefined
  const body = {
    output: null,
    continuedAs: nextContinuation(runId),
    ...(!isOf && { asked: inputDigest, ...said(after) }),
  }
  return { kind: 'run.completed', body }
}

/** Words of this framework's own are recorded, and may be others today (invariant 4). */
function asSaid({ draft, worded }: Extract<Finished, { kind: 'ended' }>, last: Entry): Pick<Ended, 'kind' | 'body'> {
  if (!worded || draft.kind !== 'run.failed' || last.kind !== 'run.failed') return draft
  if (draft.body.error.code !== last.body.error.code) return draft
  return { ...draft, body: { ...draft.body, error: last.body.error } }
}

/** Such a run did not end by its code, which still asks for what it may not do. */
function isBlocked({ execution }: Code, error: RecordedError): boolean {
  if (blockedEffectOf(error) === undefined) return false
  return execution.pending().some(({ op }) => op.key === error.details?.['key'])
}

/** What was thrown and is no error was recorded without its words once. */
function isUnsaid(last: Entry): boolean {
  return last.kind === 'run.failed' && ['[object Object]', '{}'].includes(last.body.error.message)
}

function sayEnd({ kind, body }: Pick<Ended, 'kind' | 'body'>): string {
  return `${kind} ${JSON.stringify(without(body))}`
}
