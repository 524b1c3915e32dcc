// w13: many stored runs are replayed, offline: in this thread, and in threads beside it, which for so few are asked for by number. The floor is no other program: the same
// runs are read, decoded and folded, and nothing is asked of today's code.
import { join } from 'node:path'
import { requestAt } from '@reprise/core'
import { openRuntime } from '../contenders/reprise.ts'
import { inTemporaryFolder } from '../in-temporary-folder.ts'
import { byTurns, ratioRow, type Row, sides, timed, using } from '../measure.ts'
import { FOLDER, TURNS } from '../replay-many/runs.ts'
import { World } from '../world.ts'
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
    await using(await sides.reprise({ world, dir, durable: true, variant: 'normal' }), async (contender) => {
      for (let from = 0; from < RUNS; from += AT_ONCE)
        await Promise.all(ids.slice(from, from + AT_ONCE).map((id) => contender.run(id)))
    })
    await using runtime = await openRuntime(world, dir, 'normal')
    process.env[FOLDER] = dir
    const module = join(import.meta.dirname, '..', 'replay-many', 'module.js')
    const replayed = async (threads: number): Promise<void> => {
      const { answers } = await runtime.replay({}, { module, threads }).summary()
      if (answers.matched !== RUNS) throw new Error(`Void: ${answers.matched} of ${RUNS} runs matched`)
    }
    const folded = async (): Promise<void> => {
      for (const id of ids) {
        const entries = await runtime.runs.entries(id)
        const last = entries.findLast(({ kind }) => kind === 'model.replied')
        if (!last || !requestAt(entries, last.seq)) throw new Error(`Void: ${id} has no reply`)
      }
    }
    const scale = { reps: quick ? 3 : 15, warmMs: quick ? 1_000 : 5_000 }
    const pairs = (threads: number) =>
      byTurns((side) => timed(RUNS, side === 'floor' ? folded : () => replayed(threads)), scale)
    return [
      ratioRow('a run, in this thread', 'µs', await pairs(0), 3),
      ratioRow(`a run, in ${THREADS} threads, their beginning included`, 'µs', await pairs(THREADS)),
    ]
  })
}
