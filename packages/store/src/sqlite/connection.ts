import type { Use } from './open-files.ts'
import type { Opened } from './opened.ts'

/** A store's connection to its file, which is closed once nothing is under way on it. */
export class Connection {
  readonly #use: Use
  #underWay = 0
  #idle: PromiseWithResolvers<void> | undefined

  constructor(use: Use) {
    this.#use = use
  }

  /** Works on it. What has begun before it is closed comes to its end. */
  async during<T>(work: (opened: Opened) => Promise<T>): Promise<T> {
    this.#underWay++
    try {
      return await work(this.#use.opened)
    } finally {
      if (--this.#underWay === 0) this.#idle?.resolve()
    }
  }

  /** Closes it, when what is under way is done. Nothing more may begin by then. */
  async close(): Promise<void> {
    if (this.#underWay > 0) {
      this.#idle = Promise.withResolvers()
      await this.#idle.promise
    }
    await this.#use.end()
  }
}
