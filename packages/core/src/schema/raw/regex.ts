const compiled = new Map<string, RegExp | undefined>()

/** The most patterns that are kept ready. */
const MOST_KEPT = 1_000

/** A pattern as JavaScript reads it; undefined where it is one of another engine's, or none. */
export function regexOf(pattern: string): RegExp | undefined {
  if (!compiled.has(pattern)) {
    if (compiled.size >= MOST_KEPT) compiled.clear()
    compiled.set(pattern, compile(pattern, 'u') ?? compile(pattern, ''))
  }
  return compiled.get(pattern)
}

function compile(pattern: string, flags: string): RegExp | undefined {
  try {
    return new RegExp(pattern, flags)
  } catch {
    return undefined
  }
}
