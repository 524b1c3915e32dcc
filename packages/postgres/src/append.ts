import type { Digest } from '@reprise/core'
import { kindCode } from '@reprise/format'
import { insertNotes, noteRecords } from './audit.ts'
import type { Batch } from './batch.ts'
import type { Packed } from './pack.ts'
import { encodeChange } from './rows.ts'
import type { Statement } from './statement.ts'
import type { Tables } from './tables.ts'
import { Values } from './values.ts'

/** How the runs of a batch are held. */
export type Holding =
  /** By this statement: each stands at its epoch and ends with the entry before, or is left out. */
  | 'checked'
  /** By the transaction already. */
  | 'held'

/**
 * The statement that writes a batch, but for the runs that begin. It answers with the places of the runs that it has
 * written to. The epoch is checked under the row's lock, which claims need as well: without it, a claim that comes at the same
 * time does not see what is being written. Rows are locked in the order of their numbers.
 *
 * @param masters the master keys that were given: where the store has another by now, nothing is held.
 */
export function appendStatement(
  tables: Tables,
  batch: Batch,
  holding: Holding,
  masters: readonly string[] | null = null,
): Statement {
  const values = new Values()
  const parts = [held(tables, batch, values, holding, masters)]
  if (batch.entries.length > 0) {
    const packed = batch.blobs.map(({ part, at }) => (at === undefined ? batch.pack.add(part) : undefined))
    const pack = values.add('bytea', batch.pack.toBuffer())
    parts.push(entries(tables, batch, values, pack))
    if (batch.blobs.length > 0) parts.push(...blobs(tables, batch, values, { pack, packed }))
  }
  if (batch.changes.size > 0) parts.push(changes(tables, batch, values))
  if (batch.consumed.length > 0) parts.push(consumed(tables, batch, values))
  if (batch.notes.length > 0) parts.push(notes(tables, batch, values))
  // The last, which Postgres does first of all: a row that the same statement has changed could not be locked any more, and its
  // message would be left out.
  if (holding === 'checked' && batch.messages.length > 0)
    parts.push(`m as (${messages(tables, batch, values, 'join held on held.n = m.by')})`)
  const count = `coalesce((select count from ${tables.secret_counts} s where s.lineage_id = held.lineage_id), 0)`
  const answer = `select n, ${batch.isCounting ? count : '0::bigint'} as secrets from held`
  return { text: `with ${parts.join(',\n')}\n${answer}`, values: values.all }
}

/** The statement that leaves a batch's messages. */
export function messagesStatement(tables: Tables, batch: Batch): Statement {
  const values = new Values()
  return { text: messages(tables, batch, values, ''), values: values.all }
}

function held(
  tables: Tables,
  { runs }: Batch,
  values: Values,
  holding: Holding,
  masters: readonly string[] | null,
): string {
  const from = `from ${values.rows('w', {
    id: ['text', runs.map(({ id }) => id)],
    epoch: ['bigint', runs.map(({ epoch }) => epoch)],
    before: ['bigint', runs.map(({ before }) => before)],
    bare: ['boolean', runs.map(({ isBare }) => isBare)],
  })} join ${tables.runs} r on r.id = w.id`
  if (holding === 'held') return `held as materialized (select w.n, r.run, r.lineage_id ${from})`
  const hashes = values.add('bytea', packHashes(runs.map(({ hash }) => hash)))
  const isReadable = masters ? `(select masters from ${tables.meta}) <@ ${values.add('text[]', masters)}` : 'true'
  return `held as materialized (
    select w.n, r.run, r.lineage_id ${from}
    where ${isReadable} and r.epoch = w.epoch and r.erased_at is null and (not w.bare or r.ended_at is null) and (w.before < 0 or exists (
      select 1 from ${tables.entries} p
      where p.run = r.run and p.seq = w.before and p.hash = substring(${hashes} from (32 * w.n - 31)::int for 32)))
    order by r.run for no key update of r)`
}

function entries(tables: Tables, { entries: list }: Batch, values: Values, pack: string): string {
  const isSealed = list.some(({ isSealed: sealed }) => sealed)
  const from = values.rows('u', {
    place: ['bigint', list.map(({ n }) => n)],
    seq: ['bigint', list.map(({ seq }) => seq)],
    key: ['text', list.map(({ key }) => key)],
    kind: ['smallint', list.map(({ kind }) => kindCode(kind))],
    attempt: ['bigint', list.map(({ attempt }) => attempt)],
    at: ['bigint', list.map(({ at }) => at)],
    off: ['int', list.map(({ body }) => body.offset)],
    len: ['int', list.map(({ body }) => body.length)],
  })
  const hashes = values.add('bytea', packHashes(list.map(({ hash }) => hash)))
  const bytes = `substring(${pack} from u.off + 1 for u.len)`
  return `e as (
    insert into ${tables.entries} (run, seq, key, kind, attempt, at, ${isSealed ? 'sealed' : 'body'}, hash)
    select held.run, u.seq, u.key, u.kind, u.attempt, u.at, ${isSealed ? bytes : `convert_from(${bytes}, 'UTF8')`},
      substring(${hashes} from (32 * u.n - 31)::int for 32)
    from ${from} join held on held.n = u.place)`
}

/** The parameter that bodies and blobs stand in, and where each blob does, of those that are in it. */
interface PackedBlobs {
  readonly pack: string
  readonly packed: readonly (Packed | undefined)[]
}

/**
 * In the order of their addresses: two that add the same ones do not wait for each other in a circle. What was there and is gone
 * by now, or was put outside too long ago, is missed by those who refer to it: the statement fails then as one that another
 * transaction was in the way of (23503).
 */
function blobs(
  tables: Tables,
  { blobs: list }: Batch,
  values: Values,
  { pack, packed }: PackedBlobs,
): readonly string[] {
  const puts = list.map(({ at }) => (at === 'there' ? undefined : at))
  const from = values.rows('u', {
    place: ['bigint', list.map(({ n }) => n)],
    address: ['text', list.map(({ address }) => address)],
    off: ['int', packed.map((part) => part?.offset)],
    len: ['int', packed.map((part) => part?.length)],
    name: ['text', puts.map((put) => put?.name)],
    until: ['bigint', puts.map((put) => put?.until)],
  })
  return [
    `parts as materialized (select held.run, u.address collate "C" as address, u.off, u.len, u.name, u.until from ${from} join held on held.n = u.place)`,
    `b as (
    insert into ${tables.blobs} (address, bytes, name)
    select address, substring(${pack} from off + 1 for len), name from (select distinct on (address) * from parts order by address) as once
    where off is not null or until > extract(epoch from clock_timestamp()) * 1000
    on conflict do nothing)`,
    `br as (
    insert into ${tables.blob_refs} (run, address) select distinct run, address from parts order by address, run
    on conflict do nothing)`,
  ]
}

function changes(tables: Tables, { changes: map }: Batch, values: Values): string {
  const list = [...map].map(([n, { row, release, sound }]) => ({ n, row: row && encodeChange(row), release, sound }))
  const from = values.rows('u', {
    place: ['bigint', list.map(({ n }) => n)],
    changed: ['boolean', list.map(({ row }) => row !== undefined)],
    status: ['text', list.map(({ row }) => row?.status)],
    waiting: ['text', list.map(({ row }) => row?.waiting)],
    waiting_kind: ['text', list.map(({ row }) => row?.waiting_kind)],
    waits: ['text', list.map(({ row }) => row?.waits)],
    wake_at: ['bigint', list.map(({ row }) => row?.wake_at)],
    ended_at: ['bigint', list.map(({ row }) => row?.ended_at)],
    totals: ['text', list.map(({ row }) => row?.totals)],
    release: ['boolean', list.map(({ release }) => release !== undefined)],
    counted: ['boolean', list.map(({ release }) => release === 'counted')],
    sound: ['boolean', list.map(({ sound }) => sound === true)],
  })
  const changed = ['status', 'waiting', 'waiting_kind', 'waits', 'wake_at', 'ended_at', 'totals']
  return `c as (
    update ${tables.runs} r set
      ${changed.map((column) => `${column} = case when u.changed then u.${column} else r.${column} end`).join(',\n      ')},
      owner = case when u.release then null else r.owner end,
      counted = case when u.release then u.counted else r.counted end,
      attempts = case when u.sound then 0 else r.attempts end
    from ${from} join held on held.n = u.place where r.run = held.run
    returning case when u.changed or u.release then r.line end as line),
  l as (insert into ${tables.line_changes} (line) select distinct line from c where line is not null)`
}

function consumed(tables: Tables, { consumed: list }: Batch, values: Values): string {
  const from = values.rows('u', {
    place: ['bigint', list.map(({ n }) => n)],
    dedupe: ['text', list.map(({ dedupe }) => dedupe)],
  })
  return `d as (
    delete from ${tables.inbox} i using ${from} join held on held.n = u.place
    where i.run = held.run and i.dedupe = u.dedupe)`
}

function notes(tables: Tables, { notes: list }: Batch, values: Values): string {
  const given = values.add('text', noteRecords(list.map(({ n, note }) => ({ note, n }))))
  return `a as (${insertNotes(tables, given, 'join held on held.n = a.n')})`
}

/** A run that is being deleted meanwhile keeps no message: its row is locked against that. */
function messages(tables: Tables, { messages: list }: Batch, values: Values, held: string): string {
  const isText = (body: unknown): body is string => typeof body === 'string'
  const from = values.rows('m', {
    by: ['bigint', list.map(({ by }) => by)],
    id: ['text', list.map(({ runId }) => runId)],
    dedupe: ['text', list.map(({ dedupe }) => dedupe)],
    kind: ['text', list.map(({ kind }) => kind)],
    at: ['bigint', list.map(({ at }) => at)],
    body: ['text', list.map(({ body }) => (isText(body) ? body : null))],
    sealed: ['bytea', list.map(({ body }) => (isText(body) ? null : body))],
  })
  return `insert into ${tables.inbox} (run, dedupe, kind, at, body, sealed)
    select r.run, m.dedupe, m.kind, m.at, m.body, m.sealed
    from ${from} ${held} join ${tables.runs} r on r.id = m.id and r.ended_at is null
    order by m.n for key share of r on conflict (run, dedupe) do nothing`
}

function packHashes(hashes: readonly Digest[]): Buffer {
  return Buffer.concat(hashes.map((hash) => Buffer.from(hash, 'base64url')))
}
