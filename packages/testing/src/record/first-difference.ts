import { inOrder } from './asked.ts'

/** Where two values part first, and what stands there on each side. */
export interface Difference {
  /** `.items[2].output`. */
  readonly path: string
  readonly recorded: string
  readonly now: string
}

/** How much of a text is shown around the place where it is another. */
const AROUND = 60

/** Finds the first place where two values of JSON are not the same; undefined where they are. */
export function firstDifference(recorded: unknown, now: unknown, path = ''): Difference | undefined {
  if (inOrder(recorded) === inOrder(now)) return undefined
  if (!isObject(recorded) || !isObject(now) || Array.isArray(recorded) !== Array.isArray(now))
    return { path, ...shown(recorded, now) }
  const names = new Set([...Object.keys(recorded), ...Object.keys(now)])
  for (const name of names) {
    const place = Array.isArray(now) ? `${path}[${name}]` : `${path}.${name}`
    const found = firstDifference(recorded[name], now[name], place)
    if (found) return found
  }
  return undefined
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

function shown(recorded: unknown, now: unknown): Pick<Difference, 'recorded' | 'now'> {
  const [before, after] = [say(recorded), say(now)]
  let at = 0
  while (at < before.length && before[at] === after[at]) at += 1
  return { recorded: around(before, at), now: around(after, at) }
}

function say(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value)
}

function around(text: string, at: number): string {
  const from = Math.max(0, at - AROUND)
  const to = at + AROUND
  // Half of an emoji is no text.
  return `${from > 0 ? `\u2026` : ''}${text.slice(from, to).toWellFormed()}${to < text.length ? `\u2026` : ''}`
}
