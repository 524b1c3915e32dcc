/** The most characters of a word that count: what is longer is no word. */
const LONGEST = 64

const WORD = /[\p{L}\p{N}\p{M}]+/gu

/** The words of a text, each once: runs of letters and digits, in small letters. */
export function wordsOf(text: string): readonly string[] {
  const found = text.normalize('NFKC').toLowerCase().match(WORD) ?? []
  return [...new Set(found.map((word) => Array.from(word).slice(0, LONGEST).join('')))]
}
