import { looksLike } from '../raw/fits.ts'
import { isList, isObject, type Raw } from '../raw/raw.ts'
import type { Restore, Restoring, Said, Speaker } from './said.ts'

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
  return (value, restoring) => {
    if (!isObject(value)) return value
    const kept = Object.entries(value).filter(([name, inner]) => inner !== null || !odd.get(name)?.forced)
    return Object.fromEntries(
      kept.map(([name, inner]) => [name, restoreAt(name, odd.get(name)?.restore, inner, restoring)]),
    )
  }
}

/** Restores each item of a list. */
export function restoreArray(items: Restore): Restore {
  return (value, restoring) => (isList(value) ? value.map((item, at) => restoreAt(at, items, item, restoring)) : value)
}

type RestoreOf = (key: string) => Restore | undefined

/** Makes an object of pairs. A model that is not held to the strict form may send the object itself. */
export function restoreRecord(restoreOf: RestoreOf): Restore {
  return (value, restoring) => {
    if (!isList(value)) return isObject(value) ? mapped(value, restoreOf, restoring) : value
    return isPairs(value) ? Object.fromEntries(gather(new Map(), value, restoreOf, restoring)) : value
  }
}

/** Puts the properties that stand as pairs at one name among those of their object. */
export function restoreOthers(name: string, restoreOf: RestoreOf, named: Restored): Restore {
  return (value, restoring) => {
    if (!isObject(value)) return value
    const { [name]: pairs, ...rest } = value
    const isGiven = pairs !== undefined && pairs !== null && !isPairs(pairs)
    const own = Object.entries(isGiven ? value : rest).filter(([key]) => named.names.has(key))
    const more = Object.entries(isGiven ? value : rest).filter(([key]) => !named.names.has(key))
    const members = Object.fromEntries(own)
    const restored = named.restore ? named.restore(members, restoring) : members
    const all = new Map(Object.entries(isObject(restored) ? restored : {}))
    for (const [key, inner] of more) all.set(key, restoreAt(key, restoreOf(key), inner, restoring))
    return Object.fromEntries(isPairs(pairs) ? gather(all, pairs, restoreOf, restoring) : all)
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
  restoring: Restoring,
): Map<string, unknown> {
  for (const { key, value } of pairs) {
    if (record.has(key)) restoring.misfits.push({ keys: [], message: 'A key stands twice.', found: key })
    record.set(key, restoreAt(key, restoreOf(key), value, restoring))
  }
  return record
}

function mapped(value: Raw, restoreOf: RestoreOf, restoring: Restoring): unknown {
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, restoreAt(key, restoreOf(key), inner, restoring)]),
  )
}

/** Restores a value as the branch does that it fits; the first such branch counts that is no mention of the whole. */
export function restoreBranch(branches: readonly Said[], { follow }: Pick<Speaker, 'follow'>): Restore {
  return (value, restoring) => {
    let isKnown = false
    for (const { json, restore } of branches) {
      if (!restoring.fitting.fits(json, value, follow)) continue
      const restored = restoreWith(restore, value, restoring)
      if (restored !== undefined) return restored
      isKnown = true
    }
    if (isKnown) return undefined
    return restoreWith(branches.find(({ json }) => looksLike(json, value, follow))?.restore, value, restoring)
  }
}

/** Takes a value out of the object that strict mode wants at the root. A model may have left that object out. */
export function unwrap(inner: Restore | undefined): Restore {
  return (value, restoring) => {
    const isWrapped = isObject(value) && Object.keys(value).length === 1 && 'value' in value
    return restoreWith(inner, isWrapped ? value['value'] : value, restoring)
  }
}

/** Restores what stands at a key, by which its misfits are known from outside. */
function restoreAt(key: PropertyKey, restore: Restore | undefined, value: unknown, restoring: Restoring): unknown {
  if (!restore) return value
  const { misfits } = restoring
  const before = misfits.length
  const restored = restore(value, restoring)
  for (let at = before; at < misfits.length; at++) misfits[at]?.keys.unshift(key)
  return restored
}

function restoreWith(restore: Restore | undefined, value: unknown, restoring: Restoring): unknown {
  return restore ? restore(value, restoring) : value
}
