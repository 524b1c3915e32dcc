import { MORE } from './apart.ts'
import { isTelling, isUnionBeside } from '../held/foreign.ts'
import { follow } from '../raw/follow.ts'
import { Differ, meet, NEVER, type Pair } from './meet.ts'
import { isList, isNever, isObject, isSaying, type Raw } from '../raw/raw.ts'
import { refuse } from './refuse.ts'
import type { Speaker } from './said.ts'
import { sameJson } from '../../values/same-json.ts'
import { WORDS } from '../raw/words.ts'

const HERE = 'Write the whole of it as one schema.'

/** The most alternatives that several lists of them make together, those within them counted too. */
const MOST_ALTERNATIVES = 200

/**
 * Tells whether several schemas must hold at once: those of an `allOf`, one that is referred to and properties beside it, or
 * alternatives and what stands beside them.
 */
export function isMixed(raw: Raw): boolean {
  if (isUnionBeside(raw)) return true
  return isList(raw['allOf']) ? typeof raw['$ref'] !== 'string' || raw['allOf'].some(isShape) : isExtended(raw)
}

function isExtended(raw: Raw): boolean {
  return typeof raw['$ref'] === 'string' && (isSaying(raw['properties']) || raw[MORE] !== undefined)
}

/** Whether a schema beside a reference is more than a bound, which can be said in words. */
function isShape(raw: unknown): boolean {
  return (
    isObject(raw) &&
    ['$ref', 'properties', 'items', 'allOf', 'anyOf', 'oneOf', 'required'].some((keyword) => keyword in raw)
  )
}

/** Makes one schema of all that must hold at once: objects are put together, bounds are gathered, alternatives are written out. */
export function mergeAll(raw: Raw, path: string, speaker: Speaker): Raw {
  try {
    return new Mixture(path, speaker).of(raw, new Set())
  } catch (error) {
    if (error instanceof Differ)
      throw refuse(speaker, path, `combines two schemas that differ in "${error.keyword}"`, HERE)
    if (error instanceof Itself) throw refuse(speaker, path, 'combines a schema with itself', HERE)
    throw error
  }
}

class Itself extends Error {}

/** One putting together of one place. */
class Mixture {
  readonly #path: string
  readonly #speaker: Speaker
  readonly #pairs: Pair
  #alternatives = 0

  constructor(path: string, speaker: Speaker) {
    this.#path = path
    this.#speaker = speaker
    this.#pairs = (one, other) => this.#pair(one, other)
  }

  /** @param above what is being put together already. */
  of(raw: Raw, above: Set<Raw>): Raw {
    const parts: Raw[] = []
    const unions: (readonly unknown[])[] = []
    this.#gather(raw, above, parts, unions, new Set())
    above.add(raw)
    const whole = this.#whole(meet(parts, this.#pairs), unions, above)
    above.delete(raw)
    return whole
  }

  #whole(base: Raw, unions: readonly (readonly unknown[])[], above: Set<Raw>): Raw {
    const [only, ...others] = unions
    if (!only) return base
    const telling = Object.keys(base).filter(isTelling)
    if (telling.length === 0 && others.length === 0) return { ...base, anyOf: only }
    this.#alternatives += unions.reduce((count, union) => count * union.length, 1)
    if (this.#alternatives > MOST_ALTERNATIVES)
      throw refuse(this.#speaker, this.#path, `combines more than ${MOST_ALTERNATIVES} alternatives`, HERE)
    const { title, description, [WORDS]: words, ...bare } = base
    const notes = { ...(title !== undefined && { title }), ...(description !== undefined && { description }) }
    const choices = unions.reduce<readonly (readonly unknown[])[]>(
      (all, union) => all.flatMap((choice) => union.map((branch) => [...choice, branch])),
      [[]],
    )
    const isType = telling.join() === 'type'
    const anyOf = choices.flatMap((choice) => this.#choose(bare, choice, isType, above))
    if (anyOf.length === 0) throw new Differ('anyOf', true)
    return { ...notes, ...(words !== undefined && { [WORDS]: words }), anyOf }
  }

  /** One alternative in full; nothing where no value can be it. */
  #choose(base: Raw, choice: readonly unknown[], isType: boolean, above: Set<Raw>): readonly unknown[] {
    const [only, ...others] = choice
    // What says the type itself can stay a reference.
    if (isType && others.length === 0 && sameJson(this.#resolve(only)['type'], base['type'])) return [only]
    try {
      const whole = this.of({ allOf: [base, ...choice] }, new Set(above))
      return isNever(whole) ? [] : [whole]
    } catch (error) {
      if (error instanceof Itself || (error instanceof Differ && error.isContradiction)) return []
      throw error
    }
  }

  #gather(given: unknown, above: Set<Raw>, parts: Raw[], unions: (readonly unknown[])[], done: Set<Raw>): void {
    if (given === true) return
    if (given === false) throw new Differ('false', true)
    if (!isObject(given)) throw refuse(this.#speaker, this.#path, 'combines a schema that is not there', HERE)
    if (above.has(given)) throw new Itself()
    // What must hold twice must hold once.
    if (done.has(given)) return
    above.add(given)
    const { allOf, anyOf, oneOf, $ref, ...own } = this.#speaker.apart(given, this.#path)
    parts.push(own)
    if (typeof $ref === 'string') this.#gather(follow(this.#speaker.root, $ref), above, parts, unions, done)
    for (const part of isList(allOf) ? allOf : []) this.#gather(part, above, parts, unions, done)
    for (const union of [anyOf, oneOf]) if (isList(union)) unions.push(union.filter((branch) => !isNever(branch)))
    above.delete(given)
    done.add(given)
  }

  /** What is held to two schemas: at once where both are flat, else once it is said, as it may hold itself. */
  #pair(one: unknown, other: unknown): unknown {
    if (sameJson(one, other) || !isSaying(other)) return isNever(other) ? NEVER : one
    if (!isSaying(one)) return isNever(one) ? NEVER : other
    if (!isFlat(one) || !isFlat(other)) return this.#speaker.pair(one, other)
    try {
      return this.of({ allOf: [one, other] }, new Set())
    } catch (error) {
      if (error instanceof Differ) return NEVER
      throw error
    }
  }

  #resolve(raw: unknown): Raw {
    const target = isObject(raw) && typeof raw['$ref'] === 'string' ? follow(this.#speaker.root, raw['$ref']) : raw
    return isObject(target) ? target : {}
  }
}

const INNER = [
  '$ref',
  'properties',
  'additionalProperties',
  'patternProperties',
  'items',
  'prefixItems',
  'allOf',
  'anyOf',
  'oneOf',
]

function isFlat(raw: Raw): boolean {
  return !INNER.some((keyword) => keyword in raw)
}
