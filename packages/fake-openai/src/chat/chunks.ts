import { pieces, piecesOf } from '../script/reply-text.ts'
import type { ReplyParts } from '../reply/response.ts'
import { type Choice, chatUsage, choicesOf, finishReason, headOf, tailOf, type WireChatCall } from './completion.ts'

/** The chunks of a streamed reply as they are sent, in the platform's order; those of several replies take turns. */
export function chunksOf(parts: ReplyParts, includeUsage: boolean): string[] {
  const { failure } = parts.reply
  const frame = (choices: readonly object[], usage: object | null = null): object => ({
    ...headOf(parts, 'chat.completion.chunk'),
    ...tailOf(parts),
    choices,
    ...(includeUsage && { usage }),
  })
  const chunk = (index: number, delta: object, finish: string | null = null): object =>
    frame([{ index, delta, logprobs: null, finish_reason: finish }])
  const choices = choicesOf(parts)
  const deltas = inTurns(choices.map((choice) => [...deltasOf(choice)].map((delta) => chunk(choice.index, delta))))
  if (failure) return [...deltas, errorChunk(failure)].map(event)
  const ends = choices.map(({ index, reply }) => chunk(index, {}, finishReason(reply)))
  const usage = includeUsage ? [frame([], chatUsage(parts.usage))] : []
  return [...[...deltas, ...ends, ...usage].map(event), 'data: [DONE]\n\n']
}

function inTurns(lists: readonly (readonly object[])[]): object[] {
  const longest = Math.max(...lists.map(({ length }) => length))
  return Array.from({ length: longest }, (_, turn) => lists.flatMap((list) => list[turn] ?? [])).flat()
}

function* deltasOf({ reply, calls }: Choice): Generator<object, void, undefined> {
  const { text = '', refusal = '', deltas } = reply
  const opening = { role: 'assistant', content: text === '' ? null : '', refusal: null }
  // A reply of calls alone begins with the first of them.
  const first = text === '' && refusal === '' ? calls[0] : undefined
  yield first ? { ...opening, tool_calls: [{ index: 0, ...opened(first) }] } : opening
  for (const delta of pieces(text, deltas)) yield { content: delta }
  for (const delta of pieces(refusal, deltas)) yield { refusal: delta }
  for (const [index, call] of calls.entries()) {
    if (call !== first) yield { tool_calls: [{ index, ...opened(call) }] }
    const all = call.type === 'custom' ? call.custom.input : call.function.arguments
    for (const delta of piecesOf(all, Math.ceil(all.length / 16)))
      yield { tool_calls: [{ index, ...more(call, delta) }] }
  }
}

/** A call before anything is written into it. */
function opened(call: WireChatCall): object {
  if (call.type === 'custom') return { ...call, custom: { ...call.custom, input: '' } }
  return { ...call, function: { ...call.function, arguments: '' } }
}

function more({ type }: WireChatCall, delta: string): object {
  return type === 'custom' ? { custom: { input: delta } } : { function: { arguments: delta } }
}

function errorChunk({ code, message }: { readonly code: string; readonly message: string }): object {
  return { error: { message, type: code, param: null, code } }
}

function event(data: object): string {
  return `data: ${JSON.stringify(data)}\n\n`
}
