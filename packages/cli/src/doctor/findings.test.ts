import type { Examination } from '@reprise/store'
import { describe, expect, test } from 'vitest'
import { findingsOf } from './findings.ts'

const WELL: Examination = {
  path: '/data/runs.db',
  at: 1_764_000_000_000,
  bytes: 3 * 1_024 * 1_024,
  logBytes: 0,
  network: null,
  openedBy: [{ pid: 12, name: 'node' }, { pid: 13 }],
  fault: null,
  journalMode: 'wal',
  schema: { found: 5, known: 5 },
  keys: { encrypted: false, fault: null },
  log: { held: false, readers: [] },
  owners: [{ owner: 'a1b2c3d4-e5f6.1/12/99/0/x', runs: 1_200, beats: true }],
  runs: [],
  queue: [],
  ended: { runs: 0, firstEndedAt: null },
  moved: null,
}

/** What is found of a store that is well but for something. */
function found(but: Partial<Examination>): string[] {
  return findingsOf({ ...WELL, ...but })
    .filter(({ ok }) => !ok)
    .map(({ check, found: what, remedy }) => `${check}: ${what} | ${remedy}`)
}

test('a store that is well has nothing but facts', () => {
  expect(findingsOf(WELL).map(({ check, ok, found: what }) => `${check} ${ok}: ${what}`)).toEqual([
    'file true: /data/runs.db, 3.0 MB, and 0 bytes of log',
    'disk true: no network file system that is known',
    'journal true: a write-ahead log (wal)',
    'schema true: 5, as of this program',
    'key true: not encrypted',
    'log true: nobody keeps it from being brought into the file',
    'processes true: open in 12 (node), 13',
    'owners true: beating: process 12 of machine a1b2c3d4 with 1,200 runs',
    'runs true: none',
    'queue true: no run waits to be taken',
    'growth true: 0 runs have ended and are kept',
  ])
})

test.each<[string, Partial<Examination>, string]>([
  [
    'a store that is moved',
    { moved: { to: 'postgres://desk@db/desk', done: true } },
    'move: it is moved to postgres://desk@db/desk, and takes nothing any more | Give that store in your config.',
  ],
  [
    'a store whose move was cut short',
    { moved: { to: 'postgres://desk@db/desk', done: false } },
    'move: it is being moved to postgres://desk@db/desk, where not all is yet, and takes nothing any more | Begin the move again, and it goes on: reprise move. Or give it up: reprise move --give-up',
  ],
  [
    'a network file system',
    { network: 'NFS' },
    'disk: a file system of the sort NFS, on which locks may not hold between machines: runs may be lost | Put the file on a local disk, or see to it that one machine alone uses it.',
  ],
  [
    'a log that somebody holds',
    { log: { held: true, readers: [{ pid: 77, name: 'sqlite3' }] } },
    'log: it cannot be brought into the file, and grows with each write: somebody has been reading in one long transaction, which is the process 77 (sqlite3) | End that transaction, or its process, unless it is a backup that will come to its end: the log is cut back then.',
  ],
  [
    'a log that somebody holds, on a system that does not tell',
    { log: { held: true, readers: null } },
    'log: it cannot be brought into the file, and grows with each write: somebody has been reading in one long transaction, and this system does not tell who | End that transaction, or its process, unless it is a backup that will come to its end: the log is cut back then.',
  ],
  [
    'an owner that does not beat',
    { owners: [{ owner: 'a1b2c3d4-e5f6.1/12/99/0/x', runs: 1, beats: false }] },
    'owners: process 12 of machine a1b2c3d4 with 1 run, has not beaten while it was looked at: its process has ended or stands still | Workers take its runs, on the same machine at once where it has ended, else after fifteen seconds. Start one, or: reprise resume RUN',
  ],
  [
    'a store that cannot be opened',
    { fault: { code: 'store_newer', message: 'The store at /data/runs.db has schema 9. Upgrade it.' } },
    'store: The store at /data/runs.db has schema 9 | Upgrade it.',
  ],
  [
    'another mode of the journal',
    { journalMode: 'delete' },
    'journal: the journal mode is "delete", and a store\'s is "wal" | Find out which program has set it; the next use of the store sets it back.',
  ],
  [
    'runs that cannot go on',
    { runs: [{ status: 'waiting', waiting: 'interrupted', count: 3 }] },
    'runs: 3 runs waiting (interrupted) | See what keeps them from going on: reprise runs --status waiting. Mend that; workers try again by themselves.',
  ],
])('%s is wrong, and has its remedy', (_, but, expected) => {
  expect(found(but)).toEqual([expected])
})

describe('a queue', () => {
  const row = { kind: 'agent', name: 'support', status: 'queued', waiting: null, runs: 9, owned: 2 } as const
  const since = (agoMs: number): Partial<Examination> => ({
    queue: [
      { ...row, ready: 7, readySince: WELL.at - agoMs },
      { ...row, status: 'running', ready: 1, readySince: WELL.at - 1 },
      { ...row, name: 'sales', ready: 1_000, readySince: WELL.at - 1_000 },
      { ...row, name: 'quiet', ready: 0, readySince: null },
    ],
  })

  test('of runs that are taken soon is well', () => {
    expect(found(since(299_999))).toEqual([])
    expect(findingsOf({ ...WELL, ...since(299_999) }).find(({ check }) => check === 'queue')?.found).toBe(
      '1,008 runs could be taken, the first of them for 4 min 59 s',
    )
  })

  test('of runs that nobody takes says of which definitions they are', () => {
    expect(found(since(7_200_000))).toEqual([
      'queue: 1,008 runs could be taken, the first of them for 2 h 0 min | Start workers, or more of them, that have what these are runs of: agent support (8), agent sales (1,000). One is: reprise work',
    ])
  })
})

describe('what has ended', () => {
  const ended = (runs: number, days: number): Examination => ({
    ...WELL,
    ended: { runs, firstEndedAt: WELL.at - days * 86_400_000 },
  })
  const told = (...given: Parameters<typeof findingsOf>) => {
    const { ok, found: what, remedy } = findingsOf(...given).find(({ check }) => check === 'growth') ?? {}
    return [ok, what, remedy]
  }
  const gc = 'or delete them from time to time: reprise gc --older-than 30d'
  const set = "Set createRuntime({ retention: { completed: '30d', failed: '90d' } })"

  test('is no word worth while it is little, new, or deleted by retention', () => {
    expect(told(ended(9_999, 300), {})).toEqual([
      true,
      '9,999 runs have ended and are kept, the first of them 300 d 0 h ago',
      null,
    ])
    expect(told(ended(20_000, 29), {})[2]).toBeNull()
    expect(told(ended(20_000, 60), { completed: '30d', failed: '90d' })).toEqual([
      true,
      '20,000 runs have ended and are kept, the first of them 60 d 0 h ago; retention: completed 30d, failed 90d',
      null,
    ])
  })

  test('is to be known where it only grows', () => {
    expect(told(ended(20_000, 60), {})).toEqual([
      true,
      '20,000 runs have ended and are kept, the first of them 60 d 0 h ago; no retention is set',
      `${set} ${gc}`,
    ])
    expect(told(ended(20_000, 60))).toEqual([
      true,
      '20,000 runs have ended and are kept, the first of them 60 d 0 h ago',
      `${set}, where it is not set, ${gc}`,
    ])
  })
})
