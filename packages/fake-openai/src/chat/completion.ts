import { argumentsText } from '../script/reply-text.ts'
import type { WireUsage } from '../prompt/usage.ts'
import { customNames, type ReplyParts } from '../reply/response.ts'
import type { FakeReply } from '../script/script.ts'

/** A call as Chat Completions sends it: of a function, or of a custom tool. */
export type WireChatCall =
  | { readonly id: string; readonly type: 'function'; readonly function: { name: string; arguments: string } }
  | { readonly id: string; readonly type: 'custom'; readonly custom: { name: string; input: string } }

/** One of the replies to a request. */
export interface Choice {
  readonly index: number
  readonly reply: FakeReply
  readonly calls: readonly WireChatCall[]
}

/** The replies to a request, as many as it asks for. */
export function choicesOf(parts: ReplyParts): readonly Choice[] {
  return [parts.reply, ...parts.others].map((reply, index) => ({ index, reply, calls: chatCalls(reply, index, parts) }))
}

/** The replies to a request as an object of Chat Completions. */
export function completionOf(parts: ReplyParts): object {
  return {
    ...headOf(parts, 'chat.completion'),
    choices: choicesOf(parts).map((choice) => {
      const { index, reply, calls } = choice
      const message = {
        role: 'assistant',
        content: reply.text ? reply.text : null,
        ...(calls.length > 0 && { tool_calls: calls }),
        refusal: reply.refusal ?? null,
        annotations: [],
      }
      return { index, message, logprobs: null, finish_reason: finishReason(reply) }
    }),
    usage: chatUsage(parts.usage),
    ...tailOf(parts),
  }
}

/** What an object and a chunk begin with. */
export function headOf({ id, createdAt, model }: ReplyParts, object: string): object {
  return { id: id('chatcmpl'), object, created: createdAt, model: model.snapshot }
}

/** What every one of them has besides. */
export function tailOf({ body }: ReplyParts): object {
  const tier = body.service_tier && body.service_tier !== 'auto' ? body.service_tier : 'default'
  return { service_tier: tier, system_fingerprint: 'fp_fake' }
}

/** How many calls of one reply have ids of their own. */
const CALLS = 1000

function chatCalls({ calls = [] }: FakeReply, choice: number, { id, body }: ReplyParts): WireChatCall[] {
  const custom = customNames(body)
  return calls.map((call, index) => {
    const { name, callId = id('call', choice * CALLS + index) } = call
    const written = argumentsText(call)
    return custom.has(name)
      ? { id: callId, type: 'custom', custom: { name, input: written } }
      : { id: callId, type: 'function', function: { name, arguments: written } }
  })
}

/** Why a reply ended. */
export function finishReason({ finish = 'stop', calls = [] }: FakeReply): string {
  if (finish === 'stop') return calls.length > 0 ? 'tool_calls' : 'stop'
  return finish === 'length' ? 'length' : 'content_filter'
}

/** Usage in the words of Chat Completions. */
export function chatUsage(usage: WireUsage): object {
  return {
    prompt_tokens: usage.input_tokens,
    completion_tokens: usage.output_tokens,
    total_tokens: usage.total_tokens,
    prompt_tokens_details: {
      cached_tokens: usage.input_tokens_details.cached_tokens,
      audio_tokens: 0,
      ...(usage.input_tokens_details.cache_write_tokens > 0 && {
        cache_write_tokens: usage.input_tokens_details.cache_write_tokens,
      }),
    },
    completion_tokens_details: {
      reasoning_tokens: usage.output_tokens_details.reasoning_tokens,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  }
}
