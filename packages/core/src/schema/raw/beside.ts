import { isList, isObject, type Raw } from './raw.ts'
import { wordsOf } from './words.ts'

/** Bounds in words, by their keywords. */
const BOUNDS: { readonly [keyword: string]: (bound: unknown) => string } = {
  minLength: (least) => `at least ${String(least)} characters`,
  maxLength: (most) => `at most ${String(most)} characters`,
  pattern: (pattern) => `matching /${String(pattern)}/`,
  format: (format) => `format ${String(format)}`,
  minimum: (least) => `at least ${String(least)}`,
  maximum: (most) => `at most ${String(most)}`,
  exclusiveMinimum: (bound) => `more than ${String(bound)}`,
  exclusiveMaximum: (bound) => `less than ${String(bound)}`,
  multipleOf: (divisor) => `a multiple of ${String(divisor)}`,
  minItems: (least) => `at least ${String(least)} items`,
  maxItems: (most) => `at most ${String(most)} items`,
  minProperties: (least) => `at least ${String(least)} properties`,
  maxProperties: (most) => `at most ${String(most)} properties`,
}

/** Says in words what a schema checks beside its reference, where services take no keyword; what is the same there is left out. */
export function wordsBeside(raw: Raw, target: unknown): readonly string[] {
  const there = isObject(target) ? target : {}
  const known = new Set(wordsOf(there))
  const bounds = Object.entries(BOUNDS).filter(([keyword]) => isBound(raw[keyword]) && raw[keyword] !== there[keyword])
  return [
    ...wordsOf(raw).filter((word) => !known.has(word)),
    ...bounds.map(([keyword, say]) => say(raw[keyword])),
    ...choiceBeside(raw, there),
    ...(raw['uniqueItems'] === true && there['uniqueItems'] !== true ? ['no item twice'] : []),
    ...(isList(raw['allOf']) ? raw['allOf'].flatMap((part) => (isObject(part) ? wordsBeside(part, there) : [])) : []),
  ]
}

/** Libraries add the bounds of safe integers by themselves. */
function isBound(value: unknown): boolean {
  return typeof value === 'string' || (typeof value === 'number' && Math.abs(value) !== Number.MAX_SAFE_INTEGER)
}

function choiceBeside(raw: Raw, there: Raw): readonly string[] {
  const said = { enum: 'one of', const: 'exactly', required: 'never without' }
  return Object.entries(said)
    .filter(([keyword]) => keyword in raw && JSON.stringify(raw[keyword]) !== JSON.stringify(there[keyword]))
    .map(
      ([keyword, words]) =>
        `${words} ${[raw[keyword]]
          .flat()
          .map((value) => JSON.stringify(value))
          .join(', ')}`,
    )
}
