import { digest } from '@reprise/core'
import type { Digest } from '@reprise/core'

/** A text as a database keeps it: itself, or the bytes that it was encrypted to. */
export type Stored = string | Buffer

/** How what a lineage says is kept (invariant 10): as it is, or under the lineage's key. */
export interface Cipher {
  /** The hash by which a chain goes on. */
  readonly chain: (text: string) => Digest
  /** The address of a blob: what its text is found by. */
  readonly address: (text: string) => Digest
  /** Turns a text into what is stored of it, for one place in one scope: a run and an entry, say. */
  readonly seal: (text: string, scope: string, place: string | number) => Stored
  /**
   * Gives the text back.
   *
   * @throws Error when the bytes are not those that were sealed for this place.
   */
  readonly open: (stored: Stored, scope: string, place: string | number) => string
}

/** Keeps everything as it is. */
export const PLAIN: Cipher = {
  chain: digest,
  address: digest,
  seal: (text) => text,
  open: (stored) => stored.toString(),
}

/** The scopes of what is no run's. */
export const BLOBS = 'blob'
export const SECRETS = 'secret'

/** The place of a message in its run's inbox. */
export function inboxPlace(dedupe: string): string {
  return `inbox ${dedupe}`
}
