/** Gives the number of a text's tokens. */
export type Count = (text: string) => number

/** What byte-pair encoding takes as one piece before it begins: its time grows with the square of a piece's length. */
const PIECES = /[\p{L}\p{M}]+|[^\s\p{L}\p{N}]+|\s+/gu

const LONGEST = 256

let loading: Promise<Count> | undefined

/**
 * Loads o200k_base, the encoding of GPT-4o and all later models, at the first call: it takes 200 ms and 60 MB.
 * Text without breaks is cut every 256 characters, so that time grows with the length; there alone the count may be a
 * token off at each cut.
 */
export function loadCount(): Promise<Count> {
  return (loading ??= import('gpt-tokenizer/encoding/o200k_base').then(({ countTokens }) => {
    // Marks of the encoding's own in a user's words are words.
    const plain = { disallowedSpecial: new Set<string>() }
    return (text) => {
      let tokens = 0
      let from = 0
      for (const { 0: piece, index } of text.matchAll(PIECES)) {
        if (piece.length < LONGEST) continue
        tokens += countTokens(text.slice(from, index), plain)
        for (const part of piece.match(/.{1,256}/gsu) ?? []) tokens += countTokens(part, plain)
        from = index + piece.length
      }
      return tokens + countTokens(text.slice(from), plain)
    }
  }))
}
