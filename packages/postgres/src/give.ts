import { decodeRun, runColumns } from './rows.ts'
import type { RunRecord } from './rows.ts'
import { attemptsOf, notesOf } from './progress.ts'
import { ANY } from './owners.ts'
import type { Tables } from './tables.ts'
import type { RunRow } from '@reprise/core'

/** What a giving answers: a row for each run, or one without a run. */
export type GivenRecord = { readonly [Column in keyof RunRecord]: RunRecord[Column] | null } & {
  readonly masters: readonly string[] | null
} & Found

/** What a statement that gives says beside what it gives. */
export interface Found {
  /** How many runs that may be taken were looked at. */
  readonly seen: number
  /** How many of them were left alone since others had their lines just then. */
  readonly missed: number
  /** Whether nothing was looked at, since something has to be brought forward first. */
  readonly is_behind: boolean
}

/**
 * The rest of a statement whose `picked` has the numbers of runs that it has locked, and whose they are: it gives them to
 * whoever takes them, counts them as lost by those who had them, and shows that the taker lives. `$1` is the taker, `$2` its
 * heartbeat. It answers the master keys of the store as well, by which whoever lacks one of them knows, and what was found.
 */
export function give(tables: Tables, order: string, found: Readonly<Record<keyof Found, string>>): string {
  const { line_changes: changes, lines, meta, owners, runs } = tables
  return `
    taken as (
      update ${runs} r set owner = $1, epoch = r.epoch + 1, counted = false, parked = r.line is not null, attempts = ${attemptsOf(tables)}, ${notesOf(tables)}
        from picked where picked.run = r.run
        returning ${runColumns('r')}, r.line, picked.owner as before
    ),
    turned as (
      update ${lines} l set turn = l.turn + 1
        from (select distinct line from taken where line is not null and before is null) given where given.line = l.line
    ),
    changed as (
      insert into ${changes} (line) select distinct line from taken where line is not null and before is null
    ),
    losers as (select before as owner, count(*) as runs from taken where before is not null group by before),
    lost as (
      update ${owners} o set lost = o.lost + losers.runs from losers where losers.owner = o.owner and o.owner <> $1
    ),
    shown as (
      insert into ${owners} (owner, beat, lost) select $1, $2, ${ANY} where exists (select 1 from taken)
        on conflict (owner) do update set beat = excluded.beat,
          lost = ${owners}.lost + coalesce((select losers.runs from losers where losers.owner = $1), 0)
    )
    select ${runColumns('taken')}, meta.masters, ${found.seen} as seen, ${found.missed} as missed, ${found.is_behind} as is_behind
      from ${meta} meta left join taken on true order by ${order}`
}

/** The rows that a giving has answered. */
export function givenRows(records: readonly GivenRecord[]): readonly RunRow[] {
  return records.flatMap((given) => {
    const { masters: _, seen: __, missed: ___, is_behind: ____, ...record } = given
    return isRun(record) ? [decodeRun(record)] : []
  })
}

function isRun(record: Omit<GivenRecord, 'masters' | keyof Found>): record is RunRecord {
  return record.run !== null
}
