/** What other engines write in their own way: names of groups, flags in front, and repetitions that give nothing back. */
const FOREIGN = [
  [/\(\?P</g, '(?<'],
  [/\(\?P=(\w+)\)/g, '\\k<$1>'],
  [/\(\?[a-zA-Z-]+\)/g, ''],
  [/\(\?[a-zA-Z-]+:/g, '(?:'],
  [/(?<!\\)([*+?}])\+/g, '$1'],
] as const

/** Tells whether a pattern is one: a service may have another engine than JavaScript's, and takes what that writes. */
export function isPattern(pattern: string): boolean {
  const own = FOREIGN.reduce((text, [foreign, ours]) => text.replace(foreign, ours), pattern)
  return [pattern, own].some((source) => compiles(source, '') || compiles(source, 'u'))
}

function compiles(source: string, flags: string): boolean {
  try {
    return new RegExp(source, flags) instanceof RegExp
  } catch {
    return false
  }
}
