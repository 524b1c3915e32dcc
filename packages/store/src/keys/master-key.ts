import { createHmac, createSecretKey, randomBytes } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { DefinitionError } from '@reprise/core'
import { openBytes, sealBytes } from './gcm.ts'
import { KEY_BYTES, LineageKey } from './lineage-key.ts'

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

/** A key that wraps the keys of lineages. */
export class MasterKey {
  /** Eight characters by which it is told from others. They say nothing of the key. */
  readonly id: string
  readonly #key: KeyObject

  constructor(bytes: Buffer) {
    this.#key = createSecretKey(bytes)
    this.id = createHmac('sha256', this.#key).update('reprise key id').digest('hex').slice(0, 8)
  }

  /** Makes a lineage's key, wrapped. */
  make(lineageId: string): Buffer {
    return sealBytes(this.#key, randomBytes(KEY_BYTES), lineageId)
  }

  /**
   * Gives a lineage's key.
   *
   * @throws Error when this key did not wrap it, or not for this lineage.
   */
  unwrap(wrapped: Buffer, lineageId: string): LineageKey {
    return new LineageKey(openBytes(this.#key, wrapped, lineageId))
  }

  /** Wraps for this key what another one has wrapped. Throws what `unwrap` throws. */
  rewrap(wrapped: Buffer, lineageId: string, by: MasterKey): Buffer {
    return sealBytes(this.#key, openBytes(by.#key, wrapped, lineageId), lineageId)
  }
}

/**
 * Checks keys that are given as they are; those that are fetched are checked when they come.
 *
 * @throws DefinitionError with code `bad_key`.
 */
export function checkEncryption({ key, oldKeys = [] }: Encryption): void {
  for (const given of [key, ...oldKeys]) if (typeof given !== 'function') bytesOf(given)
}

/**
 * Gets the keys: the one that wraps from now on comes first.
 *
 * @throws DefinitionError with code `bad_key`; what fetching one throws.
 */
export async function masterKeys({ key, oldKeys = [] }: Encryption): Promise<readonly [MasterKey, ...MasterKey[]]> {
  const get = async (given: GivenKey): Promise<MasterKey> =>
    new MasterKey(bytesOf(typeof given === 'function' ? await given() : given))
  return [await get(key), ...(await Promise.all(oldKeys.map(get)))]
}

/** What stands in an error is how long the key is, and never the key. */
function bytesOf(given: unknown): Buffer {
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
