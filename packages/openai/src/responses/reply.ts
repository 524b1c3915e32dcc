import { type Finish, ModelError, type ModelReply, type ReplyItem, type Usage } from '@reprise/core'
import type { Response, ResponseOutputItem, ResponseReasoningItem } from 'openai/resources/responses/responses'
import type { ReplyContext } from '../ask/dialect.ts'
import { replyCost } from '../catalog/reply-cost.ts'
import { eventError } from '../errors/event-error.ts'
import { emptyReply, saysNothing } from '../errors/empty-reply.ts'
import { toHostedItem } from './hosted.ts'
import { toMessageItems } from './message.ts'

/**
 * A response of the API as a reply.
 *
 * @throws ModelError when the response failed, was never finished, or says nothing at all.
 */
export function toReply(response: Response, context: ReplyContext): ModelReply {
  const { requestId } = context
  const finish = finishOf(response, context)
  const items = response.output.flatMap(toItems)
  const usage = usageOf(response)
  const model = response.model ?? context.model
  if (finish === 'stop' && saysNothing(items)) throw emptyReply({ model, responseId: response.id, usage }, context)
  const cost = usage && replyCost({ model, tier: response.service_tier, items, usage }, context)
  return {
    items,
    finish,
    ...(usage && { usage }),
    ...(cost === undefined ? {} : { costNano: cost }),
    model,
    responseId: response.id,
    ...(requestId === undefined ? {} : { requestId }),
  }
}

function finishOf(
  { id, status, error, incomplete_details: incomplete }: Response,
  { requestId, accepted }: ReplyContext,
): Finish {
  switch (status) {
    // Some servers leave the status out of a finished response.
    case undefined:
    case 'completed':
      return 'stop'
    case 'incomplete':
      return incomplete?.reason === 'content_filter' ? 'content-filter' : 'length'
    case 'failed':
      throw eventError(error, requestId, accepted)
    case 'cancelled':
      throw cancelled(id, requestId)
    case 'in_progress':
    case 'queued': {
      const message = `The model server gave a response that is "${status}". Expected a finished one. Check that the server speaks the Responses API.`
      throw new ModelError({ code: 'unfinished_response', message, details: { status, requestId } })
    }
    default:
      return status satisfies never
  }
}

function cancelled(responseId: string, requestId: string | undefined): ModelError {
  const message = `The response ${responseId} was cancelled at the service. Expected it to be finished. Ask again if that was a mistake.`
  return new ModelError({
    code: 'response_cancelled',
    message,
    details: { status: 'cancelled', responseId, requestId, ended: true },
  })
}

function toItems(item: ResponseOutputItem): readonly ReplyItem[] {
  if (item.type === 'function_call')
    return [{ kind: 'call', callId: item.call_id, name: item.name, arguments: item.arguments }]
  if (item.type === 'message') return toMessageItems(item)
  return item.type === 'reasoning' ? [toThought(item)] : toHostedItem(item)
}

function toThought({ id, summary, content, encrypted_content: encrypted }: ResponseReasoningItem): ReplyItem {
  const told = summary.length > 0 ? summary : (content ?? [])
  const text = told.map((part) => part.text).join('\n\n')
  return { kind: 'reasoning', text, id, ...(encrypted ? { encrypted } : {}) }
}

function usageOf({ usage }: Response): Usage | undefined {
  if (typeof usage?.input_tokens !== 'number' || typeof usage.output_tokens !== 'number') return undefined
  const written = usage.input_tokens_details?.cache_write_tokens ?? 0
  return {
    inputTokens: usage.input_tokens,
    cachedTokens: usage.input_tokens_details?.cached_tokens ?? 0,
    ...(written > 0 && { cacheWriteTokens: written }),
    outputTokens: usage.output_tokens,
    reasoningTokens: usage.output_tokens_details?.reasoning_tokens ?? 0,
  }
}
