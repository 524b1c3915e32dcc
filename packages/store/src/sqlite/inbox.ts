import type { AuditNote, InboxMessage, Json, Secret } from '@reprise/core'
import { inboxPlace, SECRETS } from '@reprise/format'
import type { Stored } from '@reprise/format'
import type { Audit } from './audit.ts'
import type { SqliteDatabase } from './database.ts'
import { unknownRun } from './errors.ts'
import type { Lineages } from './lineages.ts'

interface MessageRecord extends Omit<InboxMessage, 'runId' | 'body'> {
  readonly lineage_id: string
  readonly body: Stored
}

/** Keeps messages from outside until their runs have journaled them. */
export class Inbox {
  readonly #path: string
  readonly #lineages: Lineages
  readonly #run
  readonly #insert
  readonly #insertSecret
  readonly #select
  readonly #owners
  readonly #audit: Audit
  readonly #leave

  constructor(db: SqliteDatabase, path: string, lineages: Lineages, audit: Audit) {
    this.#path = path
    this.#audit = audit
    this.#lineages = lineages
    this.#run = db.prepare<[id: string], { run: number; lineage_id: string }>(
      'select run, lineage_id from runs where id = ?',
    )
    this.#insert = db.prepare<[run: number, dedupe: string, kind: string, body: Stored, at: number]>(
      'insert into inbox (run, dedupe, kind, body, at) values (?, ?, ?, ?, ?) on conflict (run, dedupe) do nothing',
    )
    this.#insertSecret = db.prepare<[lineage: string, token: string, value: Stored]>(
      'insert into secrets (lineage_id, token, value) values (?, ?, ?) on conflict (lineage_id, token) do nothing',
    )
    this.#select = db.prepare<[runId: string], MessageRecord>(
      `select lineage_id, dedupe, inbox.kind, body, at from inbox join runs using (run)
        where runs.id = cast(? as text) order by inbox.id`,
    )
    this.#owners = db
      .prepare<[owner: string], string>(
        'select id from runs not indexed where run in (select run from inbox) and owner = cast(? as text) order by run',
      )
      .pluck()
    this.#leave = db.transaction((message: InboxMessage, secrets: readonly Secret[], note?: AuditNote) => {
      const isNew = this.#send(message, secrets)
      if (isNew && note) this.#audit.add(note)
      return isNew
    })
  }

  /** As the store's `send`; a message for a run that has ended is kept as well, and nobody takes it. */
  send(message: InboxMessage, secrets: readonly Secret[], note?: AuditNote): boolean {
    return this.#leave.immediate(message, secrets, note)
  }

  /** As the store's `inbox`. */
  of(runId: string): readonly InboxMessage[] {
    return this.#select.all(runId).map(({ lineage_id, dedupe, kind, body, at }) => {
      const text = this.#lineages.of(lineage_id).open(body, runId, inboxPlace(dedupe))
      return { runId, dedupe, kind, body: JSON.parse(text) as Json, at }
    })
  }

  /** As the store's `mail`. */
  mail(owner: string): readonly string[] {
    return this.#owners.all(owner)
  }

  #send({ runId, dedupe, kind, body, at }: InboxMessage, secrets: readonly Secret[]): boolean {
    const found = this.#run.get(runId)
    if (found === undefined) throw unknownRun(this.#path, runId)
    const cipher = this.#lineages.of(found.lineage_id)
    for (const { token, value } of secrets)
      this.#insertSecret.run(found.lineage_id, token, cipher.seal(value, SECRETS, token))
    const text = cipher.seal(JSON.stringify(body), runId, inboxPlace(dedupe))
    return this.#insert.run(found.run, dedupe, kind, text, at).changes === 1
  }
}
