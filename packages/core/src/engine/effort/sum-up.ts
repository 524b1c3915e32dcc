// Asks a model for a summary of a conversation: an ask like the others, at a key of its own, under the same lease and with the same
// retries, recorded in the entry that it leads to. perform.ts calls this, when all that led to it is committed (invariant 2).
// Its request begins as the run's own do, so that most of it comes from the prompt cache. Nobody is told its words as they
// come: they are no answer.
import type { Action } from '../../agent/decide/action.ts'
import { estimateOf } from '../../agent/compact/worth.ts'
import { conversation, held } from '../../agent/state/fold.ts'
import { append, emptyLog } from '../../agent/state/log.ts'
import { ASK } from '../../agent/state/phase.ts'
import type { AgentState } from '../../agent/state/state.ts'
import type { Draft } from '../../contracts/entry.ts'
import type { CompactionEstimate } from '../../contracts/history.ts'
import type { Item } from '../../contracts/item.ts'
import type { ModelReply } from '../../contracts/model.ts'
import type { NanoUsd } from '../../values/money.ts'
import type { Spent } from '../../values/spent.ts'
import { type Asking, askModel } from './ask-model.ts'

type SumUp = Extract<Action, { kind: 'compact' }>

/**
 * Asks once for a summary, and says what is to be recorded: what comes of it, or the failure.
 *
 * @throws what `askModel` throws.
 */
export async function sumUp(asking: Omit<Asking, 'ask' | 'seen' | 'onSaid' | 'report'>, effort: SumUp): Promise<Draft> {
  const { engine, state } = asking
  const { key, attempt, sum } = effort
  const draft = await askModel({
    ...asking,
    engine: { ...engine, emit: () => undefined },
    state: summing(state, sum),
    // It may call nothing; that is said beside the tools, which are part of what is cached.
    ask: { kind: 'ask', key, attempt, retryAt: null, ...(held(state).card.tools.length > 0 && { allowedTools: [] }) },
    seen: new Set(),
    onSaid: () => undefined,
    report: () => undefined,
  })
  if (draft.kind !== 'model.replied') return draft
  const { asked, reply } = draft.body
  const spent = spentOf(reply)
  const text = reply.items.flatMap((item) => (item.kind === 'assistant' ? item.text : [])).join('')
  if (text.trim() === '') {
    const error = { code: 'no_summary', message: 'The model was asked for a summary and gave no words.' }
    return { kind: 'model.failed', key, attempt, body: { error, retryAt: null, spent } }
  }
  const { why, stretch, before } = sum
  const edits = stretch.edits(text)
  const figures = engine.model.figures?.(held(state).card.model)
  const estimate = charged(estimateOf(conversation(state), edits, before, figures), spent.costNano)
  const body = { way: 'summary', why, edits, estimate, asked, model: reply.model, spent } as const
  return { kind: 'history.compacted', key, attempt, body }
}

/** What the summary was charged is known by now. */
function charged({ costNano, ...estimate }: CompactionEstimate, spentNano: NanoUsd | undefined): CompactionEstimate {
  if (costNano === undefined || spentNano === undefined)
    return { ...estimate, ...(costNano !== undefined && { costNano }) }
  return { ...estimate, costNano: costNano + spentNano }
}

function spentOf({ usage, costNano }: ModelReply): Spent {
  return { ...(usage && { usage }), ...(costNano !== undefined && { costNano }) }
}

/** The run as it would stand if a user asked for the summary where the stretch ends. */
function summing(state: AgentState, { how, stretch }: SumUp['sum']): AgentState {
  const holder = held(state)
  const { model = holder.card.model, maxTokens: maxOutputTokens, instructions } = how
  const items: Item[] = [...conversation(state).slice(0, stretch.to), { kind: 'user', text: instructions }]
  return {
    ...state,
    holder: { ...holder, card: { ...holder.card, model, maxOutputTokens, output: null } },
    items: append(emptyLog(), items),
    requestChain: `${state.requestChain} ${stretch.to} ${model} ${instructions}`,
    phase: ASK,
  }
}
