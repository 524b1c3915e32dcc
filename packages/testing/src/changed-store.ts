import type { Store } from '@reprise/core'

/** Functions that stand in the place of a store's own; one that is `undefined` the store does not have. */
export type StoreChanges = { readonly [K in keyof Store]?: Store[K] | undefined }

/**
 * Gives a store with some of its functions changed, for tests of what happens when a store is slow, fails or lacks
 * something. The store itself is left as it is, and does all that is not changed.
 *
 * @param changes called as functions of `store`; whichever is `undefined` is missing, as on a store that cannot do it.
 * @example
 * ```ts
 * import { createRuntime, defineAgent } from '@reprise/core'
 * import { changedStore, memoryStore, scriptedModel } from '@reprise/testing'
 *
 * let commits = 0
 * const kept = memoryStore()
 * const commit = (writes: Parameters<typeof kept.commit>[0]) => {
 *   commits += 1
 *   return kept.commit(writes)
 * }
 * const store = changedStore(kept, { commit, secrets: undefined })
 * const desk = defineAgent({ name: 'desk', model: 'gpt-4.1-mini', instructions: 'You help the customers of a shop.' })
 * const models = scriptedModel(() => ({ text: 'Hello.' }))
 * await using runtime = createRuntime({ store, models, definitions: [desk] })
 * await (await runtime.start(desk, 'Hello?')).result()
 * console.log(commits > 1) // true
 * ```
 */
export function changedStore(store: Store, changes: StoreChanges): Store {
  return new Proxy(store, {
    get(target, name) {
      const value: unknown = Reflect.get(name in changes ? changes : target, name)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
    has: (target, name) => (name in changes ? Reflect.get(changes, name) !== undefined : name in target),
  })
}
