// Messages of Chat Completions as items, old functions among them.
import type { CallItem, Citation, ReplyItem } from '@reprise/core'
import { type Fields, fieldsOf, listOf, saidAsText, textOf } from '../read/json.ts'
import type { Said, Untaken } from './exchange.ts'
import { userSaid, wordsIn } from './parts.ts'

/** A conversation, and the instructions that stood before it. */
export interface SaidSoFar {
  readonly instructions: string
  readonly items: readonly Said[]
}

/** Reads messages in their order. `reader` goes on with what follows them. */
export function chatSaid(messages: readonly Fields[]): SaidSoFar & { readonly reader: ChatReader } {
  const first = messages.findIndex(({ role }) => role !== 'system' && role !== 'developer')
  const head = messages.slice(0, first < 0 ? messages.length : first)
  const instructions = head.map(({ content }) => wordsIn(content).text).join('\n\n')
  const reader = new ChatReader()
  return { instructions, items: messages.slice(head.length).flatMap((message) => reader.read(message)), reader }
}

/** Reads one message after the other. Functions of old had no ids: their calls are numbered, and results follow them. */
export class ChatReader {
  #functions = 0

  read(message: Fields): readonly Said[] {
    const { role, content } = message
    switch (role) {
      case 'user':
        return [userSaid(content)]
      case 'assistant':
        return this.reply(message)
      case 'tool':
        return resultOf(message, textOf(message['tool_call_id']) ?? '')
      case 'function':
        return resultOf(message, functionId(this.#functions))
      case 'system':
      case 'developer':
        return [{ kind: 'untaken', what: 'a system message after the conversation had begun' }]
      default:
        return [{ kind: 'untaken', what: `a message of role ${JSON.stringify(role)}` }]
    }
  }

  /** What the model said. */
  reply(message: Fields): readonly (ReplyItem | Untaken)[] {
    const { content, refusal, tool_calls: calls, function_call: old, audio } = message
    if (typeof audio === 'object' && audio !== null) return [{ kind: 'untaken', what: 'a spoken answer' }]
    const refused =
      textOf(refusal) ??
      listOf(content)
        .map(({ refusal }) => textOf(refusal) ?? '')
        .join('')
    const { text, untaken } = wordsIn(Array.isArray(content) ? listOf(content).filter(isWords) : content)
    const said: (ReplyItem | Untaken)[] = [...thoughtsOf(message)]
    if (untaken) said.push(untaken)
    if (refused !== '') said.push({ kind: 'refusal', text: refused })
    const cited = citationsIn(message['annotations'])
    if (text !== '') said.push({ kind: 'assistant', text, ...(cited.length > 0 && { citations: cited }) })
    said.push(...listOf(calls).map(callOf))
    if (typeof old === 'object' && old !== null) said.push(this.#functionCall(fieldsOf(old)))
    return said.some(({ kind }) => kind !== 'reasoning') ? said : [...said, { kind: 'assistant', text: '' }]
  }

  #functionCall({ name, arguments: written }: Fields): CallItem {
    this.#functions += 1
    return {
      kind: 'call',
      callId: functionId(this.#functions),
      name: textOf(name) ?? '',
      arguments: saidAsText(written),
    }
  }
}

function functionId(n: number): string {
  return `function_${n}`
}

/** Parts that are words: a refusal stands for itself. */
function isWords({ type }: Fields): boolean {
  return type !== 'refusal'
}

function callOf({ id, type, function: called, ...rest }: Fields): ReplyItem | Untaken {
  if (type !== undefined && type !== 'function')
    return { kind: 'untaken', what: `a call of a ${saidAsText(type)} tool` }
  const { name, arguments: written } = fieldsOf(called ?? rest)
  return { kind: 'call', callId: textOf(id) ?? '', name: textOf(name) ?? '', arguments: saidAsText(written) }
}

function resultOf({ content, status }: Fields, callId: string): readonly Said[] {
  const { text, untaken } = wordsIn(content)
  if (untaken) return [{ ...untaken, what: `${untaken.what} in what a tool gave` }]
  return [{ kind: 'result', callId, output: text, ...(status === 'error' && { failed: true }) }]
}

/** Servers other than OpenAI's give what the model thought beside its words. */
function thoughtsOf(message: Fields): readonly ReplyItem[] {
  const field = ['reasoning_content', 'reasoning'].find(
    (name) => typeof message[name] === 'string' && message[name] !== '',
  )
  return field === undefined ? [] : [{ kind: 'reasoning', text: textOf(message[field]) ?? '', field }]
}

/** Pages that an answer names. */
export function citationsIn(annotations: unknown): readonly Citation[] {
  return listOf(annotations).flatMap((one) => {
    const { url, title } = fieldsOf(one['url_citation'] ?? one)
    return typeof url === 'string' ? { kind: 'url', url, title: textOf(title) ?? '' } : []
  })
}
