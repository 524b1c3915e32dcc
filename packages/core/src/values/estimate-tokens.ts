// How many tokens a text is, about, without anybody's tokenizer: what a model is told of a long result is cut by this, each
// time that its journal is read. So it must say the same for ever: another estimate is another function.

/** What a character is: blank, letter, digit, sign, line break, of two bytes, of three. */
const ASCII = Uint8Array.from({ length: 128 }, (_, code) => classOf(String.fromCharCode(code)))
const [TWO_BYTES, THREE_BYTES] = [5, 6]

/** Tokens in parts of 32, by class: of the first character of several, and of each after it; fitted to o200k_base. */
const FIRST = Uint8Array.of(0, 28, 30, 22, 18, 16, 28)
const MORE = Uint8Array.of(1, 3, 10, 6, 4, 9, 23)
const PARTS = 32

function classOf(character: string): number {
  if (character === ' ') return 0
  if (/[A-Za-z]/.test(character)) return 1
  if (/\d/.test(character)) return 2
  return /[\n\r\t]/.test(character) ? 4 : 3
}

/** Estimates the tokens of a text: of prose, code, JSON and tables a tenth more or fewer than o200k_base has. */
export function estimateTokens(text: string): number {
  let parts = 0
  let before = -1
  for (let at = 0; at < text.length; at++) {
    const kind = kindAt(text, at)
    parts += partsOf(kind, before)
    before = kind
  }
  return Math.ceil(parts / PARTS)
}

/** How many characters from a place on make so many tokens at most, by the same estimate. */
export function lengthWithin(text: string, tokens: number, from = 0): number {
  let left = tokens * PARTS
  let before = -1
  for (let at = from; at < text.length; at++) {
    const kind = kindAt(text, at)
    left -= partsOf(kind, before)
    if (left < 0) return at - from
    before = kind
  }
  return Math.max(0, text.length - from)
}

/** How many characters at the end of a text make so many tokens at most. */
export function lengthBefore(text: string, tokens: number): number {
  let left = tokens * PARTS
  let after = -1
  for (let at = text.length - 1; at >= 0; at--) {
    const kind = kindAt(text, at)
    left -= partsOf(kind, after)
    if (left < 0) return text.length - 1 - at
    after = kind
  }
  return text.length
}

/** Whether a text is surely within so many tokens by its length alone: no character is more than one. */
export function isWithin(text: string, tokens: number): boolean {
  return text.length <= tokens || estimateTokens(text) <= tokens
}

// Outside of the tables a typed array gives nothing, which no class does.
function kindAt(text: string, at: number): number {
  const code = text.charCodeAt(at)
  if (code >= 0x80) return code < 0x800 ? TWO_BYTES : THREE_BYTES
  return ASCII[code] ?? 0
}

function partsOf(kind: number, beside: number): number {
  return (kind === beside ? MORE[kind] : FIRST[kind]) ?? 0
}
