import { factLineage } from '@reprise/core'
import type { NewFact } from '@reprise/core'
import type { Cipher, Stored } from './cipher.ts'

/** What a row keeps of a fact: what it is found by, and what it says. */
export interface FactRow {
  /** What stands for its key: the key itself stands in the body alone. */
  readonly place: string
  readonly body: Stored
}

/** The part of a fact that stands in the body of its row. */
type Said = Pick<NewFact, 'key' | 'text' | 'origin'>

/**
 * Gives what a row keeps of a fact in a scope that is kept so.
 *
 * @example
 * ```ts
 * import { decodeFact, encodeFact, PLAIN } from '@reprise/format'
 *
 * const scope = { tenant: null, user: 'ann' }
 * const origin = { kind: 'call', runId: 'ticket-4711', key: 'agent:0/turn:0/call:0' } as const
 * const fact = { scope, memory: 'memory', key: 'size', at: 0, text: '{"shoe":44}', origin }
 * const { place, body } = encodeFact(fact, PLAIN)
 * console.log(decodeFact({ scope, memory: 'memory', place, body }, PLAIN).text) // {"shoe":44}
 * ```
 */
export function encodeFact({ scope, memory, key, text, origin }: Omit<NewFact, 'at'>, cipher: Cipher): FactRow {
  const place = cipher.address(key)
  const said: Said = { key, text, origin }
  return { place, body: cipher.seal(JSON.stringify(said), factLineage(scope), placeOf(memory, place)) }
}

/**
 * Gives what a row says of a fact.
 *
 * @throws Error when the bytes are not those that were sealed for this place.
 *
 * @example
 * ```ts
 * import { decodeFact, PLAIN } from '@reprise/format'
 *
 * const body = '{"key":"size","text":"44","origin":{"kind":"set","by":{"id":"ana","source":"cli"}}}'
 * const row = { scope: { tenant: null, user: 'ann' }, memory: 'memory', place: PLAIN.address('size'), body }
 * console.log(decodeFact(row, PLAIN).key) // size
 * ```
 */
export function decodeFact(
  { scope, memory, place, body }: FactRow & Pick<NewFact, 'scope' | 'memory'>,
  cipher: Cipher,
): Said {
  // It was written by `encodeFact`.
  return JSON.parse(cipher.open(body, factLineage(scope), placeOf(memory, place))) as Said
}

function placeOf(memory: string, place: string): string {
  return `fact ${memory} ${place}`
}
