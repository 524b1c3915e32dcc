import type { Opened } from './opened.ts'

/** The connections of a store, which are closed once nothing is under way on them. */
export class Use {
  readonly #opened: Opened
  #underWay = 0
  #idle: PromiseWithResolvers<void> | undefined

  constructor(opened: Opened) {
    this.#opened = opened
  }

  /** Works on them. What has begun before they are closed comes to its end. */
  async during<T>(work: (opened: Opened) => Promise<T>): Promise<T> {
    this.#underWay++
    try {
      return await work(this.#opened)
    } finally {
      if (--this.#underWay === 0) this.#idle?.resolve()
    }
  }

  /** Closes them, when what is under way is done. Nothing more may begin by then. */
  async close(): Promise<void> {
    if (this.#underWay > 0) {
      this.#idle = Promise.withResolvers()
      await this.#idle.promise
    }
    await this.#opened.close()
  }
}
