import { fits, looksLike } from './fits.ts'
import { isList, isObject } from './raw.ts'
import type { Misfit, Restore, Said, Speaker } from './said.ts'

interface Member {
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
    return Object.fromEntries(kept.map(([name, inner]) => [name, restoreWith(odd.get(name)?.restore, inner, misfits)]))
  }
}

/** Restores each item of a list. */
export function restoreArray(items: Restore): Restore {
  return (value, misfits) => (isList(value) ? value.map((item) => items(item, misfits)) : value)
}

/** Makes an object of pairs. A model that is not held to the strict form may send the object itself. */
export function restoreRecord(values: Restore | undefined, path: string): Restore {
  return (value, misfits) => {
    if (!isList(value)) return restoreValues(values, value, misfits)
    const record = new Map<string, unknown>()
    for (const pair of value) {
      if (!isObject(pair) || typeof pair['key'] !== 'string') return value
      const { key } = pair
      if (record.has(key)) misfits.push({ path, message: 'A key stands twice.', found: key })
      record.set(key, restoreWith(values, pair['value'], misfits))
    }
    return Object.fromEntries(record)
  }
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

function restoreValues(values: Restore | undefined, value: unknown, misfits: Misfit[]): unknown {
  if (!isObject(value) || values === undefined) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, values(inner, misfits)]))
}

function restoreWith(restore: Restore | undefined, value: unknown, misfits: Misfit[]): unknown {
  return restore ? restore(value, misfits) : value
}
