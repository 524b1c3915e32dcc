import { RecentMap } from '../memory/recent-map.ts'

/** Turns text into the numbers of its tokens. */
export type Tokenize = (text: string) => readonly number[]

/** Letters, marks or blanks without a break: the time of byte-pair encoding grows with their square. */
const LONG_RUN = /[\p{L}\p{M}]{256,}|[^\s\p{L}\p{N}]{256,}|\s{256,}/gu

/** What is remembered of texts that were encoded, in characters and tokens. */
const REMEMBERED = 500_000

/** How many words that are no token by themselves the encoder remembers. */
const WORDS = 1_000

/** How a model's words are encoded: the GPT-4o, 4.1 and later models by the first, embeddings by the second. */
const encodings = {
  o200k_base: () => import('gpt-tokenizer/encoding/o200k_base'),
  cl100k_base: () => import('gpt-tokenizer/encoding/cl100k_base'),
} as const

/**
 * Loads an encoding, and remembers what it encoded.
 * Runs of 256 characters without a break are cut, so that time grows with the length; only such runs may count a
 * token or two more than on the platform.
 */
export async function loadTokenizer(encoding: keyof typeof encodings = 'o200k_base'): Promise<Tokenize> {
  // It takes 200 ms and 60 MB: not for those who import this package for something else.
  const { encode, setMergeCacheSize } = await encodings[encoding]()
  const plain = { disallowedSpecial: new Set<string>() }
  setMergeCacheSize(WORDS)
  const remembered = new RecentMap<string, readonly number[]>(REMEMBERED, (text, tokens) => text.length + tokens.length)
  return (text) => {
    let tokens = remembered.get(text)
    if (tokens) return tokens
    tokens = hasLongRun(text) ? cut(text).flatMap((piece) => encode(piece, plain)) : encode(text, plain)
    remembered.set(text, tokens)
    return tokens
  }
}

/** Whether there may be such a run: looking at each character once is far quicker than matching. */
function hasLongRun(text: string): boolean {
  let from = 0
  let blank = false
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    // A blank beyond ASCII counts as none: that finds runs too many, which are looked at again.
    const isBlank = code === 32 || (code >= 9 && code <= 13)
    if (isBlank !== blank) {
      from = at
      blank = isBlank
    } else if (at - from >= 255) return true
  }
  return false
}

function cut(text: string): string[] {
  const pieces: string[] = []
  let at = 0
  for (const { 0: run, index } of text.matchAll(LONG_RUN)) {
    pieces.push(text.slice(at, index), ...(run.match(/.{1,256}/gsu) ?? []))
    at = index + run.length
  }
  return [...pieces, text.slice(at)]
}
