import type { Examination } from './examination.ts'
import type { ExamineOptions } from './examine.ts'

/** A store that is open. */
export interface OpenStore {
  /** Looks at it as `examine` does, with what the store was given. Throws what that throws. */
  examine(options?: Pick<ExamineOptions, 'patienceMs'>): Promise<Examination>
}

/** The stores of all copies of this package in this thread. One that a program has let go of is kept by nobody. */
const REGISTER = Symbol.for('reprise.postgres.open-stores')

/**
 * Gives the stores on Postgres that are open in this thread: of all copies of this package. A store opens at its first use, and
 * closes when it is closed, or with the last runtime that has it.
 *
 * @example
 * ```ts no-run: it needs a Postgres
 * import { openStores, postgres } from '@reprise/postgres'
 *
 * await using store = postgres('postgres://desk@127.0.0.1/desk')
 * await store.runs({})
 * for (const open of openStores()) console.log((await open.examine()).place) // postgres://127.0.0.1:5432/desk, schema "reprise"
 * ```
 */
export function openStores(): readonly OpenStore[] {
  return [...register()].flatMap((each) => each.deref() ?? [])
}

/** Notes that a store has opened, or has closed. */
export function noteStore(store: OpenStore, isOpen: boolean): void {
  const stores = register()
  for (const each of stores) if ([store, undefined].includes(each.deref())) stores.delete(each)
  if (isOpen) stores.add(new WeakRef(store))
}

function register(): Set<WeakRef<OpenStore>> {
  const place = globalThis as { [REGISTER]?: Set<WeakRef<OpenStore>> } // every copy of this package looks there
  return (place[REGISTER] ??= new Set())
}
