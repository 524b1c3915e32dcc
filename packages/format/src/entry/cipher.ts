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

/**
 * Keeps everything as it is.
 *
 * @example
 * ```ts
 * import { PLAIN } from '@reprise/format'
 *
 * console.log(PLAIN.open(PLAIN.seal('{"a":1}', 'ticket-4711', 0), 'ticket-4711', 0)) // {"a":1}
 * ```
 */
export const PLAIN: Cipher = {
  chain: digest,
  address: digest,
  seal: (text) => text,
  open: (stored) => stored.toString(),
}

/**
 * The scope in which blobs are sealed, each at its address.
 *
 * @example
 * ```ts
 * import { BLOBS, PLAIN } from '@reprise/format'
 *
 * const text = 'a long part of a body'
 * const stored = PLAIN.seal(text, BLOBS, PLAIN.address(text))
 * ```
 */
export const BLOBS = 'blob'

/**
 * The scope in which secrets are sealed, each at its token.
 *
 * @example
 * ```ts
 * import { SECRETS } from '@reprise/format'
 * import { LineageKey } from '@reprise/format/keys'
 *
 * const key = new LineageKey(Buffer.alloc(32, 7))
 * const stored = key.seal('4111 1111', SECRETS, key.token('4111 1111'))
 * ```
 */
export const SECRETS = 'secret'

/**
 * The place of a message in its run's inbox.
 *
 * @example
 * ```ts
 * import { inboxPlace, PLAIN } from '@reprise/format'
 *
 * const stored = PLAIN.seal('{"signal":"go"}', 'nightly-22', inboxPlace('signal:go:1'))
 * ```
 */
export function inboxPlace(dedupe: string): string {
  return `inbox ${dedupe}`
}
