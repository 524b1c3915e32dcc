// w9: a file of 100,000 runs is opened, and pages of them are read. The floor reads the same rows from the same file.
import { join } from 'node:path'
import { digest, NO_TOTALS, type RunFilter, type RunWrite } from '@reprise/core'
import { sqlite } from '@reprise/store'
import Sqlite from 'better-sqlite3'
import { inTemporaryFolder } from '../in-temporary-folder.ts'
import { byTurns, ratioRow, type Row, type Side, timed } from '../measure.ts'
import type { Scale } from './workload.ts'

const RUNS = 100_000
const BATCH = 2_000
const PAGE = 100

/** What the ratios may be. */
const MAX_OPENING = 8
const MAX_PAGE = 3

/** How often a page is read in one turn: the clock of a processor counts in ticks. */
const TIMES = 20

/** Reads a page, and gives the ids. */
type Read = () => Promise<readonly string[]>

/** What is read: by Reprise's filter, and by the condition that a program by hand would write. */
const PAGES: readonly (readonly [what: string, filter: RunFilter, from: string])[] = [
  ['the first page', {}, 'runs where true'],
  ['a page of a status that one in 1,000 has', { status: 'failed' }, "runs where status = 'failed'"],
  ['the runs of a tag that 20 bear', { tag: 'customer:17' }, tagged('customer:17')],
  ['a page of a tag that all bear', { tag: 'all' }, tagged('all')],
]

/** Measures opening and listing. */
export function listing({ quick }: Scale): Promise<Row[]> {
  return inTemporaryFolder(async (dir) => {
    const path = join(dir, 'runs.db')
    await write(path)
    const scale = { reps: quick ? 5 : 40, warmMs: quick ? 200 : 1_000 }
    const opening: Record<Side, Read> = {
      reprise: async () => {
        await using store = sqlite(path)
        return (await store.runs({})).map(({ id }) => id)
      },
      floor: async () => {
        const db = open(path)
        const ids = read(db, 'runs where true')
        db.close()
        return ids
      },
    }
    const rows = [await compared('opening it, a page, closing it', 1, opening, scale, MAX_OPENING)]
    await using store = sqlite(path)
    for (const [what, filter, from] of PAGES) {
      const sides: Record<Side, Read> = {
        reprise: async () => (await store.runs(filter)).map(({ id }) => id),
        floor: async () => read(db, from),
      }
      const db = open(path)
      rows.push(await compared(what, TIMES, sides, scale, MAX_PAGE))
      db.close()
    }
    return rows
  })
}

/** Compares what both sides take, and first what they give. */
async function compared(
  what: string,
  times: number,
  sides: Record<Side, Read>,
  scale: Parameters<typeof byTurns>[1],
  atMost: number,
): Promise<Row> {
  const [mine, its] = [await sides.reprise(), await sides.floor()]
  if (mine.length === 0 || mine.join() !== its.join())
    throw new Error(`Void: ${what} gave ${mine.length} runs, and ${its.length} by hand`)
  const turn = async (side: Side): Promise<void> => {
    for (let time = 0; time < times; time++) await sides[side]()
  }
  return ratioRow(what, 'µs', await byTurns((side) => timed(times, () => turn(side)), scale), atMost)
}

/** Writes all runs, each with its first entry. */
async function write(path: string): Promise<void> {
  await using store = sqlite(path, { durability: 'process' })
  for (let first = 0; first < RUNS; first += BATCH) {
    const results = await store.commit(Array.from({ length: BATCH }, (_, at) => beginning(first + at)))
    if (results.some(({ kind }) => kind !== 'written')) throw new Error('Void: a run was not written')
  }
}

function beginning(nth: number): RunWrite {
  const id = `order-${nth}`
  const text = JSON.stringify({ input: `Where is the order ${nth}? `.repeat(20) })
  const at = 1_764_000_000_000 + nth
  return {
    runId: id,
    epoch: 1,
    create: {
      id,
      kind: 'agent',
      name: 'bench',
      version: 1,
      parentId: null,
      parentKey: null,
      lineageId: id,
      forkOf: null,
      forkSeq: null,
      status: nth % 1_000 === 7 ? 'failed' : 'completed',
      waiting: null,
      wakeAt: null,
      priority: 0,
      tags: [`customer:${nth % (RUNS / 20)}`, 'all'],
      owner: null,
      epoch: 1,
      attempts: 1,
      createdAt: at,
      endedAt: at,
      erasedAt: null,
      totals: NO_TOTALS,
    },
    entries: [{ seq: 0, key: 'run', kind: 'run.started', attempt: 1, at, text, digest: digest(text) }],
  }
}

function tagged(tag: string): string {
  return `runs where run in (select run from run_tags where tag = '${tag}' order by run limit ${PAGE})`
}

function open(path: string): Sqlite.Database {
  const db = new Sqlite(path)
  db.pragma('synchronous = full')
  return db
}

/** What a program by hand does: no more than the rows, and the JSON in them. */
function read(db: Sqlite.Database, from: string): string[] {
  return db
    .prepare<[], { id: string; tags: string; totals: string }>(`select * from ${from} order by run limit ${PAGE}`)
    .all()
    .map(({ id, tags, totals }) => {
      JSON.parse(tags)
      JSON.parse(totals)
      return id
    })
}
