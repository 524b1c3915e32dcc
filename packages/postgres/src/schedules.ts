import type { DueFilter, ScheduleChange, ScheduleFilter, StoredSchedule } from '@reprise/core'
import { conditionsOf, type Conditions } from './conditions.ts'
import type { Database } from './database.ts'
import { lockLineages } from './lineage-lock.ts'
import type { Lineages } from './lineages.ts'
import type { Statement } from './statement.ts'
import { decodeSchedule, lineageOf, lockSchedules, moveStatement, SCHEDULE_COLUMNS } from './schedule-rows.ts'
import type { ScheduleRecord } from './schedule-rows.ts'
import type { Tables } from './tables.ts'
import { checkSchedule } from './texts.ts'

const DEFAULT_LIMIT = 100

/** The condition that each part of a filter makes of its value. */
const CONDITIONS: Conditions<Exclude<keyof ScheduleFilter, 'limit'>> = {
  name: (value) => `name = ${value}`,
  tenant: (value) => `tenant = ${value}`,
  user: (value) => `user_id = ${value}`,
  after: (value) => `name > ${value}`,
}

/** The statement that finds schedules that are due: it reads no more of their index than what is due. */
export function selectDue({ schedules }: Tables, filter: DueFilter): Statement {
  const { now, definitions, except, limit, tenant } = filter
  const kinds = definitions.map(({ kind }) => kind)
  const names = definitions.map(({ name }) => name)
  const text = `select ${SCHEDULE_COLUMNS.join(', ')} from ${schedules}
    where due_at is not null and not paused and due_at <= $1 and name <> all($2::text[])
      and (kind, definition) in (select * from unnest($3::text[], $4::text[])) ${tenant === undefined ? '' : 'and tenant = $6'}
    order by due_at, name limit $5`
  return { text, values: [Math.floor(now), except, kinds, names, limit, ...(tenant === undefined ? [] : [tenant])] }
}

/** Keeps schedules. */
export class Schedules {
  readonly #db: Database
  readonly #lineages: Lineages

  constructor(db: Database, lineages: Lineages) {
    this.#db = db
    this.#lineages = lineages
  }

  /** As the store's `keepSchedule`. */
  async keep(change: ScheduleChange): Promise<boolean> {
    const { schedule, before } = change
    const { tables } = this.#db
    checkSchedule(this.#db.name, schedule)
    const lineages = [{ lineageId: lineageOf(schedule.name) }]
    // As the writer does: a key is made once its lineage is locked, and else no connection is held meanwhile.
    const made = this.#lineages.encrypted ? undefined : await this.#lineages.make(lineages)
    return this.#db.transaction(async (tx) => {
      if (!made) await lockLineages(tx, tables.runs, [lineageOf(schedule.name)], 'shared')
      await this.#lineages.refuseRotated(tx, tables)
      const etag = (await lockSchedules(tx, tables, [schedule.name])).get(schedule.name) ?? null
      if (etag !== before) return etag === schedule.etag
      // Only by now: of a key for what is not written, nobody would let go.
      const kept = (made ?? (await this.#lineages.make(lineages))).get(lineageOf(schedule.name))
      if (kept === undefined) return false
      const { text, values } = moveStatement(tables, change, kept)
      await tx.query(text, values)
      return true
    })
  }

  /** As the store's `schedules`. */
  list({ limit = DEFAULT_LIMIT, ...filter }: ScheduleFilter): Promise<readonly StoredSchedule[]> {
    const values: unknown[] = [limit]
    const where = conditionsOf(CONDITIONS, filter, (value) => `$${values.push(value)}`)
    const text = `select ${SCHEDULE_COLUMNS.join(', ')} from ${this.#db.tables.schedules}
      where ${['true', ...where].join(' and ')} order by name limit $1`
    return this.#read({ text, values })
  }

  /** As the store's `dueSchedules`. */
  due(filter: DueFilter): Promise<readonly StoredSchedule[]> {
    return this.#read(selectDue(this.#db.tables, filter))
  }

  /** As the store's `deleteSchedule`. */
  async delete(name: string): Promise<boolean> {
    const { runs, schedules } = this.#db.tables
    const [gone] = await this.#db.query<Pick<ScheduleRecord, 'key_id'>>(
      `delete from ${schedules} where name = $1 returning key_id`,
      [name],
    )
    const id = gone?.key_id ?? null
    if (id !== null)
      // Once it is certain that it is gone: another of the name may have begun.
      await this.#db.transaction(async (tx) => {
        await lockLineages(tx, runs, [lineageOf(name)], 'alone')
        const [another] = await tx.query(`select 1 from ${schedules} where name = $1`, [name])
        if (!another) await this.#lineages.drop([{ lineage: lineageOf(name), id }])
      })
    return gone !== undefined
  }

  /** What another process has just deleted has no key any more: it is looked at once more before that counts as an error. */
  async #read(statement: Statement, isAgain = false): Promise<readonly StoredSchedule[]> {
    const [records] = await Promise.all([
      this.#db.query<ScheduleRecord>(statement.text, statement.values),
      this.#lineages.refuseRotated(this.#db, this.#db.tables),
    ])
    const runs = records.map(({ name, key_id: keyId }) => ({ lineageId: lineageOf(name), keyId }))
    const ciphers = await this.#lineages.find(runs)
    if (!isAgain && runs.some(({ lineageId }) => !ciphers.has(lineageId))) return this.#read(statement, true)
    return Promise.all(
      records.map(async (record, place) => {
        const run = runs[place] ?? { lineageId: lineageOf(record.name), keyId: record.key_id }
        return decodeSchedule(record, ciphers.get(run.lineageId) ?? (await this.#lineages.of(run)))
      }),
    )
  }
}
