// What the tests of this package read, and how they show it.
import { readFileSync } from 'node:fs'
import { conversationsFrom, type NotTaken, type RecordedConversation, type RecordedFormat } from '../src/index.ts'

/** The text of a sample: what an exporter wrote of a small desk's conversation, as its package was run. */
export function sample(name: string): string {
  return readFileSync(new URL(`samples/${name}.jsonl`, import.meta.url), 'utf8')
}

export interface Read {
  readonly conversations: readonly RecordedConversation[]
  readonly skipped: readonly NotTaken[]
  readonly passed: Readonly<Record<string, number>>
}

export async function read(text: string, from: RecordedFormat): Promise<Read> {
  const all = conversationsFrom(text, { from })
  const conversations = await Array.fromAsync(all)
  return { conversations, skipped: all.skipped, passed: all.passed }
}

/** The one conversation of a text. */
export async function readOne(text: string, from: RecordedFormat): Promise<RecordedConversation> {
  const { conversations, skipped } = await read(text, from)
  const [first] = conversations
  if (conversations.length === 1 && first) return first
  throw new Error(`There are ${conversations.length} conversations: ${JSON.stringify(skipped)}`)
}

/** Lines of objects. */
export function lines(...objects: readonly unknown[]): string {
  return objects.map((object) => `${JSON.stringify(object)}\n`).join('')
}

/** Items in short: a bar before each reply, `!` after the result of a tool that failed, `+1` after a user with one picture. */
export function shapeOf({ items, replies, failed }: RecordedConversation): string {
  return items
    .map((item, index) => {
      const bar = replies.some(({ from, to }) => from === index && to > index) ? '| ' : ''
      if (item.kind === 'user') return `${bar}user${item.parts ? `+${item.parts.length}` : ''}`
      return `${bar}${item.kind}${item.kind === 'result' && failed.includes(item.callId) ? '!' : ''}`
    })
    .join(' ')
}

/** Tokens in and out of each reply; `-` where nobody counted. */
export function usageOf({ replies }: RecordedConversation): string {
  return replies.map(({ usage }) => (usage ? `${usage.inputTokens}/${usage.outputTokens}` : '-')).join(' ')
}
