// What is tried on a recording: today's code with the texts that were recorded, or with its own, and the model that is asked
// in the place of theirs. Pure.
import type { AgentSnapshot, AgentStart, Draft } from '../../contracts/entry.ts'
import type { ModelSettings } from '../../contracts/model.ts'
import type { AgentPlan, Plan } from '../../define/plan.ts'
import { agentStart } from '../begin/begin.ts'
import { pinCard } from '../begin/changes.ts'
import type { Recording } from './recording.ts'

/** What is tried. */
export interface Candidate {
  readonly texts: 'recorded' | 'definitions'
  readonly model?: string | undefined
  /** Undefined takes a setting away. */
  readonly settings?: { readonly [K in keyof ModelSettings]?: ModelSettings[K] | undefined } | undefined
}

/** How the candidate's run begins. Throws what the instructions of a definition throw. */
export function candidateStart(candidate: Candidate, { start }: Recording, plan: Plan): AgentStart {
  if (candidate.texts === 'recorded') return { ...start, ...candidateSnapshot(candidate, start, plan) }
  const own = agentStart(plan, start)
  return { ...start, ...own, ...candidateSnapshot(candidate, own, plan) }
}

/** How the candidate's run goes on from the turn before it, where it is one of a session. */
export function candidateJoin(candidate: Candidate, { join }: Recording, plan: Plan): Draft | undefined {
  if (!join) return undefined
  const { holder, ...body } = join.body
  const snapshot = holder && candidateSnapshot(candidate, holder, plan)
  return { kind: join.kind, key: join.key, attempt: 1, body: { ...body, ...(snapshot && { holder: snapshot }) } }
}

/**
 * An agent that is handed the candidate's run: as it was recorded, where it was handed that one too.
 *
 * @param nth how often it was handed the run before.
 */
export function candidateHolder(
  candidate: Candidate,
  { handed }: Recording,
  nth: number,
  today: AgentSnapshot,
  plan: Plan,
): AgentSnapshot {
  const recorded = candidate.texts === 'recorded' ? handed.get(today.card.agent) : undefined
  return candidateSnapshot(candidate, recorded?.[nth] ?? recorded?.at(-1) ?? today, plan)
}

/** An agent as the candidate has it: of what is recorded, words hold, and schemas are those of today's code. */
export function candidateSnapshot(
  candidate: Candidate,
  { card, instructions }: AgentSnapshot,
  plan: Plan,
): AgentSnapshot {
  const { model, settings } = candidate
  const today = plan.agents.get(card.agent)?.card
  const own = today ? pinCard(card, today) : card
  const given = { ...own, ...(model !== undefined && { model }), settings: settingsWith(own.settings, settings) }
  return { card: given, instructions }
}

function settingsWith(own: ModelSettings, others: Candidate['settings']): ModelSettings {
  if (!others) return own
  const merged = Object.entries({ ...own, ...others }).filter(([, value]) => value !== undefined)
  // What was taken away is not there.
  return Object.fromEntries(merged) as ModelSettings
}

/** A plan whose budget begins after the turns and handoffs that a fork took over. */
export function planAfterFork(plan: Plan, { turnsTaken, handoffsTaken }: Recording): Plan {
  if (turnsTaken === 0) return plan
  const agents = [...plan.agents].map(([name, { agent, ...agentPlan }]): [string, AgentPlan] => {
    const turns = agent.turns === undefined ? undefined : agent.turns + turnsTaken
    const handoffs = agent.handoffs === undefined ? undefined : agent.handoffs + handoffsTaken
    return [name, { ...agentPlan, agent: { ...agent, turns, handoffs } }]
  })
  return { ...plan, turns: plan.turns + turnsTaken, handoffs: plan.handoffs + handoffsTaken, agents: new Map(agents) }
}
