// A queue of tests: workers on clocks that stand, and what is worked at a time.
import { crashing, type CrashPoint, type ManualClock, manualClock, memoryStore } from '@reprise/testing'
import type { AnyDefinition, Runtime, Store } from '../src/index.ts'
import { runtimeOf } from './flow.fixture.ts'

/** Lets workers look around until something is so. */
export async function untilSo(clock: ManualClock, isSo: () => Promise<boolean> | boolean): Promise<void> {
  for (let turn = 0; turn < 200; turn++) {
    if (await isSo()) return
    await clock.advance(250)
  }
  throw new Error('It did not come to be so')
}

/** Whether a run stands so. */
export const stands = (runtime: Runtime, runId: string, status: string) => async (): Promise<boolean> =>
  (await runtime.runs.get(runId)).status === status

/** Counts what is worked at a time, and in which order it began. */
export function watched() {
  const seen = { now: 0, most: 0, begun: [] as string[] }
  const work = async (name: string, until: Promise<unknown>): Promise<void> => {
    seen.begun.push(name)
    seen.most = Math.max(seen.most, ++seen.now)
    try {
      await until
    } finally {
      seen.now--
    }
  }
  return { seen, work }
}

/** How many writes are crash points: each look of a worker for runs is one, and there is nothing more to come by then. */
export const POINTS = 24

/**
 * Lives one life for each crash point: `enqueue` without any, then a worker that dies there, then one that does not.
 *
 * @returns how many points there were.
 */
export async function eachCrash(
  definitions: readonly AnyDefinition[],
  of: CrashPoint['of'] & {},
  enqueue: (runtime: Runtime, clock: ManualClock) => Promise<unknown>,
  check: (runtime: Runtime, clock: ManualClock, point: CrashPoint) => Promise<void>,
): Promise<number> {
  for (let at = 1; at <= POINTS; at++) {
    for (const side of ['before', 'after'] as const) {
      const [store, clock, point] = [memoryStore(), manualClock({ now: 1_000 }), { of, at, side }]
      await using begun = runtimeOf(definitions, store, clock)
      await enqueue(begun, clock)
      const mortal = crashing(store, point)
      await workFor(definitions, mortal, clock)
      await using after = runtimeOf(definitions, store, clock)
      after.work()
      await check(after, clock, point)
      if ((of === 'commit' ? mortal.commits : mortal.writes) < at) return at - 1
    }
  }
  return POINTS
}

async function workFor(definitions: readonly AnyDefinition[], store: Store, clock: ManualClock): Promise<void> {
  const runtime = runtimeOf(definitions, store, clock)
  runtime.work()
  for (let turn = 0; turn < 80; turn++) await clock.advance(250)
  const closing = runtime.close()
  for (let turn = 0; turn < 40; turn++) await clock.advance(500)
  await closing
}
