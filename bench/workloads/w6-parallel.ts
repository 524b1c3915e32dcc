// w6: one turn asks for a hundred tool calls, in memory.
import { byTurns, ratioRow, type Row, sides, timed, using } from '../measure.ts'
import { World } from '../world.ts'
import type { Scale } from './workload.ts'

const CALLS = 100

/** Measures a call. */
export async function parallel({ quick }: Scale): Promise<Row[]> {
  const pairs = await byTurns(
    async (side) => {
      const world = new World({ parallel: CALLS })
      return using(await sides[side]({ world, dir: null, durable: false }), async (contender) => {
        let answer = ''
        const taken = await timed(CALLS, async () => {
          answer = await contender.run('r1')
        })
        world.verify([answer])
        return taken
      })
    },
    { reps: quick ? 20 : 200, warmMs: quick ? 1_000 : 3_000 },
  )
  return [ratioRow('a call of a hundred', 'µs', pairs, 4)]
}
