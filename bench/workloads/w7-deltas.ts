// w7: one answer of 10,000 streamed deltas.
import { byTurns, ratioRow, type Row, sides, timed, using } from '../measure.ts'
import { delta, World } from '../world.ts'
import type { Scale } from './workload.ts'

const DELTAS = 10_000

/** Measures a delta. */
export async function deltas({ quick }: Scale): Promise<Row[]> {
  const whole = Array.from({ length: DELTAS }, (_, at) => delta(at)).join('')
  const pairs = await byTurns(
    async (side) => {
      const world = new World({ deltas: DELTAS })
      return using(await sides[side]({ world, dir: null, durable: false }), async (contender) => {
        let heard = ''
        const taken = await timed(DELTAS, () => contender.stream(DELTAS, (text) => (heard += text)))
        if (heard !== whole) throw new Error(`Void: ${heard.length} characters streamed instead of ${whole.length}`)
        return taken
      })
    },
    { reps: quick ? 10 : 60, warmMs: quick ? 1_000 : 3_000 },
  )
  return [ratioRow('a delta of 10,000', 'µs', pairs, 4)]
}
