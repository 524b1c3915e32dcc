import type { CallItem, JsonObject, Usage } from '@reprise/core'

/** Thoughts that came with a reply, and the name of the field that held them: servers differ in it. */
export interface Thoughts {
  readonly field: string
  readonly text: string
  /** The signature by which the server knows thoughts among the words again. */
  readonly encrypted?: string
}

/** What a reply of Chat Completions says, however it came. */
export interface Said {
  readonly id: string
  readonly model: string | undefined
  readonly tier: string | null | undefined
  readonly thoughts: Thoughts | undefined
  /** What the server wants back with the reply beside its thoughts. */
  readonly extra: JsonObject | undefined
  readonly text: string
  readonly refusal: string
  readonly calls: readonly CallItem[]
  readonly finish: string | null | undefined
  readonly usage: Usage | undefined
}

/** A message, or a piece of one, as servers write it. */
export interface WireMessage {
  readonly content?: unknown
  readonly refusal?: string | null
  readonly [field: string]: unknown
}

/** The field of thoughts that came as parts of the content, and go back as such. */
export const THOUGHT_PARTS = 'content'

const thoughtFields = ['reasoning_content', 'reasoning'] as const

/** The thoughts in a message or a piece of one: a field of its own, or parts among the words. */
export function thoughtsIn(message: WireMessage): Thoughts | undefined {
  for (const field of thoughtFields) {
    const text = message[field]
    if (typeof text === 'string' && text !== '') return { field, text }
  }
  const parts = partsOf(message).filter(({ type }) => isThought(type))
  const encrypted = parts.map(({ signature }) => signature).find((signed) => typeof signed === 'string')
  const text = parts.map(thoughtOf).join('')
  if (text === '' && encrypted === undefined) return undefined
  return { field: THOUGHT_PARTS, text, ...(encrypted !== undefined && { encrypted }) }
}

/** The words in a message or a piece of one: text, nothing, or a list of parts. */
export function wordsIn(message: WireMessage): string {
  if (typeof message.content === 'string') return message.content
  return partsOf(message)
    .map(({ text, type }) => (typeof text === 'string' && !isThought(type) ? text : ''))
    .join('')
}

interface WirePart {
  readonly type?: unknown
  readonly text?: unknown
  readonly thinking?: unknown
  readonly signature?: unknown
}

function partsOf({ content }: WireMessage): readonly WirePart[] {
  if (!Array.isArray(content)) return []
  return content.filter((part): part is WirePart => typeof part === 'object' && part !== null)
}

function isThought(type: unknown): boolean {
  return type === 'thinking' || type === 'reasoning'
}

function thoughtOf({ text, thinking }: WirePart): string {
  if (Array.isArray(thinking)) return thinking.map((part) => thoughtText(part)).join('')
  return typeof thinking === 'string' ? thinking : typeof text === 'string' ? text : ''
}

function thoughtText(part: unknown): string {
  return typeof part === 'object' && part !== null && 'text' in part && typeof part.text === 'string' ? part.text : ''
}
