const MOST = 100

/** A text on one line, cut where it is long. */
export function short(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim()
  return line.length > MOST ? `${line.slice(0, MOST - 1)}…` : line
}
