// w8: a stored run of 500 turns is replayed offline, warm.
import type { Contender } from '../contenders/contender.ts'
import { inTemporaryFolder } from '../in-temporary-folder.ts'
import { byTurns, exactly, ownRow, ratioRow, type Row, type Side, sides, timed } from '../measure.ts'
import { World } from '../world.ts'
import type { Scale } from './workload.ts'

const TURNS = 500

/** A side that has stored one run, and whose world was reset since. */
interface Stored {
  readonly world: World
  readonly contender: Contender
}

/** Measures a replay. */
export function replay({ quick }: Scale): Promise<Row[]> {
  return inTemporaryFolder(async (dir) => {
    const both = { reprise: await stored('reprise', dir), floor: await stored('floor', dir) }
    const scale = { reps: quick ? 5 : 60, warmMs: quick ? 1_000 : 3_000 }
    const pairs = await byTurns((side) => timed(TURNS, () => both[side].contender.replay('r1')), scale)
    const { world, contender } = both.reprise
    await contender.close()
    await both.floor.contender.close()
    return [
      ratioRow('a turn of 500', 'µs', pairs, 4),
      ownRow('model calls and effects', 'times', exactly(world.modelCalls + world.effects), 0),
    ]
  })
}

async function stored(side: Side, dir: string): Promise<Stored> {
  const world = new World({ n: TURNS })
  const contender = await sides[side]({ world, dir, durable: true, variant: 'normal' })
  world.verify([await contender.run('r1')])
  world.reset()
  return { world, contender }
}
