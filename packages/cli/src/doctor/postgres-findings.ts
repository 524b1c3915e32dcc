import type { QueueRow, RetentionOptions } from '@reprise/core'
import type { Examination, FoundHolder, FoundTable } from '@reprise/postgres'
import { saySpan } from '../show/time.ts'
import { count } from '../show/used.ts'
import { growth, queue } from './backlog.ts'
import { type Check, type Finding, known, size, told, well, wrong } from './finding.ts'
import { owners, runs } from './findings.ts'

/**
 * Says of a store on Postgres that was looked at what is well and what is not, each with what to do.
 *
 * @param retention of the runtime that works on it; undefined where that is not known.
 */
export function findingsOnPostgres(found: Examination, retention?: RetentionOptions): readonly Finding[] {
  const { at, queue: rows, ended } = found
  return [
    well('store', found.place),
    server(found),
    ...durability(found),
    version(found),
    ...(found.fault ? [told('store', found.fault.message)] : []),
    ...faulty(
      'key',
      found.keys?.fault,
      found.keys?.encrypted ? 'encrypted, and the key and its keys fit' : 'not encrypted',
    ),
    ...owners(found),
    ...(rows ? runs({ runs: standings(rows) }) : []),
    ...queue(found),
    ...growth({ ended, at }, retention),
    ...tables(found),
    ...vacuum(found),
    ...hints(found),
    ...blobs(found),
  ]
}

function server({ server: { version: number, isStandby } }: Examination): Finding {
  if (!isStandby) return well('server', `Postgres ${number}`)
  return wrong('server', `Postgres ${number}, a standby: it cannot be written`, 'Give the address of the primary.')
}

/** What each setting loses where it is off, and what to do. */
const LOSES = {
  fsync: [
    'a crash of its machine may leave nothing of the database that can be read',
    'Set fsync = on in postgresql.conf, and reload it.',
  ],
  full_page_writes: [
    'a crash of its machine may leave halves of pages behind, which nothing mends',
    'Set full_page_writes = on in postgresql.conf, and reload it, unless its file system writes pages of 8 KB whole.',
  ],
  synchronous_commit: [
    'a crash loses the commits of the last moment, and with them the intents of calls that may happen once',
    'Set it to on, for the user of the store at least: alter role NAME set synchronous_commit = on',
  ],
} as const

function durability({ server: { durability: found } }: Examination): readonly Finding[] {
  const off = (['fsync', 'full_page_writes', 'synchronous_commit'] as const).filter((name) => found[name] === 'off')
  if (off.length === 0)
    return [well('durability', `a commit is on the disk (synchronous_commit ${found.synchronous_commit})`)]
  return off.map((name) => wrong('durability', `${name} is off: ${LOSES[name][0]}`, LOSES[name][1]))
}

function version({ schema: { found, least, known: own } }: Examination): Finding {
  const readBy = `programs that know ${least} or later use it`
  if (found < own) return well('schema', `${found}: the next use brings it to ${own}`)
  return well(
    'schema',
    found === own ? `${found}, as of this program; ${readBy}` : `${found}, of a newer program; ${readBy}`,
  )
}

/** Well, but for a fault; nothing where it was not looked for. */
function faulty(
  check: Check,
  fault: { readonly message: string } | null | undefined,
  what: string,
): readonly Finding[] {
  if (fault === undefined) return []
  return [fault === null ? well(check, what) : told(check, fault.message)]
}

/** How many runs that have not ended stand in each way, whatever they are of. */
function standings(rows: readonly QueueRow[]) {
  const groups = Map.groupBy(rows, ({ status, waiting }) => `${status} ${waiting ?? ''}`)
  return [...groups.values()].flatMap((group) => {
    const [first] = group
    return first ? [{ ...first, count: group.reduce((sum, row) => sum + row.runs, 0) }] : []
  })
}

/** How many of the largest are named. */
const NAMED = 4

function tables({ tables: found }: Examination): readonly Finding[] {
  if (found === null) return []
  const all = found.reduce((sum, { bytes }) => sum + bytes, 0)
  const largest = found.slice(0, NAMED).map(({ name, bytes }) => `${name} ${size(bytes)}`)
  return [well('tables', `${size(all)} with their indexes: ${largest.join(', ')}, and the rest`)]
}

/** How many rows of a table may be dead, if they are no more than those that are not, and for how long. */
const MANY_DEAD = 100_000
const LAGS_MS = 600_000

/** For how long a transaction may be open, and how many may begin while a slot or one that does not say stays where it is. */
const LONG_MS = 600_000
const LONG_TRANSACTIONS = 1_000_000

/** At how many transactions Postgres itself gives up everything else for this, some way before it stops. */
const FAILSAFE = 1_600_000_000

function vacuum(found: Examination): readonly Finding[] {
  const {
    tables: all,
    server: { autovacuums, transactionIds },
  } = found
  if (all === null) return []
  const { age, vacuumedAt } = transactionIds
  const wrongs = [
    ...(autovacuums
      ? []
      : [
          wrong(
            'vacuum',
            'autovacuum is off: nothing takes away what was deleted',
            'Set autovacuum = on and track_counts = on in postgresql.conf, and reload it.',
          ),
        ]),
    ...all.filter(lags).map((table) => lagging(table)),
    ...(found.heldBy && isLong(found.heldBy) ? [held(found.heldBy)] : []),
    ...(age < Math.min(2 * vacuumedAt, FAILSAFE)
      ? []
      : [
          wrong(
            'vacuum',
            `the oldest row may be ${age.toLocaleString('en-US')} transactions old: at 2,146 million the database takes no more writes`,
            'End what keeps it from being cleaned, and vacuum the whole database: vacuumdb --all --freeze',
          ),
        ]),
  ]
  if (wrongs.length > 0) return wrongs
  const dead = all.reduce((sum, { deadRows }) => sum + deadRows, 0)
  const seen = found.heldBy
    ? `${saidHolder(found.heldBy)} keeps it from cleaning`
    : found.seesOthers
      ? 'nobody keeps it from cleaning'
      : 'nobody that this user is shown keeps it from cleaning (pg_read_all_stats shows all)'
  return [
    well(
      'vacuum',
      `${count(dead, 'dead row')}, ${seen}; the oldest row is ${age.toLocaleString('en-US')} transactions old at most`,
    ),
  ]
}

function lags({ rows, deadRows, vacuumedAgoMs }: FoundTable): boolean {
  return deadRows > Math.max(MANY_DEAD, rows) && (vacuumedAgoMs === null || vacuumedAgoMs > LAGS_MS)
}

function lagging({ name, rows, deadRows, vacuumedAgoMs }: FoundTable): Finding {
  const last = vacuumedAgoMs === null ? 'was never vacuumed' : `was last vacuumed ${saySpan(vacuumedAgoMs)} ago`
  const found = `${name} has ${count(deadRows, 'dead row')} beside ${rows.toLocaleString('en-US')}, and ${last}`
  return wrong(
    'vacuum',
    found,
    `Vacuum it: vacuum (analyze) SCHEMA.${name}. Where it comes again, let autovacuum do more: raise autovacuum_vacuum_cost_limit, or autovacuum_max_workers.`,
  )
}

function isLong({ openMs, transactions }: FoundHolder): boolean {
  return openMs === null ? transactions > LONG_TRANSACTIONS : openMs > LONG_MS
}

function held(holder: FoundHolder): Finding {
  const found = `nothing is cleaned that was deleted in the last ${count(holder.transactions, 'transaction')}: ${saidHolder(holder)} keeps the server from it`
  if (holder.kind === 'transaction')
    return wrong(
      'vacuum',
      found,
      `End that transaction, unless it is a backup that will come to its end: select pg_terminate_backend(${holder.pid})`,
    )
  if (holder.kind === 'prepared transaction')
    return wrong('vacuum', found, `End it: commit prepared '${holder.name}', or rollback prepared '${holder.name}'`)
  return wrong(
    'vacuum',
    found,
    `Let its standby catch up, or drop it: select pg_drop_replication_slot('${holder.name}')`,
  )
}

function saidHolder({ kind, pid, name, state, openMs }: FoundHolder): string {
  const who = [
    ...(kind === 'transaction' ? [`process ${pid}`] : []),
    ...(name === '' ? [] : [`"${name}"`]),
    ...(state === null ? [] : [state]),
    ...(openMs === null ? [] : [`open for ${saySpan(Math.max(0, openMs))}`]),
  ]
  return `a ${kind} (${who.join(', ')})`
}

function hints({ tables: looked, hears }: Examination): readonly Finding[] {
  if (looked === null) return []
  if (hears === null)
    return [
      known(
        'hints',
        'no address to listen at is given: what others leave is found by looking',
        'Give the program the address of the server: postgres(pool, { listenUrl }).',
      ),
    ]
  if (hears) return [well('hints', 'what is told at this address is heard at once')]
  return [
    known(
      'hints',
      'what is told at this address is not heard there, as behind a pooler in transaction mode: work and mail are found by looking',
      'Give the program the address of the server itself: postgres(url, { listenUrl }).',
    ),
  ]
}

function blobs({ blobs: found }: Examination): readonly Finding[] {
  if (found === null) return []
  const { areOutside, looked, missing, fault } = found
  if (fault) return [told('blobs', fault.message)]
  if (!areOutside) return [well('blobs', 'all in the database')]
  const sample = `outside of the database; ${count(looked, 'blob')} looked for`
  if (missing.length === 0) return [well('blobs', `${sample}, and found`)]
  return [
    wrong(
      'blobs',
      `${sample}, and ${missing.length} not there: ${missing.join(', ')}`,
      'See whether it is the place that the program has (REPRISE_BLOBS). Bring back what was lost from a backup of it: runs that need one of them cannot be read.',
    ),
  ]
}
