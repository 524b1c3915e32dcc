// The key as a program gives it. Nothing of Node's cryptography is loaded for it.
import { DefinitionError } from '@reprise/core'

/** The length of every key. */
export const KEY_BYTES = 32

/** A key as a program has it: 32 bytes, as they are or in base64, or what fetches them, from a key service say. */
export type GivenKey = Uint8Array | string | (() => Promise<Uint8Array | string>)

/** How a store is encrypted. */
export interface Encryption {
  /** The key that wraps the keys of the lineages. It is asked for when the store is opened. */
  readonly key: GivenKey
  /**
   * Keys that were `key` before. Opening the store wraps anew, under `key`, what they have wrapped; no data is touched,
   * and afterwards they are not needed any more.
   *
   * @default none
   */
  readonly oldKeys?: readonly GivenKey[]
}

/**
 * Checks keys that are given as they are; those that are fetched are checked when they come.
 *
 * @throws DefinitionError with code `bad_key`.
 *
 * @example
 * ```ts
 * import { checkEncryption } from '@reprise/format'
 *
 * // As soon as a store is made, and not at its first use.
 * checkEncryption({ key: Buffer.alloc(32, 7) })
 * ```
 */
export function checkEncryption({ key, oldKeys = [] }: Encryption): void {
  for (const given of [key, ...oldKeys]) if (typeof given !== 'function') bytesOf(given)
}

/**
 * The bytes of a key.
 *
 * @throws DefinitionError with code `bad_key`, which says how long it is, and never the key.
 */
export function bytesOf(given: unknown): Buffer {
  const bytes = typeof given === 'string' ? fromBase64(given.trim()) : given
  if (bytes instanceof Uint8Array && bytes.length === KEY_BYTES) return Buffer.from(bytes)
  const found =
    bytes instanceof Uint8Array ? `has ${bytes.length} bytes` : `is ${given === null ? 'null' : `a ${typeof given}`}`
  throw new DefinitionError({
    code: 'bad_key',
    message: `The key of the encryption ${bytes === undefined ? 'is no base64' : found}. Give ${KEY_BYTES} bytes, as they are or in base64. A new one: openssl rand -base64 ${KEY_BYTES}`,
  })
}

function fromBase64(text: string): Buffer | undefined {
  return /^[\w+/-]+={0,2}$/.test(text) ? Buffer.from(text, 'base64') : undefined
}
