// When a run has come to a limit of its budget, and how it ends. Pure.
import type { RunLimits } from '../../define/budget.ts'
import type { Plan } from '../../define/plan.ts'
import { RUN_KEY } from '../../journal/keys.ts'
import { type Counts, timesOf } from '../state/counts.ts'
import { held } from '../state/fold.ts'
import type { AgentState } from '../state/state.ts'
import type { Action } from './action.ts'

/** What a run is about to do that a budget bounds. */
type Next = 'ask' | 'hand over'

interface Limit {
  readonly before: Next
  readonly code: string
  /** How often the run has done it, each of its agents, and how often it may where its caller leaves it only so much. */
  readonly of: (state: AgentState) => { readonly total: number; readonly by: Counts; readonly left?: number }
  readonly say: (limit: number) => string
}

/** How a run ends that has come to a limit of its budget, by limit. */
const LIMITS: { readonly [K in keyof RunLimits]: Limit } = {
  turns: {
    before: 'ask',
    code: 'out_of_turns',
    of: ({ totals, turnsBy }) => ({ total: totals.turns, by: turnsBy }),
    say: (limit) =>
      `has had all of its ${limit} turns without an answer. Raise budget.turns, or look at the run for what keeps it busy.`,
  },
  handoffs: {
    before: 'hand over',
    code: 'out_of_handoffs',
    of: ({ handoffsBy }) => ({ total: handoffsBy.reduce((sum, [, times]) => sum + times, 0), by: handoffsBy }),
    say: (limit) =>
      `has made all of its ${limit} handoffs without an answer. Let whoever is handed the run answer it, or raise budget.handoffs.`,
  },
  totalTurns: {
    before: 'ask',
    code: 'out_of_turns',
    of: ({ totals, turnsBelow, turnsLeft }) => ({
      total: totals.turns + turnsBelow,
      by: [],
      ...(turnsLeft !== null && { left: turnsLeft }),
    }),
    say: (limit) =>
      `has had all of the ${limit} turns that it shares with the runs below it, without an answer. Raise budget.totalTurns, of whoever called it where that left it too few.`,
  },
}
const KINDS = Object.keys(LIMITS) as (keyof RunLimits)[]

/** How many turns a run may still have, with those below it; Infinity where nobody has said. */
export function turnsLeft({ totals, turnsBelow, turnsLeft: left }: AgentState, plan: Plan): number {
  return Math.max(0, Math.min(plan.totalTurns, left ?? Infinity) - totals.turns - turnsBelow)
}

/** How a run ends that has come to a limit and would go on; undefined where it may. */
export function overBudget(state: AgentState, plan: Plan, next: Next): Action | undefined {
  const { agent } = held(state).card
  for (const kind of KINDS) {
    const { before, code, of, say } = LIMITS[kind]
    // A journal of the first format knew no bound but that of its turns.
    if (before !== next || (kind !== 'turns' && state.format === 1)) continue
    const { total, by, left = Infinity } = of(state)
    const most = Math.min(plan[kind], left)
    const own = plan.agents.get(agent)?.agent[kind] ?? Infinity
    if (total < most && timesOf(by, agent) < own) continue
    const limit = total >= most ? most : own
    const who = limit === most ? `The run of ${plan.ref.kind} "${plan.ref.name}"` : `Agent "${agent}"`
    const error = { code, message: `${who} ${say(limit)}`, details: { limit } }
    return {
      kind: 'record',
      draft: { kind: 'run.failed', key: RUN_KEY, attempt: 1, body: { outcome: 'over-budget', error } },
    }
  }
  return undefined
}
