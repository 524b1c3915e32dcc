// The entry by which a turn of a session goes on from another. take-up.ts and runtime/start/starter.ts write it, once the turn
// before has ended, and before anything else happens in the turn. Pure.
import { renderInstructions } from '../../agent/decide/instructions.ts'
import { closingItems } from '../../agent/state/closing.ts'
import { held } from '../../agent/state/fold.ts'
import type { Before } from '../../agent/state/state.ts'
import type { AgentSnapshot, Draft } from '../../contracts/entry.ts'
import type { Plan } from '../../define/plan.ts'
import { RUN_KEY } from '../../journal/keys.ts'
import type { Json } from '../../values/json.ts'
import { hashOf } from '../chains.ts'

/**
 * How a turn goes on from another.
 *
 * @param own the id of its run.
 * @param context of the turn that goes on.
 * @throws what the instructions of the agent throw that goes on.
 */
export function joinDraft(own: string, { runId, state }: Before, plan: Plan, context: Json): Draft {
  const closed = closingItems(state)
  const holder = holderAfter(state, plan, context)
  const place = { of: runId, seq: state.seq, hash: hashOf(state) }
  const ending = state.heard.find(({ run }) => run === own)?.ending
  const heard = ending && { heard: { run: own, ending } }
  const body = { ...place, ...(holder && { holder }), ...(closed.length > 0 && { closed }), ...heard }
  return { kind: 'history.joined', key: RUN_KEY, attempt: 1, body }
}

/** Whoever had the conversation goes on with it, as it reads today; where it is gone, the entry does. */
function holderAfter(state: Before['state'], plan: Plan, context: Json): AgentSnapshot | undefined {
  const { agent } = held(state).card
  const agentPlan = agent === plan.entry ? undefined : plan.agents.get(agent)
  return agentPlan && { card: agentPlan.card, instructions: renderInstructions(agentPlan.agent, context) }
}
