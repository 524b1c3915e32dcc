import type { CallItem, Finish, ModelReply, ReplyItem, Usage } from '@reprise/core'
import type { ChatCompletion, ChatCompletionMessage } from 'openai/resources/chat/completions'
import type { CompletionUsage } from 'openai/resources/completions'
import type { ReplyContext } from '../ask/dialect.ts'
import { replyCost } from '../catalog/reply-cost.ts'
import { emptyReply, saysNothing } from '../errors/empty-reply.ts'
import { CallFold } from './call-fold.ts'
import { type Said, thoughtsIn, type WireMessage, wordsIn } from './said.ts'

/** What a reply in one piece says. */
export function saidBy({ id, model, service_tier: tier, choices, usage }: ChatCompletion): Said {
  const [choice] = choices
  const message = (choice?.message ?? {}) as ChatCompletionMessage & WireMessage
  return {
    id,
    model,
    tier,
    thoughts: thoughtsIn(message),
    text: wordsIn(message),
    refusal: message.refusal ?? '',
    calls: callsOf(message),
    finish: choice?.finish_reason,
    usage: usageOf(usage),
  }
}

/**
 * What was said as a reply.
 *
 * @throws ModelError when that is nothing at all.
 */
export function toReply(said: Said, context: ReplyContext): ModelReply {
  const { id, text, refusal, thoughts, calls, usage, tier } = said
  const model = said.model || context.model
  const items: ReplyItem[] = [
    ...(thoughts ? [{ kind: 'reasoning', ...thoughts } as const] : []),
    ...(text === '' ? [] : [{ kind: 'assistant', text } as const]),
    ...(refusal === '' ? [] : [{ kind: 'refusal', text: refusal } as const]),
    ...calls,
  ]
  const finish = finishOf(said.finish)
  if (finish === 'stop' && saysNothing(items)) throw emptyReply({ model, responseId: id, usage }, context)
  const cost = usage && replyCost({ model, tier, items, usage }, context)
  return {
    items,
    finish,
    ...(usage && { usage }),
    ...(cost === undefined ? {} : { costNano: cost }),
    model,
    responseId: id,
    ...(context.requestId === undefined ? {} : { requestId: context.requestId }),
  }
}

/** Usage, which some servers leave out, or give in part. */
export function usageOf(usage: CompletionUsage | null | undefined): Usage | undefined {
  if (typeof usage?.prompt_tokens !== 'number' || typeof usage.completion_tokens !== 'number') return undefined
  const written = usage.prompt_tokens_details?.cache_write_tokens ?? 0
  return {
    inputTokens: usage.prompt_tokens,
    cachedTokens: usage.prompt_tokens_details?.cached_tokens ?? 0,
    ...(written > 0 && { cacheWriteTokens: written }),
    outputTokens: usage.completion_tokens,
    reasoningTokens: usage.completion_tokens_details?.reasoning_tokens ?? 0,
  }
}

/** Calls come with `stop` too where the choice of tool was forced; other words for it are servers' own. */
function finishOf(reason: string | null | undefined): Finish {
  if (reason === 'content_filter') return 'content-filter'
  return reason === 'length' || reason === 'max_tokens' ? 'length' : 'stop'
}

function callsOf(message: ChatCompletionMessage): readonly CallItem[] {
  const fold = new CallFold()
  for (const call of message.tool_calls ?? []) fold.begin(call)
  const { function_call: only } = message
  if (only?.name) fold.begin({ function: only })
  return fold.calls
}
