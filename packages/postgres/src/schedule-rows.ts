import type { ScheduleChange, StoredSchedule } from '@reprise/core'
import type { Cipher } from '@reprise/format'
import type { Queryable } from './database.ts'
import type { Kept } from './lineages.ts'
import type { Statement } from './statement.ts'
import type { Tables } from './tables.ts'

/** A schedule as the database gives it. */
export interface ScheduleRecord {
  readonly name: string
  readonly etag: string
  readonly kind: StoredSchedule['definition']['kind']
  readonly definition: string
  readonly due_at: number | null
  readonly paused: boolean
  readonly tenant: string | null
  readonly user_id: string | null
  /** The id of the key of its own; null in a store that is not encrypted. */
  readonly key_id: string | null
  readonly body: string | null
  readonly sealed: Buffer | null
}

/** The columns of a schedule. */
export const SCHEDULE_COLUMNS = [
  'name',
  'etag',
  'kind',
  'definition',
  'due_at',
  'paused',
  'tenant',
  'user_id',
  'key_id',
  'body',
  'sealed',
] as const satisfies readonly (keyof ScheduleRecord)[]

const BODY = 'schedule'

/** The lineage that a schedule's key is of: no run has such an id, and with its key goes all that it says. */
export function lineageOf(name: string): string {
  return `schedule ${name}`
}

/** Locks schedules to the end of a transaction, in the order of their names; gives the etags of those that are there. */
export async function lockSchedules(
  tx: Queryable,
  { schedules }: Tables,
  names: readonly string[],
): Promise<Map<string, string>> {
  if (names.length === 0) return new Map()
  const found = await tx.query<{ name: string; etag: string }>(
    `select name, etag from ${schedules} where name = any($1::text[]) order by name for no key update`,
    [names],
  )
  return new Map(found.map(({ name, etag }) => [name, etag]))
}

/**
 * The statement that writes a schedule, inside of the transaction that has locked it and found it as it was seen. Where another
 * of its name has begun meanwhile, that fails, and the transaction is done again.
 */
export function moveStatement({ schedules }: Tables, { schedule, before }: ScheduleChange, kept: Kept): Statement {
  const record = encode(schedule, kept)
  const values = SCHEDULE_COLUMNS.map((column) => record[column])
  const given = SCHEDULE_COLUMNS.map((column, place) => [column, `$${place + 1}`] as const)
  const text =
    before === null
      ? `insert into ${schedules} (${SCHEDULE_COLUMNS.join(', ')}) values (${given.map(([, value]) => value).join(', ')})`
      : `update ${schedules} set ${given.map((pair) => pair.join(' = ')).join(', ')} where name = $1`
  return { text, values }
}

/** Turns a record into the schedule that it keeps. */
export function decodeSchedule(record: ScheduleRecord, cipher: Cipher): StoredSchedule {
  const { name, etag, kind, definition, due_at, paused, tenant, user_id, body, sealed } = record
  return {
    name,
    etag,
    definition: { kind, name: definition },
    dueAt: due_at,
    paused,
    tenant,
    user: user_id,
    text: cipher.open(body ?? sealed ?? '', lineageOf(name), BODY),
  }
}

function encode(schedule: StoredSchedule, { cipher, keyId }: Kept): ScheduleRecord {
  const { name, etag, definition, dueAt, paused, tenant, user, text } = schedule
  const stored = cipher.seal(text, lineageOf(name), BODY)
  return {
    name,
    etag,
    kind: definition.kind,
    definition: definition.name,
    due_at: dueAt,
    paused,
    tenant,
    user_id: user,
    key_id: keyId,
    ...(typeof stored === 'string' ? { body: stored, sealed: null } : { body: null, sealed: stored }),
  }
}
