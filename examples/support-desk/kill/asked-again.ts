import type { Entry } from '@reprise/core'
import type { Asked } from './logged-server.ts'

/**
 * Finds the questions that were asked again although their answer was in the journal. Conversations only grow, so a
 * run's replies and its different conversations, both in their order, belong together.
 */
export function askedAgain(runId: string, entries: readonly Entry[], asked: readonly Asked[]): string[] {
  const [started] = entries
  const ticket = started?.kind === 'run.started' ? started.body.input : undefined
  const own = Map.groupBy(
    asked.filter((ask) => ask.ticket === ticket),
    (ask) => ask.conversation,
  )
  const questions = [...own.values()].toSorted(([a], [b]) => (a?.length ?? 0) - (b?.length ?? 0))
  const replies = entries.filter((entry) => entry.kind === 'model.replied')
  if (questions.length !== replies.length)
    return [`${runId} has ${replies.length} replies to ${questions.length} questions.`]
  return replies.flatMap(({ at, key }, index) => {
    const late = questions[index]?.filter((ask) => ask.at > at) ?? []
    return late.length === 0 ? [] : [`${runId} asked for ${key} again, ${late.length} times, after it was answered.`]
  })
}
