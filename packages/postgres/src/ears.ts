import { randomUUID } from 'node:crypto'
import type { Hint } from '@reprise/core'
import { readHint } from './hints.ts'
import type { Listening } from './listening.ts'

interface Ear {
  readonly owner: string
  readonly onHint: (hint: Hint) => void
}

/** Who wants to know of what happens on a store: they hear of what others tell while there is one of them. */
export class Ears {
  /** What the hints of this store are known by. */
  readonly id = randomUUID()
  readonly #url: string | undefined
  readonly #channel: string
  readonly #areSeveral: () => boolean
  readonly #ears = new Set<Ear>()
  #listening: Promise<Listening> | undefined

  /**
   * @param url the address to listen at; without one, what this store itself does is all that is heard of.
   * @param areSeveral tells whether several runtimes have the store.
   */
  constructor(url: string | undefined, channel: string, areSeveral: () => boolean) {
    this.#areSeveral = areSeveral
    this.#url = url
    this.#channel = channel
  }

  get areSeveral(): boolean {
    return this.#areSeveral()
  }

  /** The owners that want to know. */
  get owners(): readonly string[] {
    return [...this.#ears].map(({ owner }) => owner)
  }

  /** As the store's `listen`. */
  add(owner: string, onHint: (hint: Hint) => void): () => Promise<void> {
    const ear = { owner, onHint }
    this.#ears.add(ear)
    if (this.#url !== undefined) this.#listening ??= this.#listen(this.#url)
    return async () => {
      this.#ears.delete(ear)
      if (this.#ears.size === 0) await this.#end()
    }
  }

  /** Tells all of them, or an owner of its mail. */
  tell(hint: Hint, owner?: string): void {
    for (const ear of this.#ears) if (owner === undefined || ear.owner === owner) ear.onHint(hint)
  }

  /** Hears nothing more. */
  async close(): Promise<void> {
    this.#ears.clear()
    await this.#end()
  }

  async #listen(connectionString: string): Promise<Listening> {
    // Loaded here: a program that starts does not wait for the driver.
    const { Listening: Begun } = await import('./listening.ts')
    return new Begun({ connectionString }, this.#channel, {
      // What has come meanwhile is looked for.
      begun: () => this.tell({ kind: 'work' }),
      told: (payload) => this.#hear(payload),
    })
  }

  #hear(payload: string): void {
    const told = readHint(payload)
    if (told?.kind === 'mail') this.tell({ kind: 'mail', runId: told.runId }, told.owner)
    else if (told && told.by !== this.id) this.tell({ kind: 'work' })
  }

  async #end(): Promise<void> {
    const listening = this.#listening
    this.#listening = undefined
    await (await listening)?.end()
  }
}
