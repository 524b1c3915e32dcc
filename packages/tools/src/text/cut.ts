/** Cuts a text to at most so many characters, never inside of one, and says in its place what is left out. */
export function cut(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text
  const kept = head(text, maxChars)
  return `${kept}… (${text.length - kept.length} more characters)`
}

/** The beginning of a text: at most so many UTF-16 units, and no half of a pair at its end. */
export function head(text: string, maxChars: number): string {
  const end = /[\uD800-\uDBFF]/.test(text.charAt(maxChars - 1)) ? maxChars - 1 : maxChars
  return text.slice(0, end)
}
