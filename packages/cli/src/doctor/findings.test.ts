import type { Examination } from '@reprise/store'
import { expect, test } from 'vitest'
import { findingsOf } from './findings.ts'

const WELL: Examination = {
  path: '/data/runs.db',
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
  ])
})

test.each<[string, Partial<Examination>, string]>([
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
