import type { Effort } from '../../agent/decide/action.ts'
import { agentPlanOf } from '../../agent/decide/decide.ts'
import { held } from '../../agent/state/fold.ts'
import { openChildren } from '../../agent/decide/of-calls.ts'
import { turnsLeft } from '../../agent/decide/over-budget.ts'
import type { AgentState } from '../../agent/state/state.ts'
import type { Draft } from '../../contracts/entry.ts'
import type { Rewound } from '../../contracts/rewound.ts'
import type { RunRow } from '../../contracts/run.ts'
import type { Plan } from '../../define/plan.ts'
import type { Secrets } from '../../journal/secrets.ts'
import type { Spent } from '../../values/spent.ts'
import { askModel } from '../effort/ask-model.ts'
import { boundOf, landedWithin, within } from '../effort/bound.ts'
import { readMemory, type Remembered } from '../effort/memory.ts'
import { reconcile } from '../effort/reconcile.ts'
import type { RestingChild } from '../effort/run-child-tool.ts'
import { runTool, type Transaction } from '../effort/run-tool.ts'
import { sumUp } from '../effort/sum-up.ts'
import type { Engine } from '../engine.ts'

/** What an effort of an agent's run comes to. */
export type Landing = Draft | Transaction | RestingChild | Remembered

/** What is known so far of an ask that is under way. */
export interface Asking {
  /** What the model has said of its reply. */
  said: string
  /** What it may have cost, once it was given up for a cancel. */
  spent: Spent | undefined
}

/** Of what run an effort is. */
export interface PerformParts {
  readonly engine: Engine
  readonly row: RunRow
  readonly plan: Plan
  readonly state: AgentState
  readonly worked: boolean
  readonly secrets: Secrets
  /** All call ids of the run so far. */
  readonly callIds: Set<string>
  readonly asking: Asking
  /** The child that the run goes on with at a key instead of the one that it began. */
  readonly rewoundAt: (key: string) => Rewound | undefined
  /** Takes what is to be written before the effort is over. */
  readonly report: (draft: Draft) => void
}

/** Asks the model, runs a tool, or asks a tool whether a call in doubt happened. */
export function perform(parts: PerformParts, effort: Effort, signal: AbortSignal): Promise<Landing | undefined> {
  const { engine, row, plan, state, worked, asking } = parts
  const { context, effects, depth } = state
  const { model } = held(state).card
  switch (effort.kind) {
    case 'ask':
      return askModel({
        engine,
        runId: row.id,
        state,
        ask: effort,
        seen: parts.callIds,
        agentPlan: agentPlanOf(state, plan),
        secrets: parts.secrets,
        signal,
        onSaid: (text) => (asking.said = text),
        onSpent: (spent) => (asking.spent = spent),
        report: parts.report,
      })
    case 'compact':
      return sumUp(
        {
          engine,
          runId: row.id,
          state,
          agentPlan: agentPlanOf(state, plan),
          secrets: parts.secrets,
          signal,
          onSpent: (spent) => (asking.spent = spent),
        },
        effort,
      )
    case 'call':
      return runTool(
        engine,
        {
          ...row,
          effects,
          depth,
          turnsLeft: shareOf(state, plan),
          worked,
          contexts: plan.contexts,
          rewoundAt: parts.rewoundAt,
        },
        effort,
        context,
        signal,
      ).then((landing) => landedWithin(landing, boundOf(engine.model, effort.tool, model)))
    case 'read-memory':
      return readMemory(engine, row, state, effort, parts.secrets)
    case 'reconcile':
      return reconcile(engine, row, effort, context, signal).then((draft) =>
        within(draft, boundOf(engine.model, effort.tool, model)),
      )
    default:
      return effort satisfies never
  }
}

/** The calls of agents and workflows of one reply share the turns that are left in equal parts. */
function shareOf(state: AgentState, plan: Plan): number {
  return Math.floor(turnsLeft(state, plan) / Math.max(1, openChildren(state, plan).length))
}
