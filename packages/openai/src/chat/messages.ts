import type { CallItem, InputPart, Item, JsonObject, ReasoningItem, ReplyItem, UserItem } from '@reprise/core'
import { ModelError } from '@reprise/core'
import type {
  ChatCompletionAssistantMessageParam,
  ChatCompletionContentPart,
  ChatCompletionMessageParam,
} from 'openai/resources/chat/completions'
import { sentName } from '../ask/sent-name.ts'
import { THOUGHT_PARTS } from './said.ts'

/** A reply as one message, and how many items it was made of. */
interface Made {
  readonly message: ChatCompletionMessageParam
  readonly items: number
}

/** Whom a conversation goes to. */
interface Reader {
  /** Whether that is OpenAI's own service. */
  readonly platform: boolean
  readonly model: string
}

const made = { platform: new Map<string, WeakMap<Item, Made>>(), other: new Map<string, WeakMap<Item, Made>>() }

/**
 * A conversation as Chat Completions reads it: all items of a reply are one message. Each is converted once for a model.
 *
 * @throws ModelError where an item cannot be said there.
 */
export function toMessages(items: readonly Item[], reader: Reader): ChatCompletionMessageParam[] {
  const known = knownTo(reader)
  const messages: ChatCompletionMessageParam[] = []
  for (let at = 0; at < items.length;) {
    const first = items[at] as Item
    let message = known.get(first)
    if (!message) known.set(first, (message = make(items, at, reader)))
    messages.push(message.message)
    at += message.items
    if (first.kind === 'result' && items[at]?.kind !== 'result') messages.push(...shownBy(items, at))
  }
  return messages
}

const shown = new WeakMap<Item, readonly ChatCompletionMessageParam[]>()

/** What the results of a turn show, which ends before `end`: a message of a tool takes text alone. */
function shownBy(items: readonly Item[], end: number): readonly ChatCompletionMessageParam[] {
  const last = items[end - 1] as Item
  const known = shown.get(last)
  if (known) return known
  const parts: ChatCompletionContentPart[] = []
  for (const item of items.slice(items.slice(0, end).findLastIndex(({ kind }) => kind !== 'result') + 1, end))
    if (item.kind === 'result' && item.parts)
      parts.push({ type: 'text', text: `What the call ${item.callId} has returned:` }, ...item.parts.map(toPart))
  const messages = parts.length > 0 ? [{ role: 'user', content: parts } as const] : []
  shown.set(last, messages)
  return messages
}

function knownTo({ platform, model }: Reader): WeakMap<Item, Made> {
  const models = platform ? made.platform : made.other
  let known = models.get(model)
  if (!known) models.set(model, (known = new WeakMap()))
  return known
}

function make(items: readonly Item[], at: number, reader: Reader): Made {
  const first = items[at] as Item
  if (first.kind === 'user') return { message: { role: 'user', content: content(first) }, items: 1 }
  if (first.kind === 'result')
    return { message: { role: 'tool', tool_call_id: first.callId, content: first.output }, items: 1 }
  const reply: ReplyItem[] = []
  for (let next = at; next < items.length; next += 1) {
    const item = items[next] as Item
    if (item.kind === 'user' || item.kind === 'result') break
    reply.push(item)
  }
  return { message: replyMessage(reply, reader), items: reply.length }
}

function replyMessage(reply: readonly ReplyItem[], reader: Reader): ChatCompletionAssistantMessageParam {
  const { platform } = reader
  const words = reply.map((item) => (item.kind === 'assistant' || item.kind === 'refusal' ? item.text : '')).join('')
  const calls = reply.filter((item) => item.kind === 'call')
  const thought = platform ? undefined : reply.find((item) => item.kind === 'reasoning' && isOwn(item, reader))
  const reasoning = thought?.kind === 'reasoning' ? thought : undefined
  if (calls.length === 0) return { role: 'assistant', content: words, ...reasoning?.extra }
  return {
    role: 'assistant',
    // Templates of other servers may stumble over null.
    content: words === '' && platform ? null : words,
    ...(reasoning && thoughts(reasoning, words)),
    ...reasoning?.extra,
    tool_calls: calls.map((call) => toCall(call, reader)),
  }
}

/** What a model gave beside its words goes back to it alone; before it was recorded whose it is, there was one model. */
function isOwn({ from }: { readonly from?: string }, { model }: Reader): boolean {
  return from === undefined || from === model
}

/** Other servers want their model's thoughts back with its calls, in the field they came in. */
function thoughts({ field, text, encrypted }: ReasoningItem, words: string): JsonObject {
  if (field === undefined || (text === '' && encrypted === undefined)) return {}
  if (field !== THOUGHT_PARTS) return { [field]: text }
  const said = words === '' ? [] : [{ type: 'text', text: words }]
  const thought = { type: 'thinking', thinking: text === '' ? [] : [{ type: 'text', text }] }
  return { content: [encrypted === undefined ? thought : { ...thought, signature: encrypted }, ...said] }
}

function toCall(call: CallItem, reader: Reader) {
  const { callId, name, arguments: written, extra } = call
  const { platform } = reader
  // Other servers parse the arguments again and refuse the whole request where they are no JSON.
  const sent = platform || isJson(written) ? written : '{}'
  const own = !platform && isOwn(call, reader)
  return {
    type: 'function',
    id: callId,
    function: { name: sentName(name), arguments: sent },
    ...(own && extra),
  } as const
}

function isJson(text: string): boolean {
  try {
    return typeof JSON.parse(text) === 'object'
  } catch {
    return false
  }
}

function content({ text, parts }: UserItem): string | ChatCompletionContentPart[] {
  if (!parts) return text
  const words: ChatCompletionContentPart[] = text === '' ? [] : [{ type: 'text', text }]
  return [...words, ...parts.map(toPart)]
}

function toPart(part: InputPart): ChatCompletionContentPart {
  switch (part.kind) {
    case 'text':
      return { type: 'text', text: part.text }
    case 'image':
      if (part.url === undefined) throw unsaid('a picture by its file id', 'Give it by url (https: or data:)')
      return { type: 'image_url', image_url: { url: part.url, ...(part.detail && { detail: part.detail }) } }
    case 'file':
      if (part.url === undefined) return { type: 'file', file: { file_id: part.fileId } }
      if (!part.url.startsWith('data:')) throw unsaid('a file by its address', 'Give it by fileId, or as a data: url')
      return {
        type: 'file',
        file: { file_data: part.url, ...(part.name === undefined ? {} : { filename: part.name }) },
      }
    default:
      return part satisfies never
  }
}

function unsaid(what: string, remedy: string): ModelError {
  const message = `Chat Completions takes no ${what.replace(/^a /, '')}. ${remedy}, or use openai({ api: 'responses' }).`
  return new ModelError({ code: 'input_unsupported', message })
}
