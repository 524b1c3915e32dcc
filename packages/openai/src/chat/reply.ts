import type { CallItem, ModelReply, ReplyItem, Spent, Usage } from '@reprise/core'
import type { ChatCompletion, ChatCompletionMessage } from 'openai/resources/chat/completions'
import type { CompletionUsage } from 'openai/resources/completions'
import type { ReplyContext } from '../dialect/dialect.ts'
import { usageFrom } from '../dialect/usage.ts'
import { replyCost, spentOn } from '../catalog/reply-cost.ts'
import { brokenReply } from '../errors/bad-reply.ts'
import { emptyReply, saysNothing } from '../errors/empty-reply.ts'
import { eventError } from '../errors/event-error.ts'
import { CallFold } from './call-fold.ts'
import { extraOfMessage } from './extra.ts'
import { endedBy, isBroken } from '../dialect/finish.ts'
import { type Said, thoughtsIn, type WireMessage, wordsIn } from './said.ts'

/**
 * What a reply in one piece says.
 *
 * @throws ModelError where its choice is an error.
 */
export function saidBy({ id, model, service_tier: tier, choices, usage }: ChatCompletion, context: ReplyContext): Said {
  const [choice] = choices
  throwFailure(choice, context)
  const message = (choice?.message ?? {}) as ChatCompletionMessage & WireMessage
  return {
    id,
    model,
    tier,
    thoughts: thoughtsIn(message),
    extra: extraOfMessage(message),
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
  const { id, text, refusal, usage, tier } = said
  const model = said.model || context.model
  const items: ReplyItem[] = [
    ...thoughtsOf(said, context.request.card.model),
    ...(text === '' ? [] : [{ kind: 'assistant', text } as const]),
    ...(refusal === '' ? [] : [{ kind: 'refusal', text: refusal } as const]),
    ...callsFrom(said, context.request.card.model),
  ]
  const spent = (): Spent | 'unknown' => spentOn({ model, tier, items, usage }, context)
  if (isBroken(said.finish)) throw brokenReply(model, said.finish ?? '', context.requestId, usage, spent())
  const { finish, finishWord } = endedBy(said.finish)
  if (finish === 'stop' && saysNothing(items)) throw emptyReply({ model, responseId: id, usage }, spent(), context)
  const cost = usage && replyCost({ model, tier, items, usage }, context)
  return {
    items,
    finish,
    ...(finishWord !== undefined && { finishWord }),
    ...(usage && { usage }),
    ...(cost === undefined ? {} : { costNano: cost }),
    model,
    responseId: id,
    ...(context.requestId === undefined ? {} : { requestId: context.requestId }),
  }
}

/** Usage, which some servers leave out, or give in part. */
export function usageOf(usage: WireUsage | null | undefined): Usage | undefined {
  if (typeof usage !== 'object' || usage === null) return undefined
  const { prompt_tokens_details: read, completion_tokens_details: written } = usage
  return usageFrom({
    input: usage.prompt_tokens,
    // DeepSeek has it beside the details.
    cached: read?.cached_tokens ?? usage.prompt_cache_hit_tokens,
    cacheWritten: read?.cache_write_tokens,
    output: usage.completion_tokens,
    reasoning: written?.reasoning_tokens ?? usage.reasoning_tokens,
    total: usage.total_tokens,
  })
}

/** Usage as servers write it. */
type WireUsage = CompletionUsage & { readonly prompt_cache_hit_tokens?: number; readonly reasoning_tokens?: number }

/** Thoughts, with what goes back beside them, are those of one model: another one is not given them. */
function thoughtsOf({ thoughts, extra }: Said, from: string): readonly ReplyItem[] {
  if (!thoughts && !extra) return []
  return [{ kind: 'reasoning', text: '', ...thoughts, ...(extra && { extra }), from }]
}

function callsFrom({ calls }: Said, from: string): readonly CallItem[] {
  return calls.map((call) => (call.extra ? { ...call, from } : call))
}

/**
 * Some servers tell in the choice what went wrong upstream.
 *
 * @throws ModelError where it says so.
 */
export function throwFailure(choice: object | undefined, { requestId }: ReplyContext): void {
  const failure = choice && 'error' in choice ? choice.error : undefined
  // Whatever has such a member speaks of a failure in it.
  if (failure) throw eventError(failure, requestId)
}

function callsOf(message: ChatCompletionMessage): readonly CallItem[] {
  const fold = new CallFold()
  for (const call of message.tool_calls ?? []) fold.begin(call)
  const { function_call: only } = message
  if (only?.name) fold.begin({ function: only })
  return fold.calls
}
