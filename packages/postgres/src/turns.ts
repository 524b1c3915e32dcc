/** Lets the writes of one run follow each other, in the order in which they were asked for. */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>()

  /** Works when all that was asked for before is done with these runs. */
  take<T>(runIds: readonly string[], work: () => Promise<T>): Promise<T> {
    const ids = new Set(runIds)
    const before = [...ids].flatMap((id) => this.#last.get(id) ?? [])
    const own = before.length === 0 ? work() : Promise.all(before).then(work)
    const done = own.then(
      () => undefined,
      () => undefined,
    )
    for (const id of ids) this.#last.set(id, done)
    void done.then(() => {
      for (const id of ids) if (this.#last.get(id) === done) this.#last.delete(id)
    })
    return own
  }
}
