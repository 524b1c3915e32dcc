import type { InterruptedChild } from '../children.ts'
import type { RestingChild } from '../effort/run-child-tool.ts'

/** A child run that was interrupted. */
type Stuck = InterruptedChild & { readonly runId: string }

/** The children of an agent's run that have come to rest here, by the keys of their calls. */
export class ChildrenAtRest {
  readonly #resting = new Map<string, string>()
  readonly #stuck = new Map<string, Stuck>()

  /** Those that were interrupted. */
  get stuck(): readonly Stuck[] {
    return [...this.#stuck.values()]
  }

  /** The child run that waits for somebody, if that of a call does. */
  readonly at = (key: string): string | undefined => this.#resting.get(key)

  /** Tells whether the child of a call was interrupted. */
  isStuck(key: string): boolean {
    return this.#stuck.has(key)
  }

  add({ key, runId, interrupted }: RestingChild): void {
    if (interrupted) this.#stuck.set(key, { ...interrupted, runId })
    else this.#resting.set(key, runId)
  }

  /** Lets those that were interrupted be tried again. */
  retry(): void {
    this.#stuck.clear()
  }

  /** Lets all of them be looked at again. */
  forget(): void {
    this.#resting.clear()
    this.#stuck.clear()
  }
}
