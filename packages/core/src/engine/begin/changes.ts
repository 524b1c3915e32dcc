// What a resumed run does with text that reads otherwise today (invariant 5): pin, adopt or stop. take-up.ts and
// fork.ts call this once the journal was walked and no other path was found, and write what it gives. Pure.
import { held } from '../../agent/state/fold.ts'
import type { AgentState } from '../../agent/state/state.ts'
import { type TextDifference, textDifferences, todaysSnapshot } from '../../agent/walk/text-differences.ts'
import type { Draft, AgentSnapshot } from '../../contracts/entry.ts'
import type { AgentCard } from '../../contracts/model.ts'
import type { Plan } from '../../define/plan.ts'
import { RUN_KEY } from '../../journal/keys.ts'
import { DivergenceError } from '../../values/errors.ts'

/**
 * What is written of changed text before a run goes on.
 *
 * @throws DivergenceError where the definition says `stop`.
 */
export function changeDrafts(runId: string, state: AgentState, plan: Plan): Draft[] {
  const change = changeOf(state, plan)
  if (!change) return []
  const { recorded, today, difference } = change
  switch (plan.onChange) {
    case 'adopt':
      // Two versions may run side by side: the older does not take back what the newer has brought.
      return today.card.version < recorded.card.version ? pinned(recorded, today) : [changed(today)]
    case 'pin':
      return pinned(recorded, today)
    case 'stop':
      throw stopped(runId, difference)
    default:
      return plan.onChange satisfies never
  }
}

/** What is written of changed text where a run goes on as today's code has it, whatever its definition says. */
export function adoptDrafts(state: AgentState, plan: Plan): Draft[] {
  const change = changeOf(state, plan)
  return change ? [changed(change.today)] : []
}

interface Change {
  readonly recorded: AgentSnapshot
  readonly today: AgentSnapshot
  readonly difference: TextDifference
}

function changeOf(state: AgentState, plan: Plan): Change | undefined {
  if (!state.holder || state.phase.kind === 'ended') return undefined
  const recorded = held(state)
  const today = todaysSnapshot(state, plan)
  const [difference] = textDifferences(state.seq, recorded, state, plan)
  return today && difference && { recorded, today, difference }
}

function pinned({ card, instructions }: AgentSnapshot, today: AgentSnapshot): Draft[] {
  const pinnedCard = pinCard(card, today.card)
  return pinnedCard === card ? [] : [changed({ card: pinnedCard, instructions })]
}

function changed(body: AgentSnapshot): Draft {
  return { kind: 'definition.changed', key: RUN_KEY, attempt: 1, body }
}

/** Whether what the model was told to send is what today's code takes. */
function acceptsAlike(recorded: AgentCard, today: AgentCard): boolean {
  const shape = ({ tools, output }: AgentCard): string =>
    JSON.stringify([tools.map(({ name, parameters }) => [name, parameters]), output?.schema])
  return shape(recorded) === shape(today)
}

/** Words are pinned; schemas are not, since it is today's code that takes what the model sends. */
export function pinCard(recorded: AgentCard, today: AgentCard): AgentCard {
  return acceptsAlike(recorded, today) ? recorded : { ...recorded, tools: today.tools, output: today.output }
}

function stopped(runId: string, { seq, agent, field, recorded, today }: TextDifference): DivergenceError {
  return new DivergenceError({
    code: 'text_changed',
    message:
      `The run "${runId}" does not go on, since its definition says onChange: 'stop' and the ${field} of "${agent}" reads otherwise today: ` +
      `it was ${JSON.stringify(recorded)}, and is ${JSON.stringify(today)}. Bring the old text back, or use 'pin' or 'adopt'.`,
    details: { runId, seq, agent, field, recorded, today },
  })
}
