import { ModelError, type ModelReply, type ReplyItem, type Usage } from '@reprise/core'
import type { Response, ResponseOutputItem, ResponseReasoningItem } from 'openai/resources/responses/responses'
import type { ReplyContext } from '../dialect/dialect.ts'
import { replyCost, spentOn } from '../catalog/reply-cost.ts'
import { type Ended, endedBy } from '../dialect/finish.ts'
import { usageFrom } from '../dialect/usage.ts'
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
  const { finish, finishWord } = endingOf(response, context)
  const from = context.request.card.model
  const items = response.output.flatMap((item) => toItems(item, from))
  const usage = usageOf(response)
  const model = response.model ?? context.model
  const tier = response.service_tier
  if (finish === 'stop' && saysNothing(items)) {
    const spent = spentOn({ model, tier, items, usage }, context)
    throw emptyReply({ model, responseId: response.id, usage }, spent, context)
  }
  const cost = usage && replyCost({ model, tier, items, usage }, context)
  return {
    items,
    finish,
    ...(finishWord !== undefined && { finishWord }),
    ...(usage && { usage }),
    ...(cost === undefined ? {} : { costNano: cost }),
    model,
    responseId: response.id,
    ...(requestId === undefined ? {} : { requestId }),
  }
}

function endingOf(response: Response, { requestId, accepted }: ReplyContext): Ended {
  const { id, error, incomplete_details: incomplete } = response
  // Some servers leave the status out of a finished response, or have words of their own for it.
  const status: string = response.status ?? 'completed'
  switch (status) {
    case 'incomplete':
      return incomplete?.reason ? endedBy(incomplete.reason) : { finish: 'length' }
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
      return endedBy(status)
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

function toItems(item: ResponseOutputItem, from: string): readonly ReplyItem[] {
  if (item.type === 'function_call')
    return [{ kind: 'call', callId: item.call_id, name: item.name, arguments: item.arguments }]
  if (item.type === 'message') return toMessageItems(item)
  return item.type === 'reasoning' ? [toThought(item, from)] : toHostedItem(item)
}

function toThought(item: ResponseReasoningItem, from: string): ReplyItem {
  const { id, summary, content, encrypted_content: encrypted } = item
  const told = summary?.length > 0 ? summary : (content ?? [])
  const text = told.map((part) => part.text).join('\n\n')
  return { kind: 'reasoning', text, id, ...(encrypted ? { encrypted } : {}), from }
}

function usageOf({ usage }: Response): Usage | undefined {
  if (typeof usage !== 'object' || usage === null) return undefined
  const { input_tokens_details: read, output_tokens_details: written } = usage
  return usageFrom({
    input: usage.input_tokens,
    cached: read?.cached_tokens,
    cacheWritten: read?.cache_write_tokens,
    output: usage.output_tokens,
    reasoning: written?.reasoning_tokens,
    total: usage.total_tokens,
  })
}
