import type { ErasureWord, InboxMessage, RunRow, Secret, StoredEntry } from '@reprise/core'
import type { Opened } from '../sqlite/opened.ts'
import { decodeRun, RUN_COLUMNS, type RunRecord } from '../sqlite/rows.ts'

/** A run as it stands in the file. */
export interface SourceRun {
  /** Its number, in the order of creation. */
  readonly run: number
  readonly row: RunRow
  /** Whether its next claim counts on: its owner gave it up so, or has died with it. */
  readonly counted: boolean
  /** Who erased it; null where nobody did. */
  readonly erasedBy: string | null
}

type SourceRecord = RunRecord & { readonly counted: 0 | 1; readonly erased_by: string | null }

/** Which runs are read: all that are not just being deleted, those that go on, or those that were erased. */
const WHICH = {
  all: '(erased_at is null or erased_by is not null)',
  open: "ended_at is null and status <> 'quarantined'",
  erased: 'erased_by is not null',
} as const

/** What was moved, counted in the file. */
export interface Moved {
  readonly runs: number
  /** Those of them that have not ended. */
  readonly open: number
  /** Those of them that a process drove which has died: a call of theirs with the effect `once` may be in doubt. */
  readonly interrupted: number
  readonly messages: number
  /** Messages for runs that have not begun. */
  readonly early: number
  readonly schedules: number
  /** What is known of people and tenants. */
  readonly facts: number
  /** Notes of the audit. */
  readonly notes: number
  /** Lineages that were erased. */
  readonly erased: number
}

/** Reads a file page by page: what is at hand does not grow with it. */
export class Source {
  readonly #opened: Opened
  readonly #pages
  readonly #before
  readonly #hasRuns
  readonly hasSecrets: boolean

  constructor(opened: Opened) {
    this.#opened = opened
    const { db } = opened
    const page = (which: keyof typeof WHICH) =>
      db.prepare<[after: number, limit: number], SourceRecord>(
        `select ${RUN_COLUMNS}, counted, erased_by from runs where run > ? and ${WHICH[which]} order by run limit ?`,
      )
    this.#pages = { all: page('all'), open: page('open'), erased: page('erased') }
    this.#before = db
      .prepare<[id: string, back: number], number>(
        'select run from runs where run <= (select run from runs where id = ?) order by run desc limit 1 offset ?',
      )
      .pluck()
    this.#hasRuns = db
      .prepare<[id: string, lineage: string], number>(
        'select 1 from runs where id = ? union all select 1 from runs where lineage_id = ? and lineage_id <> id limit 1',
      )
      .pluck()
    this.hasSecrets = db.prepare('select 1 from secrets limit 1').get() !== undefined
  }

  /** Runs of those numbers that come after one, in their order. */
  runs(which: keyof typeof WHICH, after: number, limit: number): readonly SourceRun[] {
    return this.#pages[which].all(after, limit).map(({ counted, erased_by: erasedBy, ...record }) => ({
      run: record.run,
      row: decodeRun(record),
      counted: counted === 1 || (record.owner !== null && record.ended_at === null),
      erasedBy,
    }))
  }

  /** The number of the run that comes so many before another; 0 where there is none, or no such other. */
  numberBefore(runId: string, back: number): number {
    return this.#before.get(runId, back) ?? 0
  }

  entries(runId: string, from: number, limit: number): readonly StoredEntry[] {
    return this.#opened.entries.of(runId, from, limit)
  }

  inbox(runId: string): readonly InboxMessage[] {
    return this.#opened.inbox.of(runId)
  }

  secrets(lineageId: string): readonly Secret[] {
    return this.hasSecrets ? this.#opened.secretValues.of(lineageId, 0).secrets : []
  }

  /** The ids, after one, of runs that are not there and for which something waits. */
  awaited(after: string, limit: number): readonly string[] {
    return this.#opened.early.idsAfter(after, limit)
  }

  early(runId: string): readonly InboxMessage[] {
    return this.#opened.early.of(runId)
  }

  readonly schedules: Opened['schedules']['list'] = (filter) => this.#opened.schedules.list(filter)
  readonly facts: Opened['facts']['after'] = (id, limit) => this.#opened.facts.after(id, limit)
  readonly audit: Opened['audit']['list'] = (filter) => this.#opened.audit.list(filter)

  /** Erased lineages of which nothing is left but the word, of those after one. `last` is undefined where there are no more. */
  words(after: string, limit: number): { readonly words: readonly ErasureWord[]; readonly last: string | undefined } {
    const page = this.#opened.lineages.erasedAfter(after, limit)
    const words = page.filter(({ lineageId }) => this.#hasRuns.get(lineageId, lineageId) === undefined)
    return { words, last: page.at(-1)?.lineageId }
  }

  counts(): Moved {
    const of = (from: string): number =>
      this.#opened.db.prepare<[], number>(`select count(*) from ${from}`).pluck().get() ?? 0
    const open = 'runs where ended_at is null'
    let erased = 0
    for (let after = ''; ;) {
      const page = this.#opened.lineages.erasedAfter(after, 1_000)
      erased += page.length
      const last = page.at(-1)
      if (!last) break
      after = last.lineageId
    }
    return {
      runs: of(`runs where ${WHICH.all}`),
      open: of(open),
      interrupted: of(`${open} and owner is not null`),
      messages: of('inbox'),
      early: of('early'),
      schedules: of('schedules'),
      facts: of('facts'),
      notes: of('audit'),
      erased,
    }
  }
}
