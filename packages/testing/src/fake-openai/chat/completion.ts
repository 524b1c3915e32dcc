import { argumentsText } from '../../scripted-reply.ts'
import type { WireUsage } from '../prompt/usage.ts'
import type { ReplyParts } from '../responses/response.ts'

/** A call as Chat Completions sends it. */
export interface WireChatCall {
  readonly id: string
  readonly type: 'function'
  readonly function: { readonly name: string; readonly arguments: string }
}

/** A reply as an object of Chat Completions. */
export function completionOf(parts: ReplyParts): object {
  const { text, refusal } = parts.reply
  const calls = chatCalls(parts)
  const message = {
    role: 'assistant',
    content: text ? text : null,
    ...(calls.length > 0 && { tool_calls: calls }),
    refusal: refusal ?? null,
    annotations: [],
  }
  return {
    ...headOf(parts, 'chat.completion'),
    choices: [{ index: 0, message, logprobs: null, finish_reason: finishReason(parts) }],
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

/** The calls of a reply. */
export function chatCalls({ reply: { calls = [] }, id }: ReplyParts): WireChatCall[] {
  return calls.map((call, index) => {
    const { name, callId = id('call', index) } = call
    return { id: callId, type: 'function', function: { name, arguments: argumentsText(call) } }
  })
}

/** Why a reply ended. */
export function finishReason({ reply: { finish = 'stop', calls = [] } }: ReplyParts): string {
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
