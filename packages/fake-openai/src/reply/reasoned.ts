import { RecentMap } from '../memory/recent-map.ts'
import type { WireItem } from './response.ts'

/** How many items are known, at least. */
const KNOWN = 10_000

/** Which items came right after what was reasoned: the platform takes them back only together. */
export class Reasoned {
  readonly #before = new RecentMap<string, string>(KNOWN)

  /** Notes the items of a response that is kept. */
  note(output: readonly WireItem[]): void {
    for (const [index, { id }] of output.entries()) {
      const before = output[index - 1]
      if (before?.type === 'reasoning' && before.id !== undefined && id !== undefined) this.#before.set(id, before.id)
    }
  }

  /** The id of what was reasoned right before an item; undefined where nothing is known to have been. */
  before(id: string): string | undefined {
    return this.#before.get(id)
  }
}
