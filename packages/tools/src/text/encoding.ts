import { isUtf8 } from 'node:buffer'
import { TextDecoder } from 'node:util'

/** The encodings that are told apart. Text that is none of the others is taken for the last, which takes everything. */
export type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252'

/** The marks that text may begin with. */
const MARKS: readonly (readonly [Encoding, readonly number[]])[] = [
  ['utf-8', [0xef, 0xbb, 0xbf]],
  ['utf-16le', [0xff, 0xfe]],
  ['utf-16be', [0xfe, 0xff]],
]

/** How much of the beginning is looked at. */
const SAMPLE = 4_096

/** Tells by the beginning of some bytes how they are to be read; undefined leaves UTF-8 or windows-1252. */
export function guessEncoding(bytes: Uint8Array): Encoding | 'binary' | undefined {
  const marked = MARKS.find(([, mark]) => mark.every((byte, index) => bytes[index] === byte))
  if (marked) return marked[0]
  const sample = bytes.subarray(0, SAMPLE)
  const zeros = sample.reduce((sum, byte) => sum + (byte === 0 ? 1 : 0), 0)
  if (zeros === 0) return undefined
  // Western text in UTF-16 has a zero in every other byte, and no text in it has zeros on both sides.
  const odd = sample.reduce((sum, byte, index) => sum + (byte === 0 && index % 2 === 1 ? 1 : 0), 0)
  if (zeros < sample.length / 5 || (odd > 0 && odd < zeros)) return 'binary'
  return odd > 0 ? 'utf-16le' : 'utf-16be'
}

/**
 * Decodes bytes by a decoder of their own.
 *
 * @param cut whether they may end in half a character, which is left out then.
 */
export function decode(bytes: Uint8Array, decoder: TextDecoder, cut = false): string {
  // Node.js 22.18 takes windows-1252 for latin1 where it is not told that more may come.
  const text = decoder.decode(bytes, { stream: true })
  return cut ? text : text + decoder.decode()
}

/** Decodes whole text, without its mark, or gives undefined for what is no text. */
export function decodeText(bytes: Uint8Array): { text: string; encoding: Encoding } | undefined {
  const guessed = guessEncoding(bytes)
  if (guessed === 'binary') return undefined
  const encoding = guessed ?? (isUtf8(bytes) ? 'utf-8' : 'windows-1252')
  const text = decode(bytes, new TextDecoder(encoding))
  return text.includes('\0') ? undefined : { text, encoding }
}
