// w11: the fake OpenAI server beside another mock of that API, which stands in the floor's column.
import { Load, type Way } from '../fake/load.ts'
import { byTurns, exactly, type Pairs, type Row, type Side, spread } from '../measure.ts'
import type { Scale } from './workload.ts'

/** Requests in one turn. */
const COUNT = 500

const WAYS: readonly (readonly [what: string, way: Way])[] = [
  ['Responses, whole', { api: 'responses', stream: false }],
  ['Responses, streamed', { api: 'responses', stream: true }],
  ['Chat Completions, whole', { api: 'chat/completions', stream: false }],
  ['Chat Completions, streamed', { api: 'chat/completions', stream: true }],
]

/** Sends both servers the same requests by turns. */
export async function fake({ quick }: Scale): Promise<Row[]> {
  const loads = { reprise: await Load.start('reprise'), floor: await Load.start('floor') }
  try {
    const rows: Row[] = []
    const scale = { reps: quick ? 3 : 15, warmMs: quick ? 500 : 2_000 }
    for (const [what, way] of WAYS)
      rows.push(rateRow(what, await byTurns((side) => loads[side].send(COUNT, way), scale)))
    return [...rows, await heapRow(loads, quick ? 4_000 : 20_000)]
  } finally {
    for (const load of Object.values(loads)) load.stop()
  }
}

/** Requests a second: the ratio is above 1 where the fake answers more of them. */
function rateRow(what: string, { reprise, floor, ratio, cpu }: Pairs): Row {
  const rates = (micros: readonly number[]) => spread(micros.map((each) => 1e6 / each))
  return {
    what,
    unit: '/s',
    reprise: rates(reprise),
    floor: rates(floor),
    value: spread(ratio.map((each) => 1 / each)),
    valueUnit: 'x',
    ...(cpu && { byCpu: cpu.floor / cpu.reprise }),
  }
}

/** What both hold once they have been sent so many requests. */
async function heapRow(loads: Readonly<Record<Side, Load>>, count: number): Promise<Row> {
  const way = { api: 'responses', stream: false } as const
  for (const load of Object.values(loads)) while (load.sent < count) await load.send(COUNT, way)
  const [mine, its] = [await loads.reprise.ask('heap'), await loads.floor.ask('heap')]
  const what = `heap after ${loads.reprise.sent} and ${loads.floor.sent} requests`
  return { what, unit: 'MB', reprise: exactly(mine), floor: exactly(its), value: exactly(mine / its), valueUnit: 'x' }
}
