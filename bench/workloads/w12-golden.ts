// w12: runs are exported to the text of a golden file, and imported from it. The floor reads and writes the same rows and
// entries through the same store.
import { join } from 'node:path'
import {
  createRuntime,
  type Model,
  type NewRun,
  type RunRow,
  type Runtime,
  type RunWrite,
  type Store,
} from '@reprise/core'
import { sqlite } from '@reprise/store'
import { create } from '../contenders/reprise.ts'
import { inTemporaryFolder } from '../in-temporary-folder.ts'
import { byTurns, ratioRow, type Row, type Side, timed } from '../measure.ts'
import { World } from '../world.ts'
import type { Scale } from './workload.ts'

/** Tool calls of each run, with results of so many bytes. */
const CALLS = 5
const BYTES = 500

/** Runs of a commit, as an import makes them. */
const BATCH = 256
const PAGE = 100

/** Characters that a stream gives at once. */
const PIECE = 65_536

const MAX_RATIO = 2

/** Measures an export and an import of 10,000 runs; of 1,000 where it is quick. */
export function golden({ quick }: Scale): Promise<Row[]> {
  const runs = quick ? 1_000 : 10_000
  return inTemporaryFolder(async (dir) => {
    const scale = { reps: quick ? 5 : 8, warmMs: quick ? 2_000 : 3_000 }
    const writes = await writesOf(dir, runs)
    const path = join(dir, 'from.db')
    await write(path, writes)
    await using store = sqlite(path)
    await using runtime = runtimeOn(store)
    const exporting = await byTurns(
      (side) => timed(runs, () => (side === 'reprise' ? lengthOf(runtime) : read(store))),
      scale,
    )
    const pieces = await piecesOf(runtime)
    let files = 0
    const importing = await byTurns(async (side: Side) => {
      const fresh = join(dir, `${side}${files++}.db`)
      return timed(runs, () => (side === 'reprise' ? importInto(fresh, pieces, runs) : write(fresh, writes)))
    }, scale)
    return [
      ratioRow(`exporting a run of ${runs}, ${CALLS} calls each`, 'µs', exporting, MAX_RATIO),
      ratioRow(`importing a run of ${runs}, ${CALLS} calls each`, 'µs', importing, MAX_RATIO),
    ]
  })
}

/** What writes so many runs like one that was recorded. */
async function writesOf(dir: string, runs: number): Promise<readonly RunWrite[]> {
  const world = new World({ n: CALLS, bytes: BYTES })
  const contender = await create({ world, dir, durable: true, variant: 'normal' })
  world.verify([await contender.run('r1')])
  await contender.close()
  await using store = sqlite(join(dir, 'reprise.db'))
  const [row, entries] = [(await store.run('r1')) as RunRow, await store.entries('r1')]
  return Array.from({ length: runs }, (_, at) => {
    const id = `order-${at}`
    const create: NewRun = { ...row, id, lineageId: id, root: id, owner: null, epoch: 0 }
    return { runId: id, epoch: 0, create, entries, release: true }
  })
}

async function write(path: string, writes: readonly RunWrite[]): Promise<void> {
  await using store = sqlite(path, { durability: 'process' })
  for (let first = 0; first < writes.length; first += BATCH) {
    const results = await store.commit(writes.slice(first, first + BATCH))
    if (results.some(({ kind }) => kind !== 'written')) throw new Error('Void: a run was not written')
  }
}

async function read(store: Store): Promise<number> {
  let entries = 0
  let page = await store.runs({ limit: PAGE })
  for (let last = page.at(-1); last; last = page.at(-1)) {
    for (const { id } of page) entries += (await store.entries(id)).length
    page = await store.runs({ limit: PAGE, after: last.id })
  }
  return entries
}

async function lengthOf(runtime: Runtime): Promise<number> {
  let length = 0
  for await (const line of runtime.export({})) length += line.length
  return length
}

/** The text of a file as a stream gives it. */
async function piecesOf(runtime: Runtime): Promise<readonly string[]> {
  const pieces: string[] = []
  let piece = ''
  for await (const line of runtime.export({})) {
    piece += line
    for (; piece.length >= PIECE; piece = piece.slice(PIECE)) pieces.push(piece.slice(0, PIECE))
  }
  return [...pieces, piece]
}

async function importInto(path: string, pieces: readonly string[], runs: number): Promise<void> {
  await using store = sqlite(path, { durability: 'process' })
  await using runtime = runtimeOn(store)
  const imported = await runtime.import(pieces)
  if (imported.runs.length !== runs) throw new Error(`Void: ${imported.runs.length} runs were imported`)
}

function runtimeOn(store: Store): Runtime {
  return createRuntime({ store, models: NOBODY, definitions: [] })
}

const NOBODY: Model = {
  ask() {
    throw new Error('Void: a model was asked')
  },
}
