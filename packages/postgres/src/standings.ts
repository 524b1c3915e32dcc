import type { Digest, NewRun, RunWrite, StoredEntry } from '@reprise/core'
import { chainNext, chainStart } from '@reprise/format'
import type { Cipher } from '@reprise/format'
import type { Queryable } from './database.ts'
import type { Tables } from './tables.ts'

/** What is true of a run while its row is locked, and what a transaction makes of it. */
export interface Standing {
  readonly id: string
  readonly owner: string | null
  readonly epoch: number
  /** When it began, in milliseconds since 1970. */
  readonly createdAt: number
  readonly lineageId: string
  readonly tenant: string | null
  readonly user: string | null
  /** The id of its lineage's key; null in a store that is not encrypted. */
  readonly keyId: string | null
  readonly ended: boolean
  /** Whether it was erased, or is being deleted. */
  readonly isGone: boolean
  /** Whether it was erased. */
  readonly isErased: boolean
  /** Whether it is of a concurrency key. */
  readonly isLined: boolean
  /** The seq of the next entry, and the hash of the last one. */
  readonly next: number
  readonly hash: Digest
}

interface StandingRecord extends Omit<Standing, 'next' | 'hash'> {
  readonly seq: number | null
  readonly hash: Buffer | null
}

/**
 * Locks runs, in the order of their numbers, and says how each stands. What stands is read when all are locked: a statement
 * that waits for a lock sees the entries as they were when it began.
 *
 * @param others runs that are only looked at.
 */
export async function lockRuns(
  tx: Queryable,
  tables: Tables,
  ids: readonly string[],
  others: readonly string[],
): Promise<Map<string, Standing>> {
  const locked = tx.query(`select 1 from ${tables.runs} where id = any($1::text[]) order by run for no key update`, [
    ids,
  ])
  const records = tx.query<StandingRecord>(
    `select r.id, r.owner, r.epoch, r.created_at as "createdAt", r.lineage_id as "lineageId", r.tenant, r.user_id as "user", r.key_id as "keyId", r.ended_at is not null as ended,
        r.erased_at is not null as "isGone", r.erased_by is not null as "isErased", r.line is not null as "isLined", e.seq, e.hash
      from ${tables.runs} r left join lateral (
        select seq, hash from ${tables.entries} where run = r.run order by seq desc limit 1) e on true
      where r.id = any($1::text[])`,
    [[...ids, ...others]],
  )
  const [, found] = await Promise.all([locked, records])
  return new Map(
    found.map(({ seq, hash, ...run }) => [
      run.id,
      { ...run, next: (seq ?? -1) + 1, hash: hash?.toString('base64url') ?? chainStart(run.id) },
    ]),
  )
}

/** How a run stands that has just begun. */
export function freshStanding(row: NewRun, keyId: string | null): Standing {
  const { id, owner, epoch, createdAt, lineageId, tenant = null, user = null, endedAt } = row
  const isLined = (row.concurrency ?? null) !== null
  const fresh = { isGone: false, isErased: false, isLined, next: 0, hash: chainStart(id) }
  return { id, owner, epoch, createdAt, lineageId, tenant, user, keyId, ended: endedAt !== null, ...fresh }
}

/** The hashes of entries that stand already, of some runs: what is written again is held against them. */
export class StandingHashes {
  readonly #hashes = new Map<string, Digest>()

  /** Reads those at the places of entries that may stand. */
  async read(
    tx: Queryable,
    tables: Tables,
    writes: readonly RunWrite[],
    standings: ReadonlyMap<string, Standing>,
  ): Promise<void> {
    const again = writes.filter(({ runId, entries: [first] }) => first && first.seq < (standings.get(runId)?.next ?? 0))
    if (again.length === 0) return
    const found = await tx.query<{ id: string; seq: number; hash: Buffer }>(
      `select r.id, e.seq, e.hash from unnest($1::text[], $2::bigint[], $3::bigint[]) w (id, first, last)
        join ${tables.runs} r on r.id = w.id
        join ${tables.entries} e on e.run = r.run and e.seq between w.first - 1 and w.last`,
      [
        again.map(({ runId }) => runId),
        again.map(({ entries: [first] }) => first?.seq),
        again.map(({ entries }) => entries.at(-1)?.seq),
      ],
    )
    for (const { id, seq, hash } of found) this.set(id, seq, hash.toString('base64url'))
  }

  /** Notes one that this transaction writes. */
  set(runId: string, seq: number, hash: Digest): void {
    this.#hashes.set(`${seq} ${runId}`, hash)
  }

  /** Whether an entry stands, with all that it says. */
  stands(runId: string, cipher: Cipher, entry: StoredEntry): boolean {
    const before = entry.seq === 0 ? chainStart(runId) : this.#hashes.get(`${entry.seq - 1} ${runId}`)
    return before !== undefined && this.#hashes.get(`${entry.seq} ${runId}`) === chainNext(cipher, before, entry)
  }
}
