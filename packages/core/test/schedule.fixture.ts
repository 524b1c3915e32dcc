// A schedule of each minute, and runtimes that fire it.
import { type ManualClock, manualClock, memoryStore } from '@reprise/testing'
import type { RunRow, Runtime, ScheduleOptions } from '../src/index.ts'
import { runtimeOf, workflow } from './flow.fixture.ts'

export const MINUTE = 60_000
export const START = Date.UTC(2026, 10, 30, 12)

export const flow = workflow(async (_ctx, input) => input)
type Flow = typeof flow

/** A schedule of each minute. */
export const minutely = (rest: object = {}) =>
  ({ cron: '* * * * *', definition: flow, input: 'go', ...rest }) as ScheduleOptions<Flow>

/** The runs of a schedule: the moments that they stand for, as minutes from the start. */
export async function fired(runtime: Runtime, name = 's'): Promise<number[]> {
  const rows = await runtime.runs.list({ tag: `schedule:${name}` })
  return rows.map(minuteOf)
}

function minuteOf({ id }: Pick<RunRow, 'id'>): number {
  return (Date.parse(id.slice(id.indexOf('@') + 1)) - START) / MINUTE
}

/** Lets the time go on, a second at a time, with some turns of the event loop for each. */
export async function pass(clock: ManualClock, ms: number): Promise<void> {
  for (const end = clock.now() + ms; clock.now() < end;) await clock.advance(Math.min(1_000, end - clock.now()))
  for (let turn = 0; turn < 20; turn++) await clock.advance(0)
}

/** A schedule of each minute whose runs end when they are let. */
export function world(overlap: string, rest: object = {}) {
  const clock = manualClock({ now: START })
  const gates: PromiseWithResolvers<void>[] = []
  const long = workflow((ctx) =>
    ctx.step('work', ({ signal }) => {
      const gate = Promise.withResolvers<void>()
      gates.push(gate)
      signal.addEventListener('abort', () => gate.reject(signal.reason as Error))
      return gate.promise
    }),
  )
  const runtime = runtimeOf([long], memoryStore(), clock, { closeGraceMs: 0 })
  const declare = () => runtime.schedule('s', { ...minutely({ overlap, ...rest }), definition: long })
  return { clock, gates, runtime, declare }
}
