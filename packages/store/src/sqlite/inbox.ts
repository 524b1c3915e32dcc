import type { InboxMessage, Json } from '@reprise/core'
import type { SqliteDatabase } from './database.ts'
import { unknownRun } from './errors.ts'

interface MessageRecord extends Omit<InboxMessage, 'runId' | 'body'> {
  readonly body: string
}

/** Keeps messages from outside until their runs have journaled them. */
export class Inbox {
  readonly #path: string
  readonly #run
  readonly #insert
  readonly #select
  readonly #owners

  constructor(db: SqliteDatabase, path: string) {
    this.#path = path
    this.#run = db.prepare<[id: string], number>('select run from runs where id = ?').pluck()
    this.#insert = db.prepare<[run: number, dedupe: string, kind: string, body: string, at: number]>(
      'insert into inbox (run, dedupe, kind, body, at) values (?, ?, ?, ?, ?) on conflict (run, dedupe) do nothing',
    )
    this.#select = db.prepare<[runId: string], MessageRecord>(
      `select dedupe, inbox.kind, body, at from inbox join runs using (run) where runs.id = ? order by inbox.id`,
    )
    this.#owners = db
      .prepare<[owner: string], string>(
        'select id from runs where owner = ? and exists (select 1 from inbox where inbox.run = runs.run) order by run',
      )
      .pluck()
  }

  /** As the store's `send`; a message for a run that has ended is kept as well, and nobody takes it. */
  send({ runId, dedupe, kind, body, at }: InboxMessage): boolean {
    const run = this.#run.get(runId)
    if (run === undefined) throw unknownRun(this.#path, runId)
    return this.#insert.run(run, dedupe, kind, JSON.stringify(body), at).changes === 1
  }

  /** As the store's `inbox`. */
  of(runId: string): readonly InboxMessage[] {
    return this.#select
      .all(runId)
      .map(({ dedupe, kind, body, at }) => ({ runId, dedupe, kind, body: JSON.parse(body) as Json, at }))
  }

  /** As the store's `mail`. */
  mail(owner: string): readonly string[] {
    return this.#owners.all(owner)
  }
}
