import { cut } from './cut.ts'
import { findTooDeep, MOST_LEVELS, shortPath, type Unjson } from './json.ts'

/**
 * Finds what of a text of JSON cannot be taken as it is written, and says it to the model that wrote it: a number that would
 * be another one here, since to act on a rounded id is to act on somebody else's order; a key that stands twice in an
 * object, of which one reader takes the first and another the last; and what nests too deep.
 *
 * @param value what the text says.
 * @returns a complaint with the path, or undefined where all is well.
 */
export function refuseWritten(text: string, value: unknown): string | undefined {
  const deep = mayBeDeep(text) ? findTooDeep(value) : undefined
  if (deep) return `${place(deep)} is ${deep.found}. Write it flatter.`
  const odd = mayRepeat(text, value) || MAY_ROUND.test(text) ? findOdd(text) : undefined
  if (!odd) return undefined
  if (odd.isTwice) return `${cut(place(odd), LONGEST_SHOWN)} stands there twice. Write each key once.`
  return `${place(odd)} is ${cut(odd.found, LONGEST_SHOWN)}, a number that would be rounded here. Where text is taken, write it in quotes; else write one that is no greater than ${Number.MAX_SAFE_INTEGER}.`
}

/** How much of a number is shown. */
const LONGEST_SHOWN = 60

function place({ path }: Unjson): string {
  return shortPath(path).replace(/^\./, '') || 'The value'
}

/** What nests so deep has at least so many brackets. */
function mayBeDeep(text: string): boolean {
  return text.length > 2 * MOST_LEVELS
}

/** No shorter text than this is a number that a double cannot tell. */
const MAY_ROUND = /\d{16}|\d\.?\d*[eE]\+?\d/

/** An object in which a key stands twice has two colons, and its value, which has one of them, is not written like that. */
function mayRepeat(text: string, value: unknown): boolean {
  return text.indexOf(':') !== text.lastIndexOf(':') && JSON.stringify(value) !== text
}

/** A number as it is written, and the key that the value at its place in a text belongs to. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|[[\]{},:]/g

/** Where in a text, that is JSON, the reader is: the key or the index of what comes next. */
interface Level {
  readonly isList: boolean
  /** The keys so far: as text, however they are escaped. */
  readonly keys: Set<string>
  key: string
  index: number
}

interface Odd extends Unjson {
  /** Whether it is a key that has stood there before; else it is a number. */
  readonly isTwice: boolean
}

function findOdd(text: string): Odd | undefined {
  const levels: Level[] = []
  let quoted = ''
  for (const [token] of text.matchAll(TOKEN)) {
    const level = levels.at(-1)
    if (token === '[' || token === '{') levels.push({ isList: token === '[', keys: new Set(), key: '', index: 0 })
    else if (token === ']' || token === '}') levels.pop()
    else if (token === ',' && level) level.index++
    else if (token === ':' && level) {
      // A key that was a token of JSON is text.
      level.key = JSON.parse(quoted) as string
      if (level.keys.has(level.key)) return { path: levels.map(step).join(''), found: quoted, isTwice: true }
      level.keys.add(level.key)
    } else if (token.startsWith('"')) quoted = token
    else if (token !== ',' && token !== ':' && isRounded(token))
      return { path: levels.map(step).join(''), found: token, isTwice: false }
  }
  return undefined
}

function step({ isList, key, index }: Level): string {
  return isList ? `[${index}]` : `.${key}`
}

/** A whole number is to be itself; any other is to be written the same again where a double has no fractions. */
function isRounded(written: string): boolean {
  const value = Number(written)
  if (!Number.isFinite(value)) return true
  if (Math.abs(value) <= Number.MAX_SAFE_INTEGER) return false
  if (/^-?\d+$/.test(written)) return BigInt(written) !== BigInt(value)
  return decimal(written) !== decimal(String(value))
}

/** The digits of a number and their place, in one way: `12e+3` and `12000.0` are the same. */
function decimal(written: string): string {
  const [, whole = '', fraction = '', exponent = '0'] = /^-?(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(written) ?? []
  const digits = `${whole}${fraction}`.replace(/^0+/, '')
  const trimmed = digits.replace(/0+$/, '')
  return `${trimmed}e${Number(exponent) - fraction.length + digits.length - trimmed.length}`
}
