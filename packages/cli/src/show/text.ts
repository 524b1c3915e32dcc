/** What a terminal would take for orders, or what would turn a line around: control characters and marks of direction. */
// oxlint-disable-next-line no-control-regex -- they are what is looked for.
const ORDERS = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069]/g

/** The most characters of a text in a timeline. */
const MOST = 160

/** A text that others wrote, harmless to a terminal. */
export function plain(text: string): string {
  return text.replaceAll(ORDERS, '\uFFFD')
}

/** A text on one line, cut where it is long. */
export function short(text: string): string {
  const line = plain(text.replaceAll(/\s+/g, ' ').trim())
  return line.length > MOST ? `${line.slice(0, MOST - 1)}…` : line
}

/** A value on one line, cut where it is long. */
export function shortJson(value: unknown): string {
  return short(JSON.stringify(value))
}

/** A whole text under a heading. */
export function indent(text: string, by = '  '): string {
  return plain(text).replaceAll(/^(?=.)/gm, by)
}

/** A word as a shell takes it for one. */
export function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`
}
