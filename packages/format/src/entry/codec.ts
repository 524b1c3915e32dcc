import type { Digest } from '@reprise/core'
import type { Cipher } from './cipher.ts'
import { longMembers } from './members.ts'
import type { Range } from './members.ts'

/**
 * The version of what a row's body, a blob and a kind's number mean. A database says which one it holds.
 *
 * @example
 * ```ts
 * import { FORMAT } from '@reprise/format'
 *
 * // Whether a database holds what this program can read.
 * const isReadable = (found: number): boolean => found >= 1 && found <= FORMAT
 * console.log(isReadable(FORMAT)) // true
 * ```
 */
export const FORMAT = 2

/** The most characters of a body that stands whole in its row (invariant 1). */
export const MAX_INLINE_CHARS = 4096

/** The fewest characters of a member's value that are worth a blob when the body is too long for its row. */
const MIN_BLOB_CHARS = 1024

/** What no JSON text begins with: it tells a body with holes from a whole one. */
const MARK = '~'

/** A part of a body that stands once, however many entries of its lineage hold it, by what its text is found by. */
export interface Blob {
  readonly address: Digest
  readonly text: string
}

/** A body as its row keeps it, and the parts that were cut out of it. */
export interface EncodedBody {
  readonly body: string
  readonly blobs: readonly Blob[]
}

const NO_BLOBS: readonly Blob[] = []

/**
 * Turns a body's text into what its row keeps: the text, or, where that is long, the text with its long members cut
 * out and, before it, where each belongs: `~[[10,"<address>"]]` and a line feed.
 *
 * @example
 * ```ts
 * import { encodeBody, PLAIN } from '@reprise/format'
 *
 * const { blobs } = encodeBody(JSON.stringify({ name: 'read', result: 'x'.repeat(10_000) }), PLAIN)
 * console.log(blobs.length) // 1
 * ```
 */
export function encodeBody(text: string, { address }: Cipher): EncodedBody {
  if (text.length <= MAX_INLINE_CHARS && !text.startsWith(MARK)) return { body: text, blobs: NO_BLOBS }
  const ranges = longMembers(text, MIN_BLOB_CHARS)
  const left = ranges.reduce((length, [start, end]) => length - (end - start), text.length)
  return cut(text, left <= MAX_INLINE_CHARS ? ranges : [[0, text.length]], address)
}

function cut(text: string, ranges: readonly Range[], addressOf: Cipher['address']): EncodedBody {
  const blobs: Blob[] = []
  const holes: [offset: number, address: Digest][] = []
  let rest = ''
  let done = 0
  for (const [start, end] of ranges) {
    const part = text.slice(start, end)
    const address = addressOf(part)
    rest += text.slice(done, start)
    holes.push([rest.length, address])
    blobs.push({ address, text: part })
    done = end
  }
  return { body: `${MARK}${JSON.stringify(holes)}\n${rest}${text.slice(done)}`, blobs }
}

/**
 * Gives a body's text back to the character.
 *
 * @param blob finds a blob's text by its address.
 * @throws whatever a damaged body brings about; a body that is merely altered gives another text.
 *
 * @example
 * ```ts
 * import { decodeBody, encodeBody, PLAIN } from '@reprise/format'
 *
 * const text = JSON.stringify({ name: 'read', result: 'x'.repeat(10_000) })
 * const { body, blobs } = encodeBody(text, PLAIN)
 * const kept = new Map(blobs.map((blob) => [blob.address, blob.text]))
 * console.log(decodeBody(body, (address) => kept.get(address) ?? '') === text) // true
 * ```
 */
export function decodeBody(body: string, blob: (address: Digest) => string): string {
  if (!body.startsWith(MARK)) return body
  const head = body.indexOf('\n')
  const holes = JSON.parse(body.slice(MARK.length, head)) as [offset: number, address: Digest][]
  const rest = body.slice(head + 1)
  let text = ''
  let done = 0
  for (const [offset, address] of holes) {
    text += rest.slice(done, offset) + blob(address)
    done = offset
  }
  return text + rest.slice(done)
}
