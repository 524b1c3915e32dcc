/** The messages that a workflow's run has heard, by their signals. */
export class HeardSignals {
  readonly #ids = new Map<string, Set<string>>()

  /** How many messages of a signal were heard. */
  count(signal: string): number {
    return this.#ids.get(signal)?.size ?? 0
  }

  has(signal: string, id: string): boolean {
    return this.#ids.get(signal)?.has(id) ?? false
  }

  add(signal: string, id: string): void {
    this.#ids.set(signal, (this.#ids.get(signal) ?? new Set()).add(id))
  }
}
