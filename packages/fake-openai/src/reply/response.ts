import { argumentsText } from '../script/reply-text.ts'
import type { HostedInput, ResponsesBody } from '../script/body.ts'
import { echoOf } from './echo.ts'
import type { MakeId } from '../http/ids.ts'
import { idPrefix } from './item-ids.ts'
import type { FakeModel } from '../models/model.ts'
import type { FakeReply } from '../script/script.ts'
import type { WireUsage } from '../prompt/usage.ts'

/** A part of a message, as the platform sends it. */
export type WirePart =
  | {
      readonly type: 'output_text'
      readonly annotations: readonly []
      readonly logprobs: readonly []
      readonly text: string
    }
  | { readonly type: 'refusal'; readonly refusal: string }

/** A message of a reply. */
export interface WireMessage {
  readonly id: string
  readonly type: 'message'
  readonly role: 'assistant'
  readonly status: string
  readonly content: readonly WirePart[]
}

/** A call of a reply. */
export interface WireCall {
  readonly id: string
  readonly type: 'function_call'
  readonly status: string
  readonly call_id: string
  readonly name: string
  readonly arguments: string
}

/** A call of a custom tool. */
export interface WireCustomCall {
  readonly id: string
  readonly type: 'custom_tool_call'
  readonly status: string
  readonly call_id: string
  readonly name: string
  readonly input: string
}

/** An item of a reply; what a script gave as it stands is not looked at. */
export type WireItem = WireMessage | WireCall | WireCustomCall | HostedInput

/** A response object; what the fake does not look at is left out of the type. */
export interface WireResponse {
  readonly id: string
  readonly status: string
  readonly output: readonly WireItem[]
  readonly usage: WireUsage | null
  readonly [field: string]: unknown
}

/** What a reply is made of, whichever API it goes out by. */
export interface ReplyParts {
  readonly body: ResponsesBody
  readonly model: FakeModel
  readonly reply: FakeReply
  /** What else is said to the same request of Chat Completions, where it asks for several replies. */
  readonly others: readonly FakeReply[]
  readonly usage: WireUsage
  readonly id: MakeId
  /** Seconds since 1970. */
  readonly createdAt: number
}

/** The response as it stands when the reply is over. */
export function finishedResponse(parts: ReplyParts): WireResponse {
  const { reply, usage, createdAt } = parts
  const { finish = 'stop', failure } = reply
  const response = { ...begunResponse(parts), output: outputOf(parts) }
  if (failure) return { ...response, status: 'failed', error: { code: failure.code, message: failure.message } }
  if (finish === 'stop') return { ...response, status: 'completed', completed_at: createdAt + 1, usage }
  const reason = finish === 'length' ? 'max_output_tokens' : 'content_filter'
  return { ...response, status: 'incomplete', incomplete_details: { reason }, usage }
}

/** A background response before its work begins. */
export function queuedResponse(parts: ReplyParts): WireResponse {
  return { ...begunResponse(parts), status: 'queued' }
}

/** A background response that was stopped: what it said by then is lost. */
export function cancelledResponse(parts: ReplyParts): WireResponse {
  return { ...begunResponse(parts), status: 'cancelled' }
}

/** The response as it stands before its first word. */
export function begunResponse({ body, model, id, createdAt }: ReplyParts): WireResponse {
  return {
    id: id('resp'),
    object: 'response',
    created_at: createdAt,
    status: 'in_progress',
    completed_at: null,
    error: null,
    incomplete_details: null,
    model: model.snapshot,
    output: [],
    usage: null,
    ...echoOf(body),
  }
}

/** Its index keeps an item's id apart from those of the reply's own words and calls. */
function completed(item: HostedInput, id: MakeId, index: number): HostedInput {
  const made = id(idPrefix(item.type), 1000 + index)
  // Whoever keeps nothing on the platform brings back what was reasoned by this.
  const encrypted = item.type === 'reasoning' ? { encrypted_content: `gAAAAAfake${made}` } : {}
  return { id: made, ...encrypted, ...item }
}

/** The names of a request's custom tools: a call of one of them is a custom call. */
export function customNames({ hosted_tools: tools = [] }: ResponsesBody): ReadonlySet<string | undefined> {
  return new Set(tools.filter(({ type }) => type === 'custom').map(({ name }) => name))
}

/** What the reply says, item by item. */
export function outputOf({ body, reply, id }: ReplyParts): WireItem[] {
  const { text, refusal, items = [], calls = [], finish = 'stop' } = reply
  const custom = customNames(body)
  const words: WirePart[] = []
  if (text !== undefined && text !== '') words.push({ type: 'output_text', annotations: [], logprobs: [], text })
  if (refusal !== undefined) words.push({ type: 'refusal', refusal })
  const count = words.length + calls.length
  const statusOf = (index: number) => (finish !== 'stop' && index === count - 1 ? 'incomplete' : 'completed')
  return [
    // What a script gives as it stands goes out as it stands; all that it need not say is what it cannot know.
    ...items.map((item, index) => completed(item as unknown as HostedInput, id, index)),
    ...words.map((part, index): WireMessage => {
      return { id: id('msg', index), type: 'message', status: statusOf(index), content: [part], role: 'assistant' }
    }),
    ...calls.map((call, index): WireItem => {
      const { name, callId = id('call', index) } = call
      const common = { status: statusOf(words.length + index), call_id: callId, name }
      const written = argumentsText(call)
      return custom.has(name)
        ? { id: id('ctc', index), type: 'custom_tool_call', ...common, input: written }
        : { id: id('fc', index), type: 'function_call', ...common, arguments: written }
    }),
  ]
}
