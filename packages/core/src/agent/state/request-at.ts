import type { AskedSummary, Entry } from '../../contracts/entry.ts'
import type { ModelRequest } from '../../contracts/model.ts'
import { isCompactionKey } from '../../journal/keys.ts'
import { DefinitionError } from '../../values/errors.ts'
import { conversation, emptyState, fold, held } from './fold.ts'
import type { AgentState, Before } from './state.ts'
import { summaryRequest } from './summary-request.ts'

/** A request as far as it is recorded: which tools the rules allowed at that turn follows from code. */
export type AskedRequest = Pick<ModelRequest, 'card' | 'instructions' | 'items' | 'today'>

/**
 * Rebuilds what a model was sent, from the entries of its run.
 *
 * @param entries of an agent's or a team's run, from the first.
 * @param seq of the entry that recorded the reply, or the failure.
 * @param before of a turn of a session, what it goes on from: `runtime.runs.before` gives it. @default nothing: its own words alone
 * @throws DefinitionError with code `not_asked`, naming the entries at which a model was asked.
 * @example
 * ```ts
 * import { createRuntime, defineAgent, requestAt } from '@reprise/core'
 * import { memoryStore, scriptedModel } from '@reprise/testing'
 *
 * const poet = defineAgent({ name: 'poet', model: 'gpt-4.1-mini', instructions: 'Write one line.' })
 * const models = scriptedModel([{ text: 'Rain again.' }])
 * await using runtime = createRuntime({ store: memoryStore(), models, definitions: [poet] })
 * const run = await runtime.start(poet, 'About spring')
 * await run.result()
 * const entries = await runtime.runs.entries(run.id)
 * const replied = entries.findIndex(({ kind }) => kind === 'model.replied')
 * console.log(requestAt(entries, replied).items) // [ { kind: 'user', text: 'About spring' } ]
 * ```
 */
export function requestAt(entries: readonly Entry[], seq: number, before?: Before): AskedRequest {
  if (!isAsked(entries[seq])) throw notAsked(entries, seq)
  // That the service accepted it was written when it had been sent.
  const heard = entries.slice(0, seq).filter(({ kind }) => kind !== 'model.asked')
  return requestIn(heard.reduce(fold, emptyState({ before: before?.state })), entries[seq])
}

/** A request as it was sent, and the seq of the entry that recorded its reply or its failure. */
export interface RecordedRequest extends AskedRequest {
  readonly seq: number
}

/**
 * Rebuilds all that a run's models were sent, one request after the other, in one pass over its entries. An item that stands
 * in several requests is the same object in them.
 *
 * @param entries of an agent's or a team's run, from the first. A workflow asks no model itself: there are none.
 * @param before as `requestAt` takes it.
 * @example
 * ```ts
 * import { createRuntime, defineAgent, requestsOf } from '@reprise/core'
 * import { memoryStore, scriptedModel } from '@reprise/testing'
 *
 * const poet = defineAgent({ name: 'poet', model: 'gpt-4.1-mini', instructions: 'Write one line.' })
 * const models = scriptedModel([{ text: 'Rain again.' }])
 * await using runtime = createRuntime({ store: memoryStore(), models, definitions: [poet] })
 * const run = await runtime.start(poet, 'About spring')
 * await run.result()
 * const requests = [...requestsOf(await runtime.runs.entries(run.id))]
 * console.log(requests.map(({ items }) => items.length)) // [ 1 ]
 * ```
 */
export function* requestsOf(entries: readonly Entry[], before?: Before): Generator<RecordedRequest, void, undefined> {
  if (!entries.some(isAsked)) return
  let state = emptyState({ before: before?.state })
  for (const entry of entries) {
    if (entry.kind === 'model.asked') continue
    if (isAsked(entry)) yield recordedIn(state, entry)
    state = fold(state, entry)
  }
}

/** Its items are put together when they are looked at: as a list that the next request goes on with, while it is the newest. */
function recordedIn(state: AgentState, entry: Entry): RecordedRequest {
  const { seq } = entry
  if (summaryOf(entry)) return { ...requestIn(state, entry), seq }
  return Object.defineProperty({ ...requestIn(state, entry), seq }, 'items', {
    enumerable: true,
    get: () => conversation(state),
  })
}

function requestIn(state: AgentState, entry: Entry | undefined): AskedRequest {
  const { card, instructions } = held(state)
  const today = new Date(state.at).toISOString().slice(0, 10)
  const summary = summaryOf(entry)
  if (summary && entry) return { ...summaryRequest(state, entry.key, summary), today }
  return { card, instructions, items: conversation(state), today }
}

function summaryOf(entry: Entry | undefined): AskedSummary | undefined {
  return entry?.kind === 'model.replied' || entry?.kind === 'model.failed' ? entry.body.summary : undefined
}

function isAsked(entry: Entry | undefined): boolean {
  return entry?.kind === 'model.replied' || (entry?.kind === 'model.failed' && !isCompactionKey(entry.key))
}

function notAsked(entries: readonly Entry[], seq: number): DefinitionError {
  const found = entries[seq] ? `is ${entries[seq].kind}` : 'is not there'
  const asked = entries.filter(isAsked).map((entry) => entry.seq)
  const others =
    asked.length > 0 ? `It was asked at: ${asked.join(', ')}.` : 'This run asked none itself: look at its children.'
  return new DefinitionError({
    code: 'not_asked',
    message: `No model was asked at entry ${seq}, which ${found}. ${others}`,
  })
}
