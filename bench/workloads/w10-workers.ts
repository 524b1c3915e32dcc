// w10: queued runs on one file, power-safe, with a model that answers at once: taken by one worker or by several.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { inTemporaryFolder } from '../in-temporary-folder.ts'
import { type Pairs, ratioRow, type Row, type Side } from '../measure.ts'
import { queue as floorsQueue } from '../queue/floor.ts'
import type { Queue } from '../queue/queue.ts'
import { queue as reprisesQueue } from '../queue/reprise.ts'
import { untilEmpty, type Worked } from '../queue/worker.ts'
import type { Scale } from './workload.ts'

const program = join(import.meta.dirname, '..', 'queue', 'worker.js')
const queues: Readonly<Record<Side, Queue>> = { reprise: reprisesQueue, floor: floorsQueue }

/** Workers and what they are given. */
interface Shape {
  readonly workers: number
  readonly concurrency: number
  readonly runs: number
}

const ONE: Shape = { workers: 1, concurrency: 100, runs: 1_000 }
const FOUR: Shape = { workers: 4, concurrency: 100, runs: 1_000 }
const SINGLE: Shape = { workers: 1, concurrency: 1, runs: 300 }

/** What a run took, in microseconds: by the clock, and of all processors. */
interface Took {
  readonly wall: number
  readonly cpu: number
}

type Pair = Readonly<Record<Side, Took>>

/** Has both sides work queues by turns. */
export async function workers({ quick }: Scale): Promise<Row[]> {
  const measured: Record<'one' | 'four' | 'single', Pair[]> = { one: [], four: [], single: [] }
  for (let rep = 0; rep < (quick ? 2 : 7); rep++) {
    measured.one.push(await pair(ONE))
    measured.four.push(await pair(FOUR))
    measured.single.push(await pair(SINGLE))
  }
  const { one, four, single } = measured
  return [
    ratioRow('a run, one worker, 100 at once', 'µs', pairs(one, 'wall')),
    ratioRow('the same, of a processor', 'µs', pairs(one, 'cpu')),
    ratioRow('a run, four workers, 100 at once each', 'µs', pairs(four, 'wall')),
    ratioRow('a run, one worker, one at a time, of a processor', 'µs', pairs(single, 'cpu')),
    fourBesideOne(one, four),
  ]
}

function pairs(measured: readonly Pair[], figure: keyof Took): Pairs {
  return {
    reprise: measured.map(({ reprise }) => reprise[figure]),
    floor: measured.map(({ floor }) => floor[figure]),
    ratio: measured.map(({ reprise, floor }) => reprise[figure] / floor[figure]),
  }
}

/** How many times the runs of one worker four get done in the same time. */
function fourBesideOne(one: readonly Pair[], four: readonly Pair[]): Row {
  const gain = (side: Side) => four.map((took, rep) => (one[rep]?.[side].wall ?? Number.NaN) / took[side].wall)
  const [reprise, floor] = [gain('reprise'), gain('floor')]
  return ratioRow('runs a second of four workers beside one', 'times', {
    reprise,
    floor,
    ratio: reprise.map((mine, rep) => mine / (floor[rep] ?? Number.NaN)),
  })
}

async function pair(shape: Shape): Promise<Pair> {
  return { reprise: await measure('reprise', shape), floor: await measure('floor', shape) }
}

function measure(side: Side, { workers: count, concurrency, runs }: Shape): Promise<Took> {
  return inTemporaryFolder(async (folder) => {
    // Whose name the floor's messages have.
    const file = join(folder, 'floor.db')
    const queue = queues[side]
    await queue.seed(file, runs)
    const processes = Array.from({ length: count }, () => fork(program, [side, file, String(concurrency)]))
    await Promise.all(processes.map((child) => said(child)))
    const start = performance.now()
    for (const child of processes) child.send('begin')
    await untilEmpty(file, queue.left)
    const wall = (performance.now() - start) * 1e3
    const worked = await Promise.all(processes.map((child) => ended(child)))
    return { wall: wall / runs, cpu: worked.reduce((sum, { cpu }) => sum + cpu, 0) / runs }
  })
}

async function ended(child: ChildProcess): Promise<Worked> {
  const answer = said(child)
  child.send('stop')
  const [worked] = await Promise.all([answer, once(child, 'exit')])
  return worked as Worked
}

/** The next that a worker says. */
async function said(child: ChildProcess): Promise<unknown> {
  const failed = once(child, 'exit').then(([code]) => Promise.reject(new Error(`Void: a worker ended with ${code}`)))
  failed.catch(() => undefined)
  const [message] = (await Promise.race([once(child, 'message'), failed])) as [unknown]
  return message
}
