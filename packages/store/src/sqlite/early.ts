import type { EarlyResult, InboxMessage, Json, RunRow } from '@reprise/core'
import { type Cipher, inboxPlace, type Stored } from '@reprise/format'
import type { SqliteDatabase } from './database.ts'
import type { Lineages } from './lineages.ts'

interface EarlyRecord extends Omit<InboxMessage, 'runId' | 'body'> {
  readonly nth: number
  readonly body: Stored
}

/**
 * Keeps messages for runs that are not there, until they begin. They are encrypted by the key of a lineage of that id, which
 * is that of a run that is begun under it; one that begins in another lineage has them by that one's.
 */
export class Early {
  readonly #lineages: Lineages
  readonly #leave
  readonly #of
  readonly #idsAfter
  readonly #insert
  readonly #delete
  readonly #forget
  readonly #dropKeys

  constructor(db: SqliteDatabase, lineages: Lineages) {
    this.#lineages = lineages
    const isThere = db.prepare<[id: string], number>('select 1 from runs where id = ?').pluck()
    const known = db.prepare<[id: string], { readonly dedupe: string; readonly nth: number }>(
      'select dedupe, nth from early where run_id = ?',
    )
    const insert = db.prepare<[id: string, dedupe: string, nth: number, kind: string, body: Stored, at: number]>(
      'insert into early (run_id, dedupe, nth, kind, body, at) values (?, ?, ?, ?, ?, ?)',
    )
    this.#leave = db.transaction((message: InboxMessage, limit: number): EarlyResult => {
      const { runId, dedupe, kind, body, at } = message
      if (isThere.get(runId) !== undefined) return 'begun'
      const others = known.all(runId)
      if (others.some((other) => other.dedupe === dedupe)) return 'known'
      if (others.length >= limit) return 'full'
      const nth = Math.max(0, ...others.map((other) => other.nth)) + 1
      const text = this.#keyOf(runId).seal(JSON.stringify(body), runId, inboxPlace(dedupe))
      insert.run(runId, dedupe, nth, kind, text, at)
      return 'left'
    })
    this.#of = db.prepare<[id: string], EarlyRecord>('select dedupe, nth, kind, body, at from early where run_id = ?')
    this.#idsAfter = db
      .prepare<[after: string, limit: number], string>(
        'select distinct run_id from early where run_id > ? order by run_id limit cast(? as integer)',
      )
      .pluck()
    this.#insert = db.prepare<[run: number, dedupe: string, kind: string, body: Stored, at: number]>(
      'insert into inbox (run, dedupe, kind, body, at) values (?, ?, ?, ?, ?) on conflict (run, dedupe) do nothing',
    )
    this.#delete = db.prepare<[id: string]>('delete from early where run_id = ?')
    this.#forget = db.prepare<[before: number], string>('delete from early where at < ? returning run_id').pluck()
    const left = db
      .prepare<[string, string, string], number>(
        `select 1 from runs where id = ? union all select 1 from runs where lineage_id = ? and lineage_id <> id
          union all select 1 from early where run_id = ? limit 1`,
      )
      .pluck()
    this.#dropKeys = db.transaction((runIds: readonly string[]) =>
      lineages.drop(runIds.filter((id) => left.get(id, id, id) === undefined)),
    )
  }

  /** As the store's `sendEarly`. */
  send(message: InboxMessage, limit: number): EarlyResult {
    return this.#leave.immediate(message, limit)
  }

  /** Moves what waits for a run that begins to its inbox, inside of the transaction that begins it. */
  move(run: number, { id, lineageId }: Pick<RunRow, 'id' | 'lineageId'>, cipher: Cipher): void {
    const messages = this.#inOrder(id)
    if (messages.length === 0) return
    for (const { dedupe, kind, body, at } of messages) {
      const place = inboxPlace(dedupe)
      const own = id === lineageId ? body : cipher.seal(this.#lineages.of(id).open(body, id, place), id, place)
      this.#insert.run(run, dedupe, kind, own, at)
    }
    this.#delete.run(id)
  }

  /** The ids of runs that are not there and have something waiting, after one, in their order. */
  idsAfter(runId: string, limit: number): readonly string[] {
    return this.#idsAfter.all(runId, limit)
  }

  /** Sorted here: a statement that sorts takes ten times as long, and each run that begins asks, mostly in vain. */
  #inOrder(runId: string): readonly EarlyRecord[] {
    return this.#of.all(runId).toSorted((one, other) => one.nth - other.nth)
  }

  /** What waits for a run that is not there. */
  of(runId: string): readonly InboxMessage[] {
    return this.#inOrder(runId).map(({ dedupe, kind, body, at }) => {
      const text = this.#lineages.of(runId).open(body, runId, inboxPlace(dedupe))
      return { runId, dedupe, kind, body: JSON.parse(text) as Json, at }
    })
  }

  /** Forgets what was left before a moment. */
  forget(before: number): void {
    const runIds = new Set(this.#forget.all(before))
    if (runIds.size > 0) this.#dropKeys.immediate([...runIds])
  }

  #keyOf(runId: string): Cipher {
    return this.#lineages.encrypted ? this.#lineages.key(runId) : this.#lineages.of(runId)
  }
}
