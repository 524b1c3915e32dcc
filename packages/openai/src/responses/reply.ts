import { type Finish, ModelError, type ModelReply, type ReplyItem, type Usage } from '@reprise/core'
import type { Response, ResponseOutputItem } from 'openai/resources/responses/responses'
import { costNano } from '../catalog/cost.ts'
import type { Price } from '../catalog/price.ts'
import { eventError } from '../errors/event-error.ts'

/** What is known about a reply besides its body. */
export interface ReplyContext {
  readonly requestId: string | undefined
  /** The model's name as it was asked for. */
  readonly asked: string
  readonly prices: Readonly<Record<string, Price>>
}

/**
 * A response of the API as a reply.
 *
 * @throws ModelError when the response failed, was never finished, or says nothing at all.
 */
export function toReply(response: Response, context: ReplyContext): ModelReply {
  const { requestId } = context
  const finish = finishOf(response, requestId)
  const items = response.output.flatMap(toItems)
  const usage = usageOf(response)
  if (items.length === 0 && finish === 'stop') throw emptyReply(response, requestId, usage)
  const cost = usage && costOf(response, usage, context)
  return {
    items,
    finish,
    ...(usage && { usage }),
    ...(cost === undefined ? {} : { costNano: cost }),
    model: response.model,
    responseId: response.id,
    ...(requestId === undefined ? {} : { requestId }),
  }
}

function finishOf({ status, error, incomplete_details: incomplete }: Response, requestId: string | undefined): Finish {
  switch (status) {
    // Some servers leave the status out of a finished response.
    case undefined:
    case 'completed':
      return 'stop'
    case 'incomplete':
      return incomplete?.reason === 'content_filter' ? 'content-filter' : 'length'
    case 'failed':
      throw eventError(error, requestId)
    case 'in_progress':
    case 'queued':
    case 'cancelled': {
      const message = `The model server gave a response that is "${status}". Expected a finished one. Check that the server speaks the Responses API.`
      throw new ModelError({ code: 'unfinished_response', message, details: { status, requestId } })
    }
    default:
      return status satisfies never
  }
}

function toItems(item: ResponseOutputItem): ReplyItem[] {
  if (item.type === 'function_call')
    return [{ kind: 'call', callId: item.call_id, name: item.name, arguments: item.arguments }]
  if (item.type !== 'message') return []
  return item.content.flatMap((part): ReplyItem[] => {
    if (part.type === 'refusal') return [{ kind: 'refusal', text: part.refusal }]
    return part.text === '' ? [] : [{ kind: 'assistant', text: part.text }]
  })
}

function usageOf({ usage }: Response): Usage | undefined {
  if (!usage) return undefined
  const written = usage.input_tokens_details?.cache_write_tokens ?? 0
  return {
    inputTokens: usage.input_tokens,
    cachedTokens: usage.input_tokens_details?.cached_tokens ?? 0,
    ...(written > 0 && { cacheWriteTokens: written }),
    outputTokens: usage.output_tokens,
    reasoningTokens: usage.output_tokens_details?.reasoning_tokens ?? 0,
  }
}

function costOf(
  { model, service_tier: tier }: Response,
  usage: Usage,
  { asked, prices }: ReplyContext,
): number | undefined {
  const own = prices[model] ?? prices[asked]
  if (own) return costNano(own, usage)
  // Other tiers have other prices.
  return tier == null || tier === 'default' || tier === 'auto' ? costNano(model, usage) : undefined
}

function emptyReply({ id, model }: Response, requestId: string | undefined, usage: Usage | undefined): ModelError {
  const message = `Model "${model}" gave an empty reply (${id}). Expected words, a refusal or a call. Ask again.`
  const details = { responseId: id, requestId, ...(usage && { usage: { ...usage } }) }
  return new ModelError({ code: 'empty_reply', message, retryable: true, details })
}
