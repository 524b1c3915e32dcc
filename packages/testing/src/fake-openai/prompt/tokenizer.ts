/** Turns text into the numbers of its tokens. */
export type Tokenize = (text: string) => readonly number[]

/** Letters, marks or blanks without a break: the time of byte-pair encoding grows with their square. */
const LONG_RUN = /[\p{L}\p{M}]{256,}|[^\s\p{L}\p{N}]{256,}|\s{256,}/gu

const MAX_REMEMBERED = 20_000

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
  const { encode } = await encodings[encoding]()
  const plain = { disallowedSpecial: new Set<string>() }
  const remembered = new Map<string, readonly number[]>()
  return (text) => {
    let tokens = remembered.get(text)
    if (tokens) return tokens
    tokens = cut(text).flatMap((piece) => encode(piece, plain))
    if (remembered.size >= MAX_REMEMBERED) remembered.clear()
    remembered.set(text, tokens)
    return tokens
  }
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
