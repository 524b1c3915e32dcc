/** The beginning of a text that is longer than so many characters, which are counted without the ellipsis. */
export function cut(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most)}\u2026` : text
}
