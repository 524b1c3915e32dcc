// w14: 1,000 stored runs of 10 turns are backtested with a model that answers at once, beside the replays of the same runs in
// the same process: what a report costs beyond reading and walking the journals once.
import { join } from 'node:path'
import { createRuntime } from '@reprise/core'
import { sqlite } from '@reprise/store'
import { agentOf, modelOf } from '../contenders/reprise.ts'
import { inTemporaryFolder } from '../in-temporary-folder.ts'
import { byTurns, exactly, ownRow, ratioRow, type Row, type Side, timed } from '../measure.ts'
import { World } from '../world.ts'
import type { Scale } from './workload.ts'

const TURNS = 10

/** Measures a backtest. */
export function backtest({ quick }: Scale): Promise<Row[]> {
  const runs = quick ? 200 : 1_000
  return inTemporaryFolder(async (dir) => {
    const world = new World({ n: TURNS })
    const agent = agentOf(world, 'read')
    await using runtime = createRuntime({
      store: sqlite(join(dir, 'reprise.db'), { durability: 'process' }),
      models: modelOf(world),
      definitions: [agent],
    })
    const ids = Array.from({ length: runs }, (_, at) => `r${at}`)
    const record = async (id: string): Promise<string> => (await runtime.start(agent, `run:${id}`, { id })).result()
    world.verify(await Promise.all(ids.map(record)))
    world.reset()
    const work: Record<Side, () => Promise<void>> = {
      async reprise() {
        const { all } = await runtime.backtest({ limit: runs }, { model: 'other' })
        if (all.same !== runs) throw new Error(`Void: ${all.same} of ${runs} are the same`)
      },
      async floor() {
        for (const id of ids) {
          const { status } = await runtime.replay(id)
          if (status !== 'matched') throw new Error(`Void: replay ${status}`)
        }
      },
    }
    const pairs = await byTurns((side) => timed(runs, work[side]), { reps: quick ? 3 : 7, warmMs: 1_000 })
    return [
      ratioRow('a run of 10 turns, beside its replay', 'µs', pairs, 2),
      ownRow('effects', 'times', exactly(world.effects), 0),
    ]
  })
}
