import { ModelError, type ReplyItem, type Spent, type Usage } from '@reprise/core'

/** Tells whether a reply has neither words nor a refusal nor a call: thoughts alone are no answer. */
export function saysNothing(items: readonly ReplyItem[]): boolean {
  return items.every((item) => item.kind === 'reasoning' || item.kind === 'hosted')
}

/** The error of a reply that says nothing, and was charged all the same. */
export function emptyReply(
  { model, responseId, usage }: { model: string; responseId: string; usage: Usage | undefined },
  spent: Spent | 'unknown',
  { requestId, accepted }: { requestId: string | undefined; accepted: boolean },
): ModelError {
  const message = `Model "${model}" gave an empty reply (${responseId}). Expected words, a refusal or a call. Ask again.`
  const details = { responseId, requestId, ...(usage && { usage: { ...usage } }), ...(accepted && { ended: true }) }
  return new ModelError({ code: 'empty_reply', message, retryable: true, details, spent })
}
