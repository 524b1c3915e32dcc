// The texts of agents that read otherwise today than where they were recorded (invariant 5).
import type { Entry, AgentSnapshot } from '../../contracts/entry.ts'
import type { AgentCard, ToolCard } from '../../contracts/model.ts'
import type { AnyAgent } from '../../define/agent.ts'
import type { Plan } from '../../define/plan.ts'
import { withoutRules } from '../../define/rule-words.ts'
import { handoffName } from '../../define/team.ts'
import { messageOf } from '../../values/errors.ts'
import { renderInstructions } from '../decide/instructions.ts'
import { asEdited, editedInstructions } from '../state/edits.ts'
import { held } from '../state/fold.ts'
import type { AgentState } from '../state/state.ts'

/**
 * A text, or the verdict of an approval, that was recorded and is another today. A run goes on with the recorded one; with a
 * text unless it adopts.
 */
export interface TextDifference {
  readonly seq: number
  readonly agent: string
  /**
   * `instructions`, whose words the two sides are; `entry`, whom the run begins with; or a field of the agent's card, or
   * `approval of` a tool, or `history of` a handoff: JSON, or `absent`.
   */
  readonly field: string
  readonly recorded: string
  readonly today: string
}

/** A run goes on with whom it has begun with, as long as today's code has that agent. */
export function beginsOtherwise({ seq }: Entry, state: AgentState, { entry }: Plan): TextDifference {
  const { agent } = held(state).card
  return { seq, agent, field: 'entry', recorded: agent, today: entry }
}

/** An agent as today's code, and what was edited in a fork, would let it take a run over; undefined where today's code has no such agent. */
export function todaysSnapshot(state: AgentState, plan: Plan): AgentSnapshot | undefined {
  const agentPlan = plan.agents.get(held(state).card.agent)
  if (!agentPlan) return undefined
  const instructions = todaysInstructions(agentPlan.agent, state, plan)
  return asEdited({ card: agentPlan.card, instructions }, state.edits)
}

/** A run that goes on with what it has recorded is not kept from that by what would fail today. */
function todaysInstructions(agent: AnyAgent, { context, edits }: AgentState, { onChange }: Plan): string {
  try {
    return editedInstructions(edits, agent.name) ?? renderInstructions(agent, context)
  } catch (error) {
    if (onChange !== 'pin') throw error
    return messageOf(error)
  }
}

/** Names each text of a holding that reads otherwise today. */
export function textDifferences(seq: number, recorded: AgentSnapshot, state: AgentState, plan: Plan): TextDifference[] {
  const today = todaysSnapshot(state, plan)
  if (!today) return []
  const { agent } = recorded.card
  const before = withoutOwnWords(recorded.card, plan)
  const now = withoutOwnWords(today.card, plan)
  const fields = Object.keys({ ...before, ...now }) as (keyof AgentCard)[]
  const pairs = [
    ['instructions', recorded.instructions, today.instructions] as const,
    ...fields.map((field) => [field, say(before[field]), say(now[field])] as const),
  ]
  return pairs.flatMap(([field, was, is]) => (was === is ? [] : { seq, agent, field, recorded: was, today: is }))
}

/**
 * What a handoff is called is the user's; how it is described, where its user says nothing of it, is the framework's own wording
 * (invariant 4), as is what is said of rules.
 */
function withoutOwnWords(card: AgentCard, { agents }: Plan): AgentCard {
  const handoffs = new Set([...agents.keys()].map(handoffName))
  const ways = agents.get(card.agent)?.ways
  const isOwn = (name: string): boolean => handoffs.has(name) && ways?.get(name)?.description === undefined
  const own = ({ name, description }: ToolCard): string => (isOwn(name) ? '' : withoutRules(description))
  return { ...card, tools: card.tools.map((tool) => ({ ...tool, description: own(tool) })) }
}

/** A field may be absent on one of the two sides. */
function say(value: unknown): string {
  return JSON.stringify(value) ?? 'absent'
}
