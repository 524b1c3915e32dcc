import { fits, looksLike } from './fits.ts'
import { isList, isObject, type Raw } from './raw.ts'
import type { Misfit, Restore, Said, Speaker } from './said.ts'

/** A property of an object in strict form. */
export interface Member {
  readonly name: string
  /** Whether strict mode alone allows null here. */
  readonly forced: boolean
  readonly restore?: Restore | undefined
}

/** Leaves out the nulls that strict mode forced; undefined where an object has nothing to restore. */
export function restoreObject(members: readonly Member[]): Restore | undefined {
  const odd = new Map(members.filter(({ forced, restore }) => forced || restore).map((member) => [member.name, member]))
  if (odd.size === 0) return undefined
  return (value, misfits) => {
    if (!isObject(value)) return value
    const kept = Object.entries(value).filter(([name, inner]) => inner !== null || !odd.get(name)?.forced)
    return Object.fromEntries(
      kept.map(([name, inner]) => [name, restoreAt(name, odd.get(name)?.restore, inner, misfits)]),
    )
  }
}

/** Restores each item of a list. */
export function restoreArray(items: Restore): Restore {
  return (value, misfits) => (isList(value) ? value.map((item, at) => restoreAt(at, items, item, misfits)) : value)
}

type RestoreOf = (key: string) => Restore | undefined

/** Makes an object of pairs. A model that is not held to the strict form may send the object itself. */
export function restoreRecord(restoreOf: RestoreOf): Restore {
  return (value, misfits) => {
    if (!isList(value)) return isObject(value) ? mapped(value, restoreOf, misfits) : value
    return isPairs(value) ? Object.fromEntries(gather(new Map(), value, restoreOf, misfits)) : value
  }
}

/** Puts the properties that stand as pairs at one name among those of their object. */
export function restoreOthers(name: string, restoreOf: RestoreOf, named: Restored): Restore {
  return (value, misfits) => {
    if (!isObject(value)) return value
    const { [name]: pairs, ...rest } = value
    const isGiven = pairs !== undefined && pairs !== null && !isPairs(pairs)
    const own = Object.entries(isGiven ? value : rest).filter(([key]) => named.names.has(key))
    const more = Object.entries(isGiven ? value : rest).filter(([key]) => !named.names.has(key))
    const members = Object.fromEntries(own)
    const restored = named.restore ? named.restore(members, misfits) : members
    const all = new Map(Object.entries(isObject(restored) ? restored : {}))
    for (const [key, inner] of more) all.set(key, restoreAt(key, restoreOf(key), inner, misfits))
    return Object.fromEntries(isPairs(pairs) ? gather(all, pairs, restoreOf, misfits) : all)
  }
}

interface Restored {
  readonly names: ReadonlySet<string>
  readonly restore: Restore | undefined
}

interface KeyAndValue {
  readonly key: string
  readonly value?: unknown
}

function isPairs(value: unknown): value is readonly KeyAndValue[] {
  return isList(value) && value.every((pair) => isObject(pair) && typeof pair['key'] === 'string')
}

function gather(
  record: Map<string, unknown>,
  pairs: readonly KeyAndValue[],
  restoreOf: RestoreOf,
  misfits: Misfit[],
): Map<string, unknown> {
  for (const { key, value } of pairs) {
    if (record.has(key)) misfits.push({ keys: [], message: 'A key stands twice.', found: key })
    record.set(key, restoreAt(key, restoreOf(key), value, misfits))
  }
  return record
}

function mapped(value: Raw, restoreOf: RestoreOf, misfits: Misfit[]): unknown {
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, restoreAt(key, restoreOf(key), inner, misfits)]),
  )
}

/** Restores a value as the branch does that it fits; the first such branch counts that is no mention of the whole. */
export function restoreBranch(branches: readonly Said[], { follow }: Pick<Speaker, 'follow'>): Restore {
  return (value, misfits) => {
    let isKnown = false
    for (const { json, restore } of branches) {
      if (!fits(json, value, follow)) continue
      const restored = restoreWith(restore, value, misfits)
      if (restored !== undefined) return restored
      isKnown = true
    }
    if (isKnown) return undefined
    return restoreWith(branches.find(({ json }) => looksLike(json, value, follow))?.restore, value, misfits)
  }
}

/** Takes a value out of the object that strict mode wants at the root. A model may have left that object out. */
export function unwrap(inner: Restore | undefined): Restore {
  return (value, misfits) => {
    const isWrapped = isObject(value) && Object.keys(value).length === 1 && 'value' in value
    return restoreWith(inner, isWrapped ? value['value'] : value, misfits)
  }
}

/** Restores what stands at a key, by which its misfits are known from outside. */
function restoreAt(key: PropertyKey, restore: Restore | undefined, value: unknown, misfits: Misfit[]): unknown {
  if (!restore) return value
  const before = misfits.length
  const restored = restore(value, misfits)
  for (let at = before; at < misfits.length; at++) misfits[at]?.keys.unshift(key)
  return restored
}

function restoreWith(restore: Restore | undefined, value: unknown, misfits: Misfit[]): unknown {
  return restore ? restore(value, misfits) : value
}
