// What a model is sent that is to sum up a conversation for a handoff. Pure: it follows from the journal, so that what was
// asked is known after a change of the code.
import type { AskedSummary } from '../../contracts/entry.ts'
import type { Item } from '../../contracts/item.ts'
import type { ModelRequest } from '../../contracts/model.ts'
import { summarisedKey } from '../../journal/keys.ts'
import { digest } from '../../values/digest.ts'
import { callsOf } from './calls-of.ts'
import { conversation, held } from './fold.ts'
import { settledResults } from './results.ts'
import type { AgentState } from './state.ts'

/** What the model is told of the call that hands over, which has no result yet. Journals are read by it: it stays as it is. */
const UNDER_WAY = 'The conversation is being handed over.'

/**
 * The request of a summary: the holder's own, so that its prompt cache is read, and then the question. Its tools stand there
 * for the same reason, and none may be called.
 */
export function summaryRequest(
  state: AgentState,
  key: string,
  { model, maxOutputTokens, question }: AskedSummary,
): Pick<ModelRequest, 'card' | 'instructions' | 'items'> {
  const { card, instructions } = held(state)
  const { hosted: _hosted, ...own } = card
  const calls = callsOf(state).map((call) =>
    call.key === summarisedKey(key)
      ? { ...call, stage: { kind: 'settled', ok: false, told: UNDER_WAY } as const }
      : call,
  )
  const items: Item[] = [...conversation(state), ...settledResults(calls), { kind: 'user', text: question }]
  const settings = model === card.model ? card.settings : {}
  return { card: { ...own, model, settings, maxOutputTokens, output: null }, instructions, items }
}

/** What the request of a summary is known by: what the holder's next request would be, and what is asked. */
export function summaryChain({ requestChain }: AgentState, { model, maxOutputTokens, question }: AskedSummary): string {
  return `${requestChain}${digest(JSON.stringify([model, maxOutputTokens, question]))}`
}
