import { digest } from '@reprise/core'
import type { Digest, StoredEntry } from '@reprise/core'
import type { Cipher } from './cipher.ts'

/** Where a run's hash chain begins: at its id, so that one run's entries are not taken for another's. */
export function chainStart(runId: string): Digest {
  return digest(runId)
}

/**
 * Goes on with a run's hash chain by one entry: its place, its kind and its body's digest. Under a lineage's key nobody
 * without it can.
 */
export function chainNext({ chain }: Cipher, before: Digest, entry: Omit<StoredEntry, 'text'>): Digest {
  const { digest: body, kind, seq, attempt, at, key } = entry
  return chain(`${before}${body} ${kind} ${seq} ${attempt} ${at} ${key}`)
}
