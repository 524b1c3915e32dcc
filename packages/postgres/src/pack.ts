import type { Stored } from '@reprise/format'
import type { Place } from './batch.ts'

/** Texts and bytes, one after the other, for one parameter of a statement. */
export class Pack {
  readonly #parts: Stored[] = []
  #bytes = 0

  /** @returns where it stands. */
  add(part: Stored): Place {
    const place = { offset: this.#bytes, length: Buffer.byteLength(part) }
    this.#parts.push(part)
    this.#bytes += place.length
    return place
  }

  /** All of it. */
  toBuffer(): Buffer {
    const bytes = Buffer.allocUnsafe(this.#bytes)
    let offset = 0
    for (const part of this.#parts) {
      if (typeof part === 'string') offset += bytes.write(part, offset)
      else offset += part.copy(bytes, offset)
    }
    return bytes
  }
}
