import type { CallContext } from '@reprise/core'
import type { SqliteStore } from '@reprise/store'
import Database from 'better-sqlite3'
import { Rows } from './rows.ts'

/** What a tool of the shop is given. */
export type ShopCall = CallContext<unknown, { readonly shop: Shop }>

/** A line of the shop's ledger: what was done, for which call, and what was answered, as JSON. */
export interface Line {
  readonly tool: string
  readonly key: string
  readonly answer: string
}

const NOTE = 'insert into ledger (tool, key, answer) values (?, ?, ?)'

/** The shop: its rows stand in the journal's own file, and a ledger says which calls changed them. */
export class Shop {
  readonly #store: SqliteStore
  readonly #db: Database.Database
  /** To look at. */
  readonly rows: Rows

  /** @param path of the store's file, in which the shop's tables stand. */
  constructor(store: SqliteStore, path: string) {
    this.#store = store
    this.#db = new Database(path, { fileMustExist: true })
    this.rows = new Rows(this.#db)
  }

  /** Changes the shop in the transaction of a transactional call: the change and the journal's entry are one. */
  change<T>(ctx: ShopCall, tool: string, change: (rows: Rows) => T): T {
    const db = this.#store.tx(ctx)
    const answer = change(new Rows(db))
    db.prepare(NOTE).run(tool, ctx.idempotencyKey, JSON.stringify(answer))
    return answer
  }

  /** Changes the shop once for each key: asked again with one, it does nothing and answers as it did. */
  changeOnce<T>({ idempotencyKey: key }: ShopCall, tool: string, change: (rows: Rows) => T): T {
    const once = this.#db.transaction(() => {
      const known = this.#db.prepare<[string], string>('select answer from ledger where key = ?').pluck().get(key)
      // A key is one call's, so its answer is of that call's type.
      if (known !== undefined) return JSON.parse(known) as T
      const answer = change(this.rows)
      this.#db.prepare(NOTE).run(tool, key, JSON.stringify(answer))
      return answer
    })
    return once.immediate()
  }

  /** All that was done, in its order. */
  ledger(): Line[] {
    return this.#db.prepare<[], Line>('select tool, key, answer from ledger order by id').all()
  }

  close(): void {
    this.#db.close()
  }
}
