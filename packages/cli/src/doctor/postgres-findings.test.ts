import type { Examination, FoundHolder } from '@reprise/postgres'
import { expect, test } from 'vitest'
import { findingsOnPostgres } from './postgres-findings.ts'

const MB = 1_024 * 1_024
const ON = { fsync: 'on', full_page_writes: 'on', synchronous_commit: 'on' }
const SERVER = {
  version: '18.4',
  isStandby: false,
  durability: ON,
  autovacuums: true,
  transactionIds: { age: 1_200, vacuumedAt: 200_000_000 },
}

const WELL: Examination = {
  place: 'postgres://127.0.0.1:5432/desk, schema "reprise"',
  at: 1_764_000_000_000,
  server: SERVER,
  schema: { found: 1, least: 1, known: 1 },
  fault: null,
  keys: { encrypted: true, fault: null },
  owners: [{ owner: 'a1b2c3d4-e5f6.1/12/99/0/x', runs: 1_200, beats: true }],
  queue: [],
  ended: { runs: 0, firstEndedAt: null },
  tables: [
    { name: 'entries', bytes: 3 * MB, rows: 4_000, deadRows: 20, vacuumedAgoMs: 7_000 },
    { name: 'runs', bytes: MB, rows: 100, deadRows: 1, vacuumedAgoMs: null },
  ],
  seesOthers: true,
  heldBy: null,
  hears: true,
  blobs: { areOutside: true, looked: 10, missing: [], fault: null },
}

/** What is found of a store that is well but for something, and is not well, or is to be known. */
function found(but: Partial<Examination>): string[] {
  return findingsOnPostgres({ ...WELL, ...but })
    .filter(({ remedy }) => remedy !== null)
    .map(({ check, ok, found: what, remedy }) => `${check}${ok ? ' (to know)' : ''}: ${what} | ${remedy}`)
}

const HOLDER: FoundHolder = {
  kind: 'transaction',
  pid: 4711,
  name: 'a report',
  state: 'idle in transaction',
  openMs: 700_000,
  transactions: 12_000,
}

test('a store on Postgres that is well has nothing but facts', () => {
  expect(findingsOnPostgres(WELL).map(({ check, ok, found: what }) => `${check} ${ok}: ${what}`)).toEqual([
    'store true: postgres://127.0.0.1:5432/desk, schema "reprise"',
    'server true: Postgres 18.4',
    'durability true: a commit is on the disk (synchronous_commit on)',
    'schema true: 1, as of this program; programs that know 1 or later use it',
    'key true: encrypted, and the key and its keys fit',
    'owners true: beating: process 12 of machine a1b2c3d4 with 1,200 runs',
    'runs true: none',
    'queue true: no run waits to be taken',
    'growth true: 0 runs have ended and are kept',
    'tables true: 4.0 MB with their indexes: entries 3.0 MB, runs 1.0 MB, and the rest',
    'vacuum true: 21 dead rows, nobody keeps it from cleaning; the oldest row is 1,200 transactions old at most',
    'hints true: what is told at this address is heard at once',
    'blobs true: outside of the database; 10 blobs looked for, and found',
  ])
})

test('a transaction that is open for a moment is nobody to act on, and is named', () => {
  const [vacuum] = findingsOnPostgres({ ...WELL, heldBy: { ...HOLDER, openMs: 2_000 } }).filter(
    ({ check }) => check === 'vacuum',
  )
  expect(vacuum).toMatchObject({
    ok: true,
    found:
      '21 dead rows, a transaction (process 4711, "a report", idle in transaction, open for 2.0 s) keeps it from cleaning; the oldest row is 1,200 transactions old at most',
  })
})

test.each<[string, Partial<Examination>, string]>([
  [
    'a standby',
    { server: { ...SERVER, isStandby: true } },
    'server: Postgres 18.4, a standby: it cannot be written | Give the address of the primary.',
  ],
  [
    'a server that does not flush',
    { server: { ...SERVER, durability: { ...ON, fsync: 'off' } } },
    'durability: fsync is off: a crash of its machine may leave nothing of the database that can be read | Set fsync = on in postgresql.conf, and reload it.',
  ],
  [
    'a server that acknowledges what is not flushed',
    { server: { ...SERVER, durability: { ...ON, synchronous_commit: 'off' } } },
    'durability: synchronous_commit is off: a crash loses the commits of the last moment, and with them the intents of calls that may happen once | Set it to on, for the user of the store at least: alter role NAME set synchronous_commit = on',
  ],
  [
    'tables of a newer program',
    {
      schema: { found: 9, least: 1, known: 1 },
      fault: { code: 'store_newer', message: 'The store has tables of version 9. Update it.' },
    },
    'store: The store has tables of version 9 | Update it.',
  ],
  [
    'a key that does not fit',
    { keys: { encrypted: true, fault: { code: 'store_encrypted', message: 'The store is encrypted. Give the key.' } } },
    'key: The store is encrypted | Give the key.',
  ],
  [
    'a run in doubt',
    {
      queue: [
        {
          kind: 'agent',
          name: 'support',
          status: 'waiting',
          waiting: 'in-doubt',
          runs: 2,
          owned: 0,
          ready: 0,
          readySince: null,
        },
      ],
    },
    'runs: 2 runs waiting (in-doubt) | Find out whether the call happened: reprise runs --status waiting. Then: reprise settle-doubt RUN ID --happened JSON or --did-not-happen',
  ],
  [
    'a table that is not vacuumed',
    { tables: [{ name: 'entries', bytes: MB, rows: 5, deadRows: 200_000, vacuumedAgoMs: 7_200_000 }] },
    'vacuum: entries has 200,000 dead rows beside 5, and was last vacuumed 2 h 0 min ago | Vacuum it: vacuum (analyze) SCHEMA.entries. Where it comes again, let autovacuum do more: raise autovacuum_vacuum_cost_limit, or autovacuum_max_workers.',
  ],
  [
    'a transaction that is open for long',
    { heldBy: HOLDER },
    'vacuum: nothing is cleaned that was deleted in the last 12,000 transactions: a transaction (process 4711, "a report", idle in transaction, open for 11 min 40 s) keeps the server from it | End that transaction, unless it is a backup that will come to its end: select pg_terminate_backend(4711)',
  ],
  [
    'a transaction that was prepared and left',
    { heldBy: { ...HOLDER, kind: 'prepared transaction', pid: null, name: 'x1', state: null } },
    "vacuum: nothing is cleaned that was deleted in the last 12,000 transactions: a prepared transaction (\"x1\", open for 11 min 40 s) keeps the server from it | End it: commit prepared 'x1', or rollback prepared 'x1'",
  ],
  [
    'a slot that nobody reads',
    { heldBy: { kind: 'replication slot', pid: null, name: 's', state: null, openMs: null, transactions: 2_000_000 } },
    'vacuum: nothing is cleaned that was deleted in the last 2,000,000 transactions: a replication slot ("s") keeps the server from it | Let its standby catch up, or drop it: select pg_drop_replication_slot(\'s\')',
  ],
  [
    'old rows',
    { server: { ...SERVER, transactionIds: { age: 400_000_000, vacuumedAt: 200_000_000 } } },
    'vacuum: the oldest row may be 400,000,000 transactions old: at 2,146 million the database takes no more writes | End what keeps it from being cleaned, and vacuum the whole database: vacuumdb --all --freeze',
  ],
  [
    'a pooler that passes no hints on',
    { hears: false },
    'hints (to know): what is told at this address is not heard there, as behind a pooler in transaction mode: work and mail are found by looking | Give the program the address of the server itself: postgres(url, { listenUrl }).',
  ],
  [
    'a store that listens nowhere',
    { hears: null },
    'hints (to know): no address to listen at is given: what others leave is found by looking | Give the program the address of the server: postgres(pool, { listenUrl }).',
  ],
  [
    'a place of blobs that was not given',
    {
      blobs: {
        areOutside: true,
        looked: 0,
        missing: [],
        fault: { code: 'store_no_blobs', message: 'The store has blobs outside. Give it the place.' },
      },
    },
    'blobs: The store has blobs outside | Give it the place.',
  ],
  [
    'blobs that are missing',
    { blobs: { areOutside: true, looked: 10, missing: ['b1', 'b2'], fault: null } },
    'blobs: outside of the database; 10 blobs looked for, and 2 not there: b1, b2 | See whether it is the place that the program has (REPRISE_BLOBS). Bring back what was lost from a backup of it: runs that need one of them cannot be read.',
  ],
])('%s has its remedy', (_, but, expected) => {
  expect(found(but)).toEqual([expected])
})
