// w2: sequential tool calls, then an answer, in memory.
import type { Contender } from '../contenders/contender.ts'
import {
  byTurns,
  exactly,
  ownRow,
  type Pairs,
  ratioRow,
  type Row,
  type Side,
  sides,
  spread,
  timed,
} from '../measure.ts'
import { World } from '../world.ts'
import type { Scale } from './workload.ts'

/** What a turn may take beyond the floor's, in microseconds. */
const MICROSECONDS = 25

/** Turns after which a contender is made anew: a store in memory keeps them all. */
const TURNS_OF_ONE = 5_000

/** Measures a turn in runs of 100 and of 1,000 turns. */
export async function inMemory(scale: Scale): Promise<Row[]> {
  const short = await turns(100, scale.quick ? 20 : 200, scale)
  const long = await turns(1_000, scale.quick ? 3 : 20, scale)
  const growth = spread(long.reprise).median / spread(short.reprise).median
  return [
    beyondRow('a turn of 100', short),
    beyondRow('a turn of 1,000', long),
    ownRow('a turn of 1,000 over a turn of 100', 'x', exactly(growth), 1.2),
  ]
}

function beyondRow(what: string, pairs: Pairs): Row {
  const beyond = spread(pairs.reprise.map((mine, at) => mine - (pairs.floor[at] ?? 0)))
  const { cpu } = pairs
  const byCpu = cpu && { byCpu: cpu.reprise - cpu.floor }
  return { ...ratioRow(what, 'µs', pairs), value: beyond, valueUnit: 'µs', ...byCpu, atMost: MICROSECONDS }
}

/** Microseconds a turn. */
function turns(n: number, reps: number, { quick }: Scale): Promise<Pairs> {
  const made = new Map<Side, { readonly world: World; readonly contender: Contender; runs: number }>()
  return byTurns(
    async (side) => {
      const known = made.get(side)
      const world = known?.world ?? new World({ n })
      const fresh = known === undefined || known.runs * n >= TURNS_OF_ONE
      const contender = fresh ? await sides[side]({ world, dir: null, durable: false }) : known.contender
      const runs = fresh ? 1 : known.runs + 1
      made.set(side, { world, contender, runs })
      world.reset()
      let answer = ''
      const taken = await timed(n, async () => {
        answer = await contender.run(`r${runs}`)
      })
      world.verify([answer])
      return taken
    },
    { reps, warmMs: quick ? 1_000 : 4_000 },
  )
}
