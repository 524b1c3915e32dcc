// One set of secrets for each lineage and runtime. The engine asks for it by the lineage's id; the values come from the
// store (invariant 10).
import type { Store } from '../contracts/store.ts'
import { Secrets } from './secrets.ts'

/** The secrets of lineages, each kept as long as somebody uses it: whoever works on a lineage here shares them. */
export class SecretsCache {
  readonly #store: Store
  readonly #none = new Secrets(undefined)
  readonly #known = new Map<string, WeakRef<Secrets>>()
  readonly #gone = new FinalizationRegistry<string>((lineageId) => {
    if (!this.#known.get(lineageId)?.deref()) this.#known.delete(lineageId)
  })

  constructor(store: Store) {
    this.#store = store
  }

  /** The secrets of a lineage, as far as they are known here. */
  of(lineageId: string): Secrets {
    const known = this.#known.get(lineageId)?.deref()
    if (known) return known
    const load = this.#store.secrets?.bind(this.#store)
    if (!load) return this.#none
    const opened = new Secrets((from) => load(lineageId, from))
    this.#known.set(lineageId, new WeakRef(opened))
    this.#gone.register(opened, lineageId)
    return opened
  }
}
