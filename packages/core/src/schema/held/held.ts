// Holds what a model said to all of a schema that its strict form says only in words, whatever the schema's library checks.
import { foreignOf } from './foreign.ts'
import { follow } from '../raw/follow.ts'
import { type Fault, faultOfNone, Judge } from './judge.ts'
import { Answers } from '../raw/answers.ts'
import { itemAt, membersOf } from '../raw/members.ts'
import { isList, isObject, type Raw } from '../raw/raw.ts'
import { Shapes } from './shapes.ts'
import { findUnjudged } from './unjudged.ts'

/** Finds where a value, as the schema is given it, breaks what its strict form cannot say. */
export type Held = (value: unknown) => readonly Fault[]

/**
 * Makes the check of a schema; undefined where its strict form says all of it.
 *
 * @param isChecked whether its library checks all that it emits: then it may take more than that, as where it trims.
 */
export function heldBy(root: Raw, isChecked: boolean): Held | undefined {
  const holding = holdingIn(root)
  if (holding.size === 0) return undefined
  return (value) => [...new Holding(root, holding, isChecked).faults(root, value, [], new Set())]
}

/** One check of one value: goes only where something is held. */
class Holding {
  readonly #root: Raw
  readonly #holding: ReadonlyMap<Raw, Raw | undefined>
  readonly #judge: Judge
  readonly #shapes: Shapes | undefined
  /** Whether something that is held in a shape does not hold. An alternative of itself is no other. */
  readonly #broken = new Answers(true, (isBroken) => isBroken)

  constructor(root: Raw, holding: ReadonlyMap<Raw, Raw | undefined>, isChecked: boolean) {
    this.#root = root
    this.#holding = holding
    this.#judge = new Judge(root)
    this.#shapes = isChecked ? new Shapes(root) : undefined
  }

  /** @param here the schemas that this very value is being held to. */
  *faults(raw: unknown, value: unknown, keys: readonly PropertyKey[], here: Set<Raw>): Generator<Fault> {
    if (!isObject(raw) || !this.#holding.has(raw) || here.has(raw)) return
    here.add(raw)
    const foreign = this.#holding.get(raw)
    const fault = foreign && this.#judge.faultIn(foreign, value)
    if (fault && !(isOfKeys(foreign) && this.#shapes?.has(foreign, value)))
      yield { ...fault, keys: [...keys, ...fault.keys] }
    const { $ref, allOf } = raw
    if (typeof $ref === 'string') yield* this.faults(follow(this.#root, $ref), value, keys, here)
    for (const part of isList(allOf) ? allOf : []) yield* this.faults(part, value, keys, here)
    for (const list of foreign?.['anyOf'] || foreign?.['oneOf'] ? [] : [raw['anyOf'], raw['oneOf']])
      if (isList(list)) yield* this.#faultsOfOne(list, value, keys)
    yield* this.#faultsInside(raw, value, keys)
  }

  *#faultsOfOne(branches: readonly unknown[], value: unknown, keys: readonly PropertyKey[]): Generator<Fault> {
    if (!branches.some((branch) => isObject(branch) && this.#holding.has(branch))) return
    const faults = branches.map((branch) => this.#judge.faultIn(branch, value))
    if (faults.some((fault) => fault === undefined)) return
    if (branches.some((branch) => this.#shapes?.has(branch, value) && !this.#isBroken(branch, value))) return
    // Of one that it is not meant to be nothing is to be said.
    const near = faults.filter((fault, at) => fault && isNear(fault) && this.#isTagged(branches[at], value))
    const fault = faultOfNone((near.length > 0 ? near : faults).filter((one) => one !== undefined))
    yield { ...fault, keys: [...keys, ...fault.keys] }
  }

  #isBroken(branch: unknown, value: unknown): boolean {
    return this.#broken.ask(branch, value, () => !this.faults(branch, value, [], new Set()).next().done)
  }

  /** Whether a value has the constants of an alternative. */
  #isTagged(branch: unknown, value: unknown): boolean {
    if (!isObject(branch) || !isObject(value)) return true
    const target = typeof branch['$ref'] === 'string' ? follow(this.#root, branch['$ref']) : branch
    const { properties } = isObject(target) ? target : {}
    return Object.entries(isObject(properties) ? properties : {}).every(
      ([name, member]) => !isObject(member) || member['const'] === undefined || member['const'] === value[name],
    )
  }

  *#faultsInside(raw: Raw, value: unknown, keys: readonly PropertyKey[]): Generator<Fault> {
    if (isList(value))
      for (const [at, item] of value.entries()) yield* this.faults(itemAt(raw, at), item, [...keys, at], new Set())
    else if (isObject(value))
      for (const [name, inner] of Object.entries(value)) {
        yield* this.faults(raw['propertyNames'], name, [...keys, name], new Set())
        for (const member of membersOf(raw, name)) yield* this.faults(member, inner, [...keys, name], new Set())
      }
  }
}

/** Whether all that is held of a place is which keys there are, and what stands at them. */
function isOfKeys(foreign: Raw): boolean {
  return Object.keys(foreign).every((keyword) => OF_KEYS.has(keyword))
}

const OF_KEYS = new Set(['properties', 'patternProperties', 'additionalProperties'])

function isNear({ keys, message }: Fault): boolean {
  return keys.length > 0 || !/^must be (?:of type|null)/.test(message)
}

/** The parts of a schema that hold something, or in which something is held, each with what it holds itself. */
function holdingIn(root: Raw): ReadonlyMap<Raw, Raw | undefined> {
  const above = new Map<Raw, Raw[]>()
  const all = [root]
  for (const raw of all)
    for (const part of partsOf(raw, root)) {
      const known = above.get(part)
      if (known) known.push(raw)
      else above.set(part, [raw])
      if (!known && part !== root) all.push(part)
    }
  const holding = new Map<Raw, Raw | undefined>()
  for (const raw of all) {
    const foreign = heldOf(raw, root)
    if (foreign) holding.set(raw, foreign)
  }
  const next = [...holding.keys()]
  for (const raw of next)
    for (const outer of above.get(raw) ?? []) {
      if (holding.has(outer)) continue
      holding.set(outer, undefined)
      next.push(outer)
    }
  return holding
}

/** Which one of several it is can be told only where all that they ask is held here. */
function heldOf(raw: Raw, root: Raw): Raw | undefined {
  const foreign = foreignOf(raw)
  if (foreign?.['oneOf'] === undefined || findUnjudged([foreign['oneOf']], root, true) === undefined) return foreign
  const { oneOf, ...rest } = foreign
  return { ...rest, anyOf: rest['anyOf'] ?? oneOf }
}

function partsOf(raw: Raw, root: Raw): readonly Raw[] {
  const { $ref, properties, patternProperties, additionalProperties, propertyNames } = raw
  const { items, prefixItems, additionalItems } = raw
  const target = typeof $ref === 'string' ? follow(root, $ref) : undefined
  const members = [properties, patternProperties].flatMap((map) => (isObject(map) ? Object.values(map) : []))
  const lists = [items, prefixItems, raw['allOf'], raw['anyOf'], raw['oneOf']].flat()
  return [target, ...members, additionalProperties, propertyNames, additionalItems, ...lists].filter(isObject)
}
