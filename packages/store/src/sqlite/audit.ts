import type { AuditEntry, AuditFilter, AuditNote } from '@reprise/core'
import type { SqliteDatabase } from './database.ts'

const DEFAULT_LIMIT = 100

interface AuditRecord extends Omit<AuditEntry, 'by' | 'runId' | 'lineageId'> {
  readonly by_id: string
  readonly by_source: string
  readonly run_id: string | null
  readonly lineage_id: string | null
}

/** The condition that each part of a filter makes. Given values are cast, as those of a page of runs are. */
const CONDITIONS: Record<Exclude<keyof AuditFilter, 'limit' | 'order' | 'after'>, string> = {
  runId: 'run_id = cast(@runId as text)',
  lineageId: 'lineage_id = cast(@lineageId as text)',
  tenant: 'tenant = cast(@tenant as text)',
  by: 'by_id = cast(@by as text)',
  action: 'action = cast(@action as text)',
  from: 'at >= cast(@from as real)',
  before: 'at < cast(@before as real)',
}

const ORDERS = {
  oldest: { after: 'id > cast(@after as integer)', by: 'id' },
  newest: { after: 'id < cast(@after as integer)', by: 'id desc' },
} as const

/** By which index a page is read: that of what the fewest notes have. All of them give notes in their order. */
function indexOf({ runId, lineageId, by, tenant, action }: AuditFilter): string {
  if (runId !== undefined) return 'indexed by audit_run'
  if (lineageId !== undefined) return 'indexed by audit_lineage'
  if (by !== undefined) return 'indexed by audit_by'
  if (tenant !== undefined) return 'indexed by audit_tenant'
  return action === undefined ? 'not indexed' : 'indexed by audit_action'
}

/** The statement that gives a page of the audit. */
export function selectAudit(filter: AuditFilter): string {
  const { after, by } = ORDERS[filter.order ?? 'oldest']
  const where = Object.entries({ ...CONDITIONS, after }).flatMap(([part, sql]) =>
    filter[part as keyof AuditFilter] === undefined ? [] : [sql],
  )
  return `select id, at, action, by_id, by_source, run_id, lineage_id, tenant, what from audit ${indexOf(filter)}
    where ${['true', ...where].join(' and ')} order by ${by} limit cast(@limit as integer)`
}

/** Who did what. Nothing but `prune` ever takes any of it away. */
export class Audit {
  readonly #db: SqliteDatabase
  readonly #insert
  readonly #append
  readonly #prune

  constructor(db: SqliteDatabase) {
    this.#db = db
    this.#insert = db.prepare<[Omit<AuditRecord, 'id'>]>(
      `insert into audit (at, action, by_id, by_source, run_id, lineage_id, tenant, what)
        values (@at, @action, @by_id, @by_source, @run_id, @lineage_id, @tenant, @what)`,
    )
    this.#append = db.transaction((notes: readonly AuditNote[]) => {
      for (const note of notes) this.add(note)
    })
    this.#prune = db.prepare<[before: number, limit: number]>(
      'delete from audit where id in (select id from audit where at < ? order by at limit cast(? as integer))',
    )
  }

  /** Notes one thing, inside of the transaction that does it. */
  add({ by, runId, lineageId, ...note }: AuditNote): void {
    this.#insert.run({ ...note, by_id: by.id, by_source: by.source, run_id: runId, lineage_id: lineageId })
  }

  /** As the store's `note`. */
  append(notes: readonly AuditNote[]): void {
    this.#append.immediate(notes)
  }

  /** As the store's `audit`. */
  list(filter: AuditFilter): readonly AuditEntry[] {
    return this.#db
      .prepare<[AuditFilter], AuditRecord>(selectAudit(filter))
      .all({ ...filter, limit: filter.limit ?? DEFAULT_LIMIT })
      .map(({ by_id: id, by_source: source, run_id: runId, lineage_id: lineageId, ...note }) => ({
        ...note,
        by: { id, source },
        runId,
        lineageId,
      }))
  }

  /** As the store's `pruneAudit`. */
  prune(before: number, limit: number): number {
    return this.#prune.run(before, limit).changes
  }
}
