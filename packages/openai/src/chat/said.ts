import type { CallItem, Usage } from '@reprise/core'

/** Thoughts that came with a reply, and the name of the field that held them: servers differ in it. */
export interface Thoughts {
  readonly field: string
  readonly text: string
}

/** What a reply of Chat Completions says, however it came. */
export interface Said {
  readonly id: string
  readonly model: string | undefined
  readonly tier: string | null | undefined
  readonly thoughts: Thoughts | undefined
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

const thoughtFields = ['reasoning_content', 'reasoning'] as const

/** The thoughts in a message or a piece of one. */
export function thoughtsIn(message: WireMessage): Thoughts | undefined {
  for (const field of thoughtFields) {
    const text = message[field]
    if (typeof text === 'string' && text !== '') return { field, text }
  }
  return undefined
}

/** The words in a message or a piece of one: text, nothing, or a list of parts. */
export function wordsIn({ content }: WireMessage): string {
  if (typeof content === 'string') return content
  if (!Array.isArray(content)) return ''
  return (content as readonly { readonly text?: unknown }[])
    .map(({ text }) => (typeof text === 'string' ? text : ''))
    .join('')
}
