// w13: many stored runs are replayed, offline: in one thread, and in as many as there are processors. The floor reads its rows
// and checks each call's arguments, run by run.
import { join } from 'node:path'
import { inTemporaryFolder } from '../in-temporary-folder.ts'
import { byTurns, ratioRow, type Row, sides, timed } from '../measure.ts'
import { FOLDER, TURNS } from '../replay-many/runs.ts'
import { World } from '../world.ts'
import { openRuntime } from '../contenders/reprise.ts'
import type { Scale } from './workload.ts'

const RUNS = 1_000

/** How many runs are written at a time. */
const AT_ONCE = 50

const THREADS = 2

/** Measures replays of a thousand runs. */
export function replayMany({ quick }: Scale): Promise<Row[]> {
  return inTemporaryFolder(async (dir) => {
    const world = new World({ n: TURNS })
    const ids = Array.from({ length: RUNS }, (_, at) => `r${at + 1}`)
    for (const side of ['reprise', 'floor'] as const) {
      const contender = await sides[side]({ world, dir, durable: true, variant: 'normal' })
      for (let from = 0; from < RUNS; from += AT_ONCE)
        await Promise.all(ids.slice(from, from + AT_ONCE).map((id) => contender.run(id)))
      await contender.close()
    }
    const floor = await sides.floor({ world, dir, durable: true, variant: 'normal' })
    const runtime = await openRuntime(world, dir, 'normal')
    process.env[FOLDER] = dir
    const module = join(import.meta.dirname, '..', 'replay-many', 'module.js')
    const replayed = async (threads: number): Promise<void> => {
      const { answers } = await runtime.replay({}, { module, threads }).summary()
      if (answers.matched !== RUNS) throw new Error(`Void: ${answers.matched} of ${RUNS} runs matched`)
    }
    const folded = async (): Promise<void> => {
      for (const id of ids) await floor.replay(id)
    }
    const scale = { reps: quick ? 3 : 15, warmMs: quick ? 1_000 : 5_000 }
    const pairs = (threads: number) =>
      byTurns((side) => timed(RUNS, side === 'floor' ? folded : () => replayed(threads)), scale)
    const [here, inThreads] = [await pairs(0), await pairs(THREADS)]
    await runtime.close()
    await floor.close()
    return [
      ratioRow('a run, in one thread', 'µs', here),
      ratioRow(`a run, in ${THREADS} threads beside it, their beginning included`, 'µs', inThreads, 3),
    ]
  })
}
