// Takes a journal up again under today's code: the state it comes to, the first place where today's code would have
// gone another way, and the texts that have changed (invariant 5). Pure; resume and replay stand on it.
import type { AgentSnapshot, Entry } from '../../contracts/entry.ts'
import type { Plan } from '../../define/plan.ts'
import type { Divergence } from '../../journal/divergence.ts'
import { DivergenceError, RepriseError } from '../../values/errors.ts'
import type { Action } from '../decide/action.ts'
import { decide } from '../decide/decide.ts'
import { BAD_INSTRUCTIONS } from '../decide/instructions.ts'
import { callAt } from '../state/calls-of.ts'
import { emptyState, fold, held } from '../state/fold.ts'
import type { AgentState } from '../state/state.ts'
import { agrees, records } from './agrees.ts'
import { describeAction, describeEntry } from './describe.ts'
import { isHandedOver, movesOtherwise } from './handed-over.ts'
import { type Holds, isHeld, judgeAgain, judgedBy, presume } from './judge-again.ts'
import { isOfItsPlace } from './kinds.ts'
import { beginsOtherwise, type TextDifference, textDifferences } from './text-differences.ts'

/** What a walk through a journal found. */
export interface Walk {
  /** After the last entry that agrees. */
  readonly state: AgentState
  readonly divergence: Divergence | null
  readonly differences: readonly TextDifference[]
}

/**
 * Walks through a journal from its beginning.
 *
 * @param verdicts whether calls are judged again, each over what was recorded before it, and rules that say otherwise part
 * the ways; or the verdicts hold as they are recorded (invariant 6).
 * @param before how the turn has ended that it goes on from.
 */
export function walk(
  entries: readonly Entry[],
  plan: Plan,
  verdicts: 'judged again' | 'as recorded' = 'judged again',
  before: AgentState | null = null,
): Walk {
  const differences: TextDifference[] = []
  let state = emptyState({ remembers: plan.remembers, before })
  for (const entry of entries) {
    const judged = judgedBy(state, entry)
    const again = judged && verdicts === 'judged again' ? judgeAgain(state, judged, entry, plan) : 'alike'
    if (typeof again === 'object') differences.push(again)
    const holds = { verdict: again !== 'otherwise', rest: verdicts === 'as recorded' }
    const divergence = diverges(judged && holds.verdict ? presume(state, judged, entry) : state, entry, plan, holds)
    if (divergence) return { state, divergence, differences }
    const prior = state
    state = fold(state, entry)
    const snapshot = snapshotIn(entry)
    if (snapshot) differences.push(...textDifferences(entry.seq, snapshot, state, plan))
    if (entry.kind === 'handoff.made') differences.push(...movesOtherwise(prior, entry, plan))
    if (entry.kind === 'run.started' && held(state).card.agent !== plan.entry)
      differences.push(beginsOtherwise(entry, state, plan))
  }
  return { state, divergence: null, differences }
}

/** An agent as it took the run over, where it did so by an entry. */
function snapshotIn(entry: Entry): AgentSnapshot | undefined {
  if (entry.kind === 'history.joined') return entry.body.holder
  return 'card' in entry.body ? entry.body : undefined
}

function diverges(state: AgentState, entry: Entry, plan: Plan, holds: Holds): Divergence | undefined {
  try {
    const actions = decide(state, plan)
    const agree = agrees(state, entry, actions) || isHeld(state, entry, plan, holds) || isHandedOver(state, entry, plan)
    if ((isOfItsPlace(entry, state) && agree) || restsForChild(state, entry, plan)) return undefined
    const here = actions.filter((action) => keyOf(action) === entry.key)
    const today = (here.length > 0 ? here : actions).map((action) => describeAction(action, state, plan))
    return { ...place(state, entry), today: today.join('; ') || 'nothing' }
  } catch (error) {
    if (!isOtherWay(error)) throw error
    return { ...place(state, entry), today: error.message }
  }
}

/** Instructions that throw when a run is handed over are no way that today's code goes. */
function isOtherWay(error: unknown): error is RepriseError {
  return RepriseError.is(error) && (error instanceof DivergenceError || error.code === BAD_INSTRUCTIONS)
}

function place(state: AgentState, entry: Entry): Omit<Divergence, 'today'> {
  const at = callAt(state, entry.key)
  const wrote = (at?.edited?.call ?? at?.call)?.arguments
  const recorded = describeEntry(entry, wrote && ` with ${wrote}`)
  return { seq: entry.seq, key: entry.key, recorded }
}

function keyOf(action: Action): string {
  if (action.kind === 'record') return action.draft.key
  return action.kind === 'wait' ? action.waiting.key : action.key
}

/** That a child waits for somebody stands in its own journal. */
function restsForChild(state: AgentState, entry: Entry, plan: Plan): boolean {
  return entry.kind === 'run.waiting' && records(decide(state, plan, { resting: (key) => key }), entry)
}
