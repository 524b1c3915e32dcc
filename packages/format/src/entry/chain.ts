import { digest } from '@reprise/core'
import type { Digest, StoredEntry } from '@reprise/core'
import type { Cipher } from './cipher.ts'

/**
 * Where a run's hash chain begins: at its id, so that one run's entries are not taken for another's.
 *
 * @example
 * ```ts
 * import { chainNext, chainStart, PLAIN } from '@reprise/format'
 * import { digest, type StoredEntry } from '@reprise/core'
 *
 * // The hash that the last entry of a run must have.
 * function endOf(runId: string, entries: readonly StoredEntry[]): string {
 *   return entries.reduce((before, entry) => chainNext(PLAIN, before, entry), chainStart(runId))
 * }
 * console.log(endOf('ticket-4711', []) === digest('ticket-4711')) // true
 * ```
 */
export function chainStart(runId: string): Digest {
  return digest(runId)
}

/**
 * Goes on with a run's hash chain by one entry: its place, its kind and its body's digest. Under a lineage's key nobody
 * without it can.
 *
 * @example
 * ```ts
 * import { chainNext, chainStart, PLAIN } from '@reprise/format'
 * import { digest } from '@reprise/core'
 *
 * const text = '{"name":"find_order","result":1}'
 * const entry = { seq: 0, kind: 'call.returned', key: 'agent:0/turn:0/call:0', attempt: 1, at: 0, digest: digest(text) } as const
 * console.log(chainNext(PLAIN, chainStart('ticket-4711'), entry).length) // 43
 * ```
 */
export function chainNext({ chain }: Cipher, before: Digest, entry: Omit<StoredEntry, 'text'>): Digest {
  const { digest: body, kind, seq, attempt, at, key } = entry
  return chain(`${before}${body} ${kind} ${seq} ${attempt} ${at} ${key}`)
}
