import type { AuditNote, InboxMessage, Json, Secret } from '@reprise/core'
import { inboxPlace, PLAIN } from '@reprise/format'
import type { Cipher, Stored } from '@reprise/format'
import { insertNotes, noteRecords } from './audit.ts'
import type { Database, Queryable } from './database.ts'
import { isGoing, unknownRun } from './errors.ts'
import { wasErased } from './lineages.ts'
import type { Lineages } from './lineages.ts'
import type { Secrets } from './secrets.ts'
import { checkMessage, checkNotes } from './texts.ts'

interface MessageRecord extends Omit<InboxMessage, 'runId' | 'body'> {
  readonly lineage_id: string
  readonly key_id: string | null
  readonly body: string | null
  readonly sealed: Buffer | null
  readonly masters: readonly string[]
}

/** The run that a message is for. */
interface Addressee {
  readonly run: number
  readonly lineage_id: string
  readonly key_id: string | null
  readonly erased_at: number | null
  readonly erased_by: string | null
}

/** A message, and who left it, where that is to be kept. */
interface Noted {
  readonly message: InboxMessage
  readonly note: AuditNote | undefined
}

/** What came of leaving a message: how many such runs are there, and how many messages were left. */
interface Left {
  readonly runs: number
  readonly messages: number
  readonly masters: readonly string[]
}

/** Keeps messages from outside until their runs have journaled them. */
export class Inbox {
  readonly #db: Database
  readonly #lineages: Lineages
  readonly #secrets: Secrets

  constructor(db: Database, lineages: Lineages, secrets: Secrets) {
    this.#db = db
    this.#lineages = lineages
    this.#secrets = secrets
  }

  /** As the store's; a message for a run that has ended is kept as well, and nobody takes it. */
  async send(message: InboxMessage, secrets: readonly Secret[], note?: AuditNote): Promise<boolean> {
    checkMessage(this.#db.name, message)
    if (note) checkNotes(this.#db.name, [note])
    const noted: Noted = { message, note }
    if (!this.#lineages.encrypted) {
      const left = await this.#leave(this.#db, noted, PLAIN)
      if (left.runs > 0) return left.messages > 0
    }
    // It is left for the run that was looked at and no other, of which the key is known.
    const { run, lineage_id: lineageId, key_id: keyId } = await this.#addressee(message.runId)
    const cipher = await this.#lineages.of({ lineageId, keyId })
    const left =
      secrets.length === 0
        ? await this.#leave(this.#db, noted, cipher, run)
        : await this.#db.transaction(async (tx) => {
            const done = await this.#leave(tx, noted, cipher, run)
            if (done.runs > 0) await this.#secrets.keep(tx, lineageId, cipher, secrets)
            return done
          })
    this.#lineages.refuseOthers(left.masters)
    // It was deleted or erased just then, which is said now; or another of its id has begun.
    return left.runs > 0 ? left.messages > 0 : this.send(message, secrets, note)
  }

  /** As the store's. */
  async of(runId: string): Promise<readonly InboxMessage[]> {
    const { inbox, meta, runs } = this.#db.tables
    const records = await this.#db.query<MessageRecord>(
      `select r.lineage_id, r.key_id, i.dedupe, i.kind, i.body, i.sealed, i.at, meta.masters
        from ${runs} r join ${inbox} i using (run) cross join ${meta} meta where r.id = $1 order by i.id`,
      [runId],
    )
    const [first] = records
    if (first === undefined) return []
    this.#lineages.refuseOthers(first.masters)
    const cipher = await this.#lineages.of({ lineageId: first.lineage_id, keyId: first.key_id })
    return records.map(({ dedupe, kind, body, sealed, at }) => {
      const text = cipher.open(body ?? sealed ?? '', runId, inboxPlace(dedupe))
      return { runId, dedupe, kind, body: JSON.parse(text) as Json, at }
    })
  }

  async #addressee(runId: string): Promise<Addressee> {
    const [found] = await this.#db.query<Addressee>(
      `select run, lineage_id, key_id, erased_at, erased_by from ${this.#db.tables.runs} where id = $1`,
      [runId],
    )
    if (found === undefined) throw unknownRun(this.#db.name, runId)
    const { erased_at: at, erased_by: by } = found
    if (at === null) return found
    throw by === null ? isGoing(this.#db.name, runId) : wasErased(runId, { at, by })
  }

  /** Leaves a message for a run that nobody deletes or erases meanwhile: for whichever has its id, or for that of a number. */
  async #leave(to: Queryable, { message, note }: Noted, cipher: Cipher, run?: number): Promise<Left> {
    const { inbox, meta, runs } = this.#db.tables
    const { runId, dedupe, kind, body, at } = message
    const sealed = cipher.seal(JSON.stringify(body), runId, inboxPlace(dedupe))
    const [left] = await to.query<Left>(
      `with found as (
        select run from ${runs} where id = $1 and ($2::bigint is null or run = $2) and erased_at is null
          and ($8::text[] is null or (select masters <@ $8 from ${meta})) for key share
      ),
      put as (
        insert into ${inbox} (run, dedupe, kind, at, body, sealed) select run, $3, $4, $5, $6, $7 from found
          on conflict (run, dedupe) do nothing returning 1
      ),
      noted as (${insertNotes(this.#db.tables, '$9', 'cross join put')})
      select (select count(*) from found) as runs, (select count(*) from put) as messages, masters from ${meta}`,
      [
        runId,
        run ?? null,
        dedupe,
        kind,
        at,
        ...columnsOf(sealed),
        this.#lineages.given,
        noteRecords(note ? [{ note }] : []),
      ],
    )
    return left ?? { runs: 0, messages: 0, masters: [] }
  }
}

/** The columns `body` and `sealed`, of which one holds what is stored. */
export function columnsOf(stored: Stored): readonly [body: string | null, sealed: Buffer | null] {
  return typeof stored === 'string' ? [stored, null] : [null, stored]
}
