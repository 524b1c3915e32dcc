// What items are known by when one exchange is held against another: a recorder may write the same words in another form.
import { type Digest, digest, digestNext } from '@reprise/core'
import { parsed } from '../read/json.ts'
import type { Said } from '../say/exchange.ts'

/** A conversation as a chain: each link stands for all that was said up to it. */
export interface Chain {
  readonly links: readonly Digest[]
  /** The index after the item of each link. */
  readonly ends: readonly number[]
}

/** Goes on with a chain by more items. What the model thought is left out: many recorders do so. */
export function chainOf(items: readonly Said[], before: Digest = '', at = 0): Chain {
  const links: Digest[] = []
  const ends: number[] = []
  let link = before
  for (const [index, item] of items.entries()) {
    const key = keyOf(item)
    if (key === undefined) continue
    link = digestNext(link, digest(key))
    links.push(link)
    ends.push(at + index + 1)
  }
  return { links, ends }
}

function keyOf(item: Said): string | undefined {
  switch (item.kind) {
    case 'user':
      return JSON.stringify(['user', item.text, item.parts ?? []])
    case 'assistant':
    case 'refusal':
      return item.text === '' ? undefined : JSON.stringify([item.kind, item.text])
    case 'call':
      // Some read the arguments, and write them anew.
      return JSON.stringify(['call', item.callId, item.name, parsed(item.arguments) ?? item.arguments])
    case 'result':
      return JSON.stringify(['result', item.callId, item.output])
    case 'hosted':
      return JSON.stringify(['hosted', item.tool, item.item['id'] ?? item.item])
    case 'untaken':
      return JSON.stringify(['untaken', item.what])
    case 'reasoning':
      return undefined
    default:
      return item satisfies never
  }
}
