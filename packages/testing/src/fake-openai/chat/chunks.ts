import { pieces, piecesOf } from '../../scripted-reply.ts'
import type { ReplyParts } from '../responses/response.ts'
import { chatCalls, chatUsage, finishReason, headOf, tailOf } from './completion.ts'

/** The chunks of a streamed reply as they are sent, in the platform's order. */
export function chunksOf(parts: ReplyParts, includeUsage: boolean): string[] {
  const { failure } = parts.reply
  const frame = (choices: readonly object[], usage: object | null = null): object => ({
    ...headOf(parts, 'chat.completion.chunk'),
    ...tailOf(parts),
    choices,
    ...(includeUsage && { usage }),
  })
  const choice = (delta: object, finish: string | null = null): object =>
    frame([{ index: 0, delta, logprobs: null, finish_reason: finish }])
  const deltas = [...deltasOf(parts)].map((delta) => choice(delta))
  if (failure) return [...deltas, errorChunk(failure)].map(event)
  return [
    ...[...deltas, choice({}, finishReason(parts)), ...(includeUsage ? [frame([], chatUsage(parts.usage))] : [])].map(
      event,
    ),
    'data: [DONE]\n\n',
  ]
}

function* deltasOf(parts: ReplyParts): Generator<object, void, undefined> {
  const { text = '', refusal = '', deltas } = parts.reply
  const calls = chatCalls(parts).map((call, index) => [call, index] as const)
  const opening = { role: 'assistant', content: text === '' ? null : '', refusal: null }
  // A reply of calls alone begins with the first of them.
  const [first] = text === '' && refusal === '' ? calls : []
  yield first ? { ...opening, tool_calls: [opened(...first)] } : opening
  for (const delta of pieces(text, deltas)) yield { content: delta }
  for (const delta of pieces(refusal, deltas)) yield { refusal: delta }
  for (const [call, index] of calls) {
    if (index > 0 || !first) yield { tool_calls: [opened(call, index)] }
    for (const delta of piecesOf(call.function.arguments, Math.ceil(call.function.arguments.length / 16)))
      yield { tool_calls: [{ index, function: { arguments: delta } }] }
  }
}

function opened(call: ReturnType<typeof chatCalls>[number], index: number): object {
  return { index, ...call, function: { ...call.function, arguments: '' } }
}

function errorChunk({ code, message }: { readonly code: string; readonly message: string }): object {
  return { error: { message, type: code, param: null, code } }
}

function event(data: object): string {
  return `data: ${JSON.stringify(data)}\n\n`
}
