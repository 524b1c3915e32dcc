import type { Store } from '../../contracts/store.ts'

/** How many runtimes have a store that cannot be opened again. */
const users = new WeakMap<Store, number>()

/**
 * Says that a runtime uses a store.
 *
 * @returns what lets go of it, and does nothing when called again. It throws what closing the store throws.
 */
export function holdStore(store: Store, owner: string): () => Promise<void> {
  if (store.hold) return store.hold(owner)
  users.set(store, (users.get(store) ?? 0) + 1)
  let ended: Promise<void> | undefined
  return () => (ended ??= letGo(store))
}

async function letGo(store: Store): Promise<void> {
  const others = (users.get(store) ?? 1) - 1
  users.set(store, others)
  if (others === 0) await store.close()
}
