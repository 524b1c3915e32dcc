// How agents were made to go on in a fork, beside what today's code says of them: each stands in `run.forked`, and holds for
// as long as the fork goes on, so that no later resume takes today's text back.
import type { AgentEdit, AgentSnapshot, RecordedEdit } from '../../contracts/entry.ts'

/** The edits of agents that hold after those of one more fork: a later one of the same agent and kind takes an earlier's place. */
export function editsAfter(before: readonly AgentEdit[], edits: readonly RecordedEdit[] = []): readonly AgentEdit[] {
  const more = edits.filter((edit): edit is AgentEdit => 'agent' in edit)
  const isReplaced = (old: AgentEdit): boolean =>
    more.some(({ kind, agent }) => kind === old.kind && agent === old.agent)
  return more.length === 0 ? before : [...before.filter((old) => !isReplaced(old)), ...more]
}

/** The instructions that an agent was made to go on with; undefined where they are those of its definition. */
export function editedInstructions(edits: readonly AgentEdit[], agent: string): string | undefined {
  for (const edit of edits) if (edit.kind === 'instructions' && edit.agent === agent) return edit.instructions
  return undefined
}

/** An agent as it goes on where it was edited. */
export function asEdited({ card, instructions }: AgentSnapshot, edits: readonly AgentEdit[]): AgentSnapshot {
  const model = edits.find((edit) => edit.kind === 'model' && edit.agent === card.agent)
  return {
    card: model?.kind === 'model' ? { ...card, model: model.model } : card,
    instructions: editedInstructions(edits, card.agent) ?? instructions,
  }
}
