/**
 * The beginning of a text that is longer than so many characters, which are counted without the ellipsis. It ends with a
 * whole character: half of an emoji is refused by parsers of JSON that are stricter than ours.
 */
export function cut(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most).replace(/[\uD800-\uDBFF]$/, '')}\u2026` : text
}
