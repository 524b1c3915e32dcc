import type { Pool } from 'pg'
import type { Vault } from './vault.ts'

/** Where a database is: its address, or a pool of `pg` that stays yours to end. */
export type Place = string | Pool

/** Where keys and erasures are kept: in a database, or in a vault of yours. */
export type KeysPlace = Place | Vault

export function isPlace(place: unknown): place is Place {
  return typeof place === 'string'
    ? place.trim() !== ''
    : typeof place === 'object' && place !== null && 'connect' in place
}

/** What a vault of somebody's own must have. */
const METHODS = ['id', 'look', 'keep', 'wrappedBy', 'replace', 'retire', 'drop', 'destroy', 'erased'] as const

export function isVault(place: unknown): place is Vault {
  if (typeof place !== 'object' || place === null) return false
  return METHODS.every((name) => name in place && typeof Reflect.get(place, name) === 'function')
}
