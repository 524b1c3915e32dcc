import { emptyState, fold, held } from '../../agent/state/fold.ts'
import type { AgentState } from '../../agent/state/state.ts'
import type { Entry } from '../../contracts/entry.ts'
import type { AgentCard } from '../../contracts/model.ts'
import { type AnyDefinition, type Plan, planOf } from '../../define/plan.ts'
import { callIdsOf } from '../effort/call-ids.ts'
import type { Turn } from '../chains.ts'
import type { Engine } from '../engine.ts'
import type { RunParts } from './run-session.ts'
import { Session } from './session.ts'
import { WorkflowSession } from './workflow-session.ts'

/** A run as it stands before it is driven. */
export interface StandingRun extends RunParts {
  readonly definition: AnyDefinition
  /** All entries so far, the first among them. */
  readonly entries: readonly Entry[]
  /** Of an agent's run, where more was added than its entries. @default what its entries come to */
  readonly state?: AgentState
  /** Of a turn of a session, what it goes on from. */
  readonly before?: Turn | undefined
}

/** Makes the session that drives a run under a definition. */
export function sessionOf(engine: Engine, run: StandingRun): Session | WorkflowSession {
  const { definition, entries, before } = run
  if (definition.kind === 'workflow') return new WorkflowSession(engine, { ...run, workflow: definition })
  const plan = planOf(definition)
  const state =
    run.state ??
    withPlansCard(entries.reduce(fold, emptyState({ remembers: plan.remembers, before: before?.state })), plan)
  return new Session(engine, { ...run, plan, state, callIds: callIdsOf(entries, before?.callIds) })
}

const texts = new WeakMap<AgentCard, string>()

/** Runs that have recorded the card of today's plan share it, instead of having one each. */
function withPlansCard(state: AgentState, plan: Plan): AgentState {
  const holder = held(state)
  const card = plan.agents.get(holder.card.agent)?.card
  if (!card) return state
  const text = texts.get(card) ?? JSON.stringify(card)
  texts.set(card, text)
  return text === JSON.stringify(holder.card) ? { ...state, holder: { ...holder, card } } : state
}
