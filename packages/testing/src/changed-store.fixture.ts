import type { Store } from '@reprise/core'

type Changes = { readonly [K in keyof Store]?: Store[K] | undefined }

/** The same store, with some of its functions in the place of its own; those that are undefined it does not have. */
export function changedStore(store: Store, changes: Changes): Store {
  return new Proxy(store, {
    get(target, name) {
      const value: unknown = Reflect.get(name in changes ? changes : target, name)
      return typeof value === 'function' ? value.bind(target) : value
    },
    has: (target, name) => (name in changes ? Reflect.get(changes, name) !== undefined : name in target),
  })
}
