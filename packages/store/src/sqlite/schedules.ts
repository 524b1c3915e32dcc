import type { DueFilter, ScheduleChange, ScheduleFilter, StoredSchedule } from '@reprise/core'
import type { Cipher, Stored } from '@reprise/format'
import type { SqliteDatabase } from './database.ts'
import type { Lineages } from './lineages.ts'
import { overwriting } from './overwriting.ts'

const DEFAULT_LIMIT = 100

/** A schedule as the database keeps it. */
interface ScheduleRecord {
  readonly name: string
  readonly etag: string
  readonly kind: StoredSchedule['definition']['kind']
  readonly definition: string
  readonly due_at: number | null
  readonly paused: number
  readonly tenant: string | null
  readonly user_id: string | null
  readonly body: Stored
}

type Page = Readonly<Record<'name' | 'tenant' | 'user' | 'after', string | null> & { limit: number }>

/** What a schedule's body is sealed for: no run has such an id, and with its key goes all that it says. */
const lineageOf = (name: string): string => `schedule ${name}`
const BODY = 'schedule'

/** Keeps schedules. */
export class Schedules {
  readonly #lineages: Lineages
  readonly #insert
  readonly #update
  readonly #etag
  readonly #page
  readonly #due
  readonly #keep
  readonly #forget
  readonly #dropKey

  constructor(db: SqliteDatabase, lineages: Lineages) {
    this.#lineages = lineages
    this.#insert = db.prepare<[ScheduleRecord]>(
      `insert into schedules (name, etag, kind, definition, due_at, paused, tenant, user_id, body)
        values (@name, @etag, @kind, @definition, @due_at, @paused, @tenant, @user_id, @body) on conflict (name) do nothing`,
    )
    this.#update = db.prepare<[ScheduleRecord & { readonly before: string }]>(
      `update schedules set etag = @etag, kind = @kind, definition = @definition, due_at = @due_at, paused = @paused,
        tenant = @tenant, user_id = @user_id, body = @body where name = @name and etag = @before`,
    )
    this.#etag = db.prepare<[name: string], string>('select etag from schedules where name = ?').pluck()
    this.#page = db.prepare<[Page], ScheduleRecord>(
      `select * from schedules where name > coalesce(@after, '') and (@name is null or name = @name)
        and (@tenant is null or tenant = @tenant) and (@user is null or user_id = @user)
        order by name limit cast(@limit as integer)`,
    )
    this.#due = db.prepare<
      [{ now: number; definitions: string; except: string; limit: number; tenant: string | null }],
      ScheduleRecord
    >(
      `select * from schedules indexed by schedules_due
        where due_at is not null and paused = 0 and due_at <= cast(@now as real) and (@tenant is null or tenant = @tenant)
          and (kind, definition) in (select value ->> 0, value ->> 1 from json_each(@definitions))
          and name not in (select value from json_each(@except))
        order by due_at, name limit cast(@limit as integer)`,
    )
    this.#keep = db.transaction((change: ScheduleChange) => {
      const { name } = change.schedule
      const lineageId = lineageOf(name)
      if (lineages.encrypted) lineages.make([{ id: lineageId, lineageId }])
      return this.move(change) || this.#etag.get(name) === change.schedule.etag
    })
    const remove = db.prepare<[name: string]>('delete from schedules where name = ?')
    const forget = db.transaction((name: string, erases: boolean) => {
      const wasThere = remove.run(name).changes === 1
      if (wasThere && erases) lineages.soil()
      return wasThere
    })
    this.#forget = (name: string, erases: boolean) => overwriting(db, () => forget.immediate(name, erases))
    // Once it is certain that it is gone: until then another of the name may have begun.
    this.#dropKey = db.transaction((name: string) => {
      if (this.#etag.get(name) === undefined) lineages.drop([lineageOf(name)])
    })
  }

  /** As the store's `keepSchedule`. */
  keep(change: ScheduleChange): boolean {
    return this.#keep.immediate(change)
  }

  /** Writes a schedule where it stands as it was seen. To be called inside of a transaction. */
  move({ schedule, before }: ScheduleChange): boolean {
    const cipher = this.#lineages.find(lineageOf(schedule.name))
    if (!cipher) return false
    const record = encode(schedule, cipher)
    const { changes } = before === null ? this.#insert.run(record) : this.#update.run({ ...record, before })
    return changes === 1
  }

  /** As the store's `schedules`. */
  list({ limit = DEFAULT_LIMIT, ...of }: ScheduleFilter): readonly StoredSchedule[] {
    const page = { name: null, tenant: null, user: null, after: null, ...of, limit }
    return this.#page.all(page).map(this.#decode)
  }

  /** As the store's `dueSchedules`. */
  due({ now, definitions, except, limit, tenant }: DueFilter): readonly StoredSchedule[] {
    const mine = definitions.map(({ kind, name }) => [kind, name])
    const given = { now, definitions: JSON.stringify(mine), except: JSON.stringify(except) }
    return this.#due.all({ ...given, limit, tenant: tenant ?? null }).map(this.#decode)
  }

  /** As the store's `deleteSchedule`, but for what stays in free pages: the files are to be scrubbed then. */
  delete(name: string, erases: boolean): boolean {
    const wasThere = this.#forget(name, erases)
    if (wasThere) this.#dropKey.immediate(name)
    return wasThere
  }

  readonly #decode = (record: ScheduleRecord): StoredSchedule => {
    const { name, etag, kind, definition, due_at, paused, tenant, user_id, body } = record
    const lineageId = lineageOf(name)
    return {
      name,
      etag,
      definition: { kind, name: definition },
      dueAt: due_at,
      paused: paused === 1,
      tenant,
      user: user_id,
      text: this.#lineages.of(lineageId).open(body, lineageId, BODY),
    }
  }
}

function encode(schedule: StoredSchedule, cipher: Cipher): ScheduleRecord {
  const { name, etag, definition, dueAt, paused, tenant, user, text } = schedule
  return {
    name,
    etag,
    kind: definition.kind,
    definition: definition.name,
    due_at: dueAt,
    paused: paused ? 1 : 0,
    tenant,
    user_id: user,
    body: cipher.seal(text, lineageOf(name), BODY),
  }
}
