import { printable } from '@reprise/core'

/** The most characters of a text in a timeline. */
const MOST = 160

/** A value that others wrote, with every text in it harmless to a terminal: what is shown goes through it first. */
export function harmless<T>(value: T): T {
  // Texts become texts, and everything else keeps its shape.
  return disarmed(value) as T
}

/** A text on one line, whole: nobody forges another line with it. */
export function oneLine(text: string): string {
  return printable(text.replaceAll(/\s+/g, ' ').trim())
}

/** A text on one line, cut where it is long. */
export function short(text: string): string {
  const line = oneLine(text)
  return line.length > MOST ? `${line.slice(0, MOST - 1)}\u2026` : line
}

/** A value on one line, cut where it is long. */
export function shortJson(value: unknown): string {
  return short(JSON.stringify(value))
}

/** The most characters of two texts that are the same and shown before what differs. */
const BEFORE = 20

/** Two texts from just before the place where they part. */
export function apart(one: string, other: string): readonly [string, string] {
  let at = 0
  while (at < one.length && one[at] === other[at]) at++
  if (at <= BEFORE) return [one, other]
  const from = at - BEFORE
  return [`\u2026${one.slice(from)}`, `\u2026${other.slice(from)}`]
}

/** A whole text under a heading. */
export function indent(text: string, by = '  '): string {
  return printable(text).replaceAll(/^(?=.)/gm, by)
}

/** A word as a shell takes it for one. */
export function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`
}

function disarmed(value: unknown): unknown {
  if (typeof value === 'string') return printable(value)
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(disarmed)
  return Object.fromEntries(Object.entries(value).map(([key, held]) => [printable(key), disarmed(held)]))
}
