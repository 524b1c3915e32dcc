// How things are measured: the contenders by turns in one process, each pair giving one ratio, medians and spread of
// all. A machine that is busy with other things slows both sides of a pair.
import { readFileSync } from 'node:fs'
import type { Contender, Create } from './contenders/contender.ts'
import { create as createFloor } from './contenders/floor.ts'
import { create as createReprise } from './contenders/reprise.ts'

/** The two sides. */
export const sides = { reprise: createReprise, floor: createFloor } satisfies Record<string, Create>

/** One of the two. */
export type Side = keyof typeof sides

/** The middle of several measurements, and how far they lie apart. */
export interface Spread {
  readonly median: number
  readonly min: number
  readonly max: number
}

/** One line of the result. */
export interface Row {
  readonly what: string
  readonly unit: Unit
  readonly reprise: Spread
  readonly floor?: Spread
  /** What the target speaks of: the ratio to the floor, or a figure of Reprise's own. */
  readonly value: Spread
  /** The same by the main thread's time on a processor, which other programs of the machine hardly touch. */
  readonly byCpu?: number
  readonly valueUnit: Unit
  readonly atMost?: number
}

/** What a figure counts. */
export type Unit = '/s' | 'ms' | 'µs' | 'bytes' | 'KB' | 'MiB' | 'MB' | 'x' | 'packages' | 'times'

/** The middle and the ends. */
export function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (index: number): number => sorted[index] ?? Number.NaN
  return { median: at((sorted.length - 1) >> 1), min: at(0), max: at(sorted.length - 1) }
}

/** A figure that is what it is each time. */
export function exactly(value: number): Spread {
  return { median: value, min: value, max: value }
}

/** The nearest-rank percentile of some measurements. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN
}

/** Measurements of both sides, and of each pair its ratio. */
export interface Pairs {
  readonly reprise: readonly number[]
  readonly floor: readonly number[]
  readonly ratio: readonly number[]
  /** What each side took on average of a processor. */
  readonly cpu?: { readonly reprise: number; readonly floor: number }
}

/** How long something took: by the clock, and of a processor for the main thread. */
export interface Taken {
  readonly wall: number
  readonly cpu: number
}

/**
 * Measures both sides by turns: A B A B. What is over fast is measured several times within its turn, and its median
 * counts, so that one interruption does not decide the pair.
 *
 * @param reps pairs that count.
 * @param warmMs how long both sides run before that, in milliseconds.
 */
export async function byTurns(
  measure: (side: Side) => Promise<Taken>,
  { reps, warmMs }: { readonly reps: number; readonly warmMs: number },
): Promise<Pairs> {
  const start = performance.now()
  let times = 1
  do {
    const mine = await measure('reprise')
    const its = await measure('floor')
    times = Math.max(1, Math.min(25, Math.ceil(mine.wall / its.wall)))
  } while (performance.now() - start < warmMs)
  const reprise: Taken[] = []
  const floor: Taken[][] = []
  for (let rep = 0; rep < reps; rep++) {
    reprise.push(await measure('reprise'))
    const its: Taken[] = []
    for (let time = 0; time < times; time++) its.push(await measure('floor'))
    floor.push(its)
  }
  const walls = {
    reprise: reprise.map(({ wall }) => wall),
    floor: floor.map((its) => spread(its.map(({ wall }) => wall)).median),
  }
  return {
    ...walls,
    ratio: walls.reprise.map((mine, rep) => mine / (walls.floor[rep] ?? Number.NaN)),
    // The kernel counts in ticks of several milliseconds: only the mean says anything.
    cpu: { reprise: mean(reprise.map(({ cpu }) => cpu)), floor: mean(floor.flat().map(({ cpu }) => cpu)) },
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** A line that holds Reprise against the floor by the ratios of pairs. */
export function ratioRow(what: string, unit: Unit, { reprise, floor, ratio, cpu }: Pairs, atMost?: number): Row {
  return {
    what,
    unit,
    reprise: spread(reprise),
    floor: spread(floor),
    value: spread(ratio),
    valueUnit: 'x',
    // What takes less than a tick all together has none.
    ...(cpu && cpu.floor > 0 && { byCpu: cpu.reprise / cpu.floor }),
    ...(atMost !== undefined && { atMost }),
  }
}

/** A line that holds a figure of Reprise's own to its limit. */
export function ownRow(what: string, unit: Unit, value: Spread, atMost?: number): Row {
  return { what, unit, reprise: value, value, valueUnit: unit, ...(atMost !== undefined && { atMost }) }
}

/** Of this thread, where Node can tell: of the whole process else. */
function cpuUsage(before?: NodeJS.CpuUsage): NodeJS.CpuUsage {
  return process.threadCpuUsage ? process.threadCpuUsage(before) : process.cpuUsage(before)
}

/** How long something takes, in microseconds for each of `units`. */
export async function timed(units: number, work: () => Promise<unknown>): Promise<Taken> {
  const before = cpuUsage()
  const start = performance.now()
  await work()
  const wall = (performance.now() - start) * 1e3
  const { user, system } = cpuUsage(before)
  return { wall: wall / units, cpu: (user + system) / units }
}

/** Bytes that this process has handed to write() so far. */
export function bytesWritten(): number {
  return Number(/wchar: (\d+)/.exec(readFileSync('/proc/self/io', 'utf8'))?.[1])
}

/** Lets a contender work and closes it, whatever comes of it. */
export async function using<T>(contender: Contender, work: (contender: Contender) => Promise<T>): Promise<T> {
  try {
    return await work(contender)
  } finally {
    await contender.close()
  }
}
