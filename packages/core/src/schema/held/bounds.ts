// What a value by itself is held to: its type, the values that it may be, and bounds.
import { sameJson } from '../../values/same-json.ts'
import { sortedJson } from '../../values/sorted-json.ts'
import { isOfType } from '../raw/of-type.ts'
import { isList, isObject, type Raw } from '../raw/raw.ts'
import { regexOf } from '../raw/regex.ts'

/** Says what of a place's type and values a value breaks, as a sentence goes on after "it"; undefined where it keeps them. */
export function breaksType(raw: Raw, value: unknown): string | undefined {
  const types = [raw['type'] ?? []].flat().map(String)
  if (types.length > 0 && !types.some((type) => isOfType(value, type))) return `must be of type ${types.join(' or ')}`
  if ('const' in raw && !sameJson(raw['const'], value)) return `must be ${JSON.stringify(raw['const'])}`
  if (isList(raw['enum']) && !raw['enum'].some((one) => sameJson(one, value)))
    return `must be one of ${raw['enum'].map((one) => JSON.stringify(one)).join(', ')}`
  return undefined
}

/** Says which bound of a place a value breaks, as a sentence goes on after "it"; undefined where it keeps all. */
export function breaksBound(raw: Raw, value: unknown): string | undefined {
  if (typeof value === 'number') return breaksNumber(raw, value)
  if (typeof value === 'string') return breaksText(raw, value)
  if (isList(value)) return breaksList(raw, value)
  return isObject(value) ? breaksCount(raw, Object.keys(value).length, 'Properties', 'properties') : undefined
}

function breaksNumber(raw: Raw, value: number): string | undefined {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = raw
  // Draft 4 says by a flag beside a bound that the bound itself is not taken.
  const above = exclusiveMinimum === true ? minimum : exclusiveMinimum
  const below = exclusiveMaximum === true ? maximum : exclusiveMaximum
  if (typeof minimum === 'number' && value < minimum) return `must be at least ${minimum}`
  if (typeof maximum === 'number' && value > maximum) return `must be at most ${maximum}`
  if (typeof above === 'number' && value <= above) return `must be more than ${above}`
  if (typeof below === 'number' && value >= below) return `must be less than ${below}`
  return typeof multipleOf === 'number' && !isMultiple(value, multipleOf)
    ? `must be a multiple of ${multipleOf}`
    : undefined
}

/** 0.3 is a multiple of 0.1, though a double says 2.9999999999999996. */
function isMultiple(value: number, divisor: number): boolean {
  const times = value / divisor
  return Math.abs(times - Math.round(times)) <= Number.EPSILON * Math.max(1, Math.abs(times))
}

function breaksText(raw: Raw, value: string): string | undefined {
  const { pattern } = raw
  if (typeof pattern === 'string' && regexOf(pattern)?.test(value) === false) return `must match /${pattern}/`
  // An emoji is one character, and two units of a text.
  return breaksCount(raw, Array.from(value).length, 'Length', 'characters')
}

function breaksList(raw: Raw, value: readonly unknown[]): string | undefined {
  if (raw['uniqueItems'] === true && new Set(value.map(sortedJson)).size < value.length)
    return 'must have no item twice'
  return breaksCount(raw, value.length, 'Items', 'items')
}

function breaksCount(raw: Raw, count: number, what: string, name: string): string | undefined {
  const [least, most] = [raw[`min${what}`], raw[`max${what}`]]
  if (typeof least === 'number' && count < least) return `must have at least ${least} ${name}`
  return typeof most === 'number' && count > most ? `must have at most ${most} ${name}` : undefined
}
