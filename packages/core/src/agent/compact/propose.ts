// Whether the conversation is made shorter before the model is asked next, and how. It goes by what no journal says: how much
// the model reads, and what that costs today. So it is asked live alone; what came of it is an entry, which every later reader
// takes as it stands. Pure.
import type { EntryBodies } from '../../contracts/entry.ts'
import type { HistoryEdit } from '../../contracts/history.ts'
import type { ModelFigures } from '../../contracts/model.ts'
import { type Compact, DEFAULT_COMPACT } from '../../define/compact.ts'
import type { AgentPlan, Plan } from '../../define/plan.ts'
import { timesOf } from '../state/counts.ts'
import { conversation, held } from '../state/fold.ts'
import type { AgentState } from '../state/state.ts'
import { byFunction } from './by-function.ts'
import { requestSize } from './size.ts'
import { type Stretch, stretchOf } from './sum-up.ts'
import { trimmed } from './trim.ts'
import { estimateOf, type Summing, turnsToPay } from './worth.ts'

/** What is known of a model by its name. */
export type FiguresOf = (model: string) => ModelFigures | undefined

/** A summary that is to be written. */
export interface ToSumUp {
  readonly how: Extract<Compact, { way: 'summary' }>
  readonly why: EntryBodies['history.compacted']['why']
  readonly stretch: Stretch
  /** The tokens of the next request, as it stands. */
  readonly before: number
}

/** What is to be done: it is known already, or a model is to be asked. */
export type Proposal =
  | { readonly kind: 'ready'; readonly body: EntryBodies['history.compacted'] }
  | { readonly kind: 'summary'; readonly sum: ToSumUp }

/** What of a model's room is used: tokens are estimated, and a summary is asked for in the same room. */
const USED_ROOM = 0.95

/** What a summary is expected to be, of the most that it may be. */
const EXPECTED_SHARE = 0.6

/**
 * How the conversation is made shorter now; undefined where it stays as it is.
 *
 * @throws what `byFunction` throws.
 */
export function proposalOf(
  state: AgentState,
  plan: Plan,
  { agent }: AgentPlan,
  figuresOf: FiguresOf,
): Proposal | undefined {
  const { compact } = agent
  if (compact === false || !state.compacting) return undefined
  const { card } = held(state)
  const figures = figuresOf(card.model)
  const most = roomOf(figures, card.maxOutputTokens)
  const { whenTokens = Infinity } = compact
  if (most === Infinity && whenTokens === Infinity) return undefined
  const before = requestSize(state)
  const why = before > most ? 'window' : before > whenTokens ? 'threshold' : undefined
  if (why === undefined) return undefined
  const how = state.compacting.givenUp ? (why === 'window' ? DEFAULT_COMPACT : undefined) : compact
  if (!how) return undefined
  return make(
    { state, figures, before, why, room: Math.min(most, whenTokens), turns: turnsAhead(state, plan, agent.turns) },
    how,
  )
}

interface Making {
  readonly state: AgentState
  readonly figures: ModelFigures | undefined
  readonly before: number
  readonly why: EntryBodies['history.compacted']['why']
  /** The tokens that the request is to be within. */
  readonly room: number
  /** How many more requests may be expected. */
  readonly turns: number
}

function make(making: Making, how: Compact): Proposal | undefined {
  const { state } = making
  switch (how.way) {
    case 'trim':
      return ready(making, how.way, (keep) => trimmed(state, keep), how.keep)
    case 'function': {
      const of = `agent "${held(state).card.agent}"`
      return ready(making, how.way, () => byFunction(conversation(state), how.by, of), 1)
    }
    case 'summary':
      // Where there is nothing to sum up, and it must fit, what can be trimmed is.
      return toSumUp(making, how) ?? (making.why === 'window' ? make(making, DEFAULT_COMPACT) : undefined)
    default:
      return how satisfies never
  }
}

/** @param keep the most that is kept, and as much as can be where it does not fit. */
function ready(
  { state, figures, before, why, room, turns }: Making,
  way: Compact['way'],
  editsFor: (keep: number) => readonly HistoryEdit[],
  keep: number,
): Proposal | undefined {
  const items = conversation(state)
  const [first, last] = [editsFor(keep), editsFor(1)]
  const estimateFor = (edits: readonly HistoryEdit[]) => estimateOf(items, edits, before, figures)
  const edits = why === 'window' && estimateFor(first).after > room ? last : first
  const estimate = estimateFor(edits)
  if (edits.length === 0 || estimate.after >= before) return undefined
  if (why === 'threshold' && turnsToPay(estimate) > turns) return undefined
  return { kind: 'ready', body: { way, why, edits, estimate } }
}

function toSumUp({ state, figures, before, why, room, turns }: Making, how: ToSumUp['how']): Proposal | undefined {
  const items = conversation(state)
  const stretch = stretchOf(items, how.keepTokens ?? Math.floor(room / 4))
  if (!stretch) return undefined
  const writtenTokens = Math.round(how.maxTokens * EXPECTED_SHARE)
  const summing: Summing = { readTokens: before, writtenTokens }
  // A summary of about that length.
  const estimate = estimateOf(items, stretch.edits('word '.repeat(writtenTokens)), before, figures, summing)
  if (estimate.after >= before || (why === 'threshold' && turnsToPay(estimate, summing) > turns)) return undefined
  return { kind: 'summary', sum: { how, why, stretch, before } }
}

function roomOf(figures: ModelFigures | undefined, maxOutputTokens: number): number {
  const { inputTokens = Infinity, contextTokens = Infinity } = figures ?? {}
  return Math.floor(Math.min(inputTokens, Math.max(contextTokens - maxOutputTokens, contextTokens / 4)) * USED_ROOM)
}

/**
 * A run is expected to ask a quarter as often again as it has, as far as its budget lets it: how long it is to go on nobody knows,
 * and what does not pay in the end is lost.
 */
function turnsAhead({ totals, turnsBy, holder }: AgentState, plan: Plan, own = Infinity): number {
  const left = Math.min(plan.turns - totals.turns, own - timesOf(turnsBy, holder?.card.agent ?? ''))
  return Math.min(Math.floor(totals.turns / 4), left)
}
