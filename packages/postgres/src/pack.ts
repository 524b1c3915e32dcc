import type { Stored } from '@reprise/format'

/** Where something stands in what is sent: how many bytes before it, and how many it has. */
export interface Packed {
  readonly offset: number
  readonly length: number
}

/** Texts and bytes, one after the other, for one parameter of a statement. */
export class Pack {
  readonly #parts: Stored[] = []
  #bytes = 0

  /** @returns where it stands. */
  add(part: Stored): Packed {
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
