import { createHmac, createSecretKey, randomBytes } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { openBytes, sealBytes } from './gcm.ts'
import { bytesOf, KEY_BYTES } from './given-key.ts'
import type { Encryption, GivenKey } from './given-key.ts'
import { LineageKey } from './lineage-key.ts'

/**
 * A key that wraps the keys of lineages.
 *
 * @example
 * ```ts
 * import { MasterKey } from '@reprise/format/keys'
 *
 * const master = new MasterKey(Buffer.alloc(32, 7))
 * const lineage = master.unwrap(master.make('ticket-4711'), 'ticket-4711')
 * ```
 */
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
 * Gets the keys: the one that wraps from now on comes first.
 *
 * @throws DefinitionError with code `bad_key`; what fetching one throws.
 *
 * @example
 * ```ts
 * import { masterKeys } from '@reprise/format/keys'
 *
 * const [first, ...old] = await masterKeys({ key: Buffer.alloc(32, 8), oldKeys: [Buffer.alloc(32, 7)] })
 * console.log(first.id !== old[0]?.id) // true
 * ```
 */
export async function masterKeys({ key, oldKeys = [] }: Encryption): Promise<readonly [MasterKey, ...MasterKey[]]> {
  const get = async (given: GivenKey): Promise<MasterKey> =>
    new MasterKey(bytesOf(typeof given === 'function' ? await given() : given))
  return [await get(key), ...(await Promise.all(oldKeys.map(get)))]
}
