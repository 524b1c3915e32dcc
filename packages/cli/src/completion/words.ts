/** A command line as far as it was typed, as a shell takes it apart. */
export interface TypedLine {
  /** Without quotes and backslashes; the last is the one that is being typed, and may be empty. */
  readonly words: readonly string[]
  /** The last as it was typed. */
  readonly raw: string
}

/** Takes a command line apart into words, of which the last may not be complete. */
export function typedWords(line: string): TypedLine {
  const words: string[] = []
  let [word, raw, quote] = ['', '', '']
  for (let at = 0; at < line.length; at++) {
    const sign = line[at] ?? ''
    if (quote === '' && /\s/.test(sign)) {
      if (raw !== '') words.push(word)
      ;[word, raw] = ['', '']
      continue
    }
    raw += sign
    if (sign === quote) quote = ''
    else if (quote === '' && (sign === '"' || sign === "'")) quote = sign
    else if (sign === '\\' && quote !== "'" && at + 1 < line.length) {
      at += 1
      raw += line[at] ?? ''
      word += line[at] ?? ''
    } else word += sign
  }
  return { words: [...words, word], raw }
}

/** A word as bash takes it for one, whatever is in it. */
export function quotedForBash(word: string): string {
  return word.replaceAll(/[^\w@%+=:,./-]/g, (sign) => `\\${sign}`)
}
