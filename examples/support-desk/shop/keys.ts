import type { Database } from 'better-sqlite3'

/** Who asks for something, for which ticket, and the key that stands for this one wish. */
export interface Asker {
  readonly customerId: string
  readonly ticket: string
  readonly key: string
}

/**
 * What makes the shop's writes idempotent, as a payment service does it: a key is written in the same transaction as
 * what it stands for, and asking again with that key gives the answer that it had.
 */
export class Keys {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  /** Does something once for a key. What throws leaves nothing behind, the key included. */
  once<Answer extends object>({ key, ticket }: Asker, what: string, perform: () => Answer): Answer {
    const doIt = this.#db.transaction(() => {
      const before = this.#db.prepare<[string], { answer: string }>('select answer from keys where key = ?').get(key)
      // Only this method writes answers, and the key says whose it is.
      if (before) return JSON.parse(before.answer) as Answer
      const answer = perform()
      const sql = 'insert into keys (key, what, ticket, answer) values (?, ?, ?, ?)'
      this.#db.prepare(sql).run(key, what, ticket, JSON.stringify(answer))
      return answer
    })
    return doIt.immediate()
  }

  /** What was done for a ticket. */
  doneFor(ticket: string): string[] {
    return this.#db.prepare<[string], string>('select what from keys where ticket = ?').pluck().all(ticket)
  }
}
