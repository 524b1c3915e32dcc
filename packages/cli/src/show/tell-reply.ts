import type { EntryOf, ReplyItem } from '@reprise/core'
import { bad, dim } from './style.ts'
import { oneLine, short } from './text.ts'
import { sayReplyUsed } from './used.ts'

/** Tells what a model replied: a line for each of its words, thoughts and calls, below what it cost. */
export function tellReply({ body: { reply, summary } }: EntryOf<'model.replied'>, agent: string): readonly string[] {
  const cut = reply.finish === 'stop' ? '' : ` ${bad(`cut short (${reply.finish})`)}`
  let calls = 0
  const said = reply.items.flatMap((item) => tellItem(item, () => `call:${calls++}`))
  return [
    `${agent} ${summary ? 'sums up for the handoff' : 'replies'}${cut}  ${dim(`${reply.model}, ${sayReplyUsed(reply)}`)}`,
    ...said,
  ]
}

function tellItem(item: ReplyItem, nextCall: () => string): readonly string[] {
  switch (item.kind) {
    case 'assistant':
      return [`says: ${short(item.text)}`]
    case 'refusal':
      return [`${bad('refuses')}: ${short(item.text)}`]
    case 'reasoning':
      return item.text === '' ? [] : [dim(`thinks: ${short(item.text)}`)]
    case 'call':
      // Whole: who watches is to see what will run.
      return [`${nextCall()} ${short(item.name)} ${oneLine(item.arguments)}`]
    case 'hosted':
      return [`uses ${item.tool} of the service`]
    default:
      return item satisfies never
  }
}
