// w16: what 20 rules about a tool add to each of its calls, in memory: the verdict, the tools that may be called in the next
// turn, and what is remembered of earlier calls.
import {
  after,
  afterAny,
  argumentFrom,
  atLeast,
  atMost,
  before,
  createRuntime,
  defineAgent,
  defineTool,
  exclusiveWith,
  type Rule,
  sequence,
  when,
} from '@reprise/core'
import { memoryStore, scriptedModel } from '@reprise/testing'
import { z } from 'zod'
import { byTurns, ratioRow, type Row, spread, timed } from '../measure.ts'
import type { Scale } from './workload.ts'

/** Turns of a run, each with a call. */
const TURNS = 500
/** What 20 rules may add to a call, in microseconds. */
const MICROSECONDS = 5

const input = z.object({ id: z.string() })
const ids = Array.from({ length: 50 }, (_, at) => `order-${at}`)
const find = defineTool({ name: 'find', description: 'Finds.', input, effect: 'read', execute: () => ({ ids }) })
const work = defineTool({
  name: 'work',
  description: 'Works.',
  input,
  effect: 'idempotent',
  execute: () => ({ done: true }),
})
const [check, stop, undo] = [notCalled('check'), notCalled('stop'), notCalled('undo')]

const many = 1_000_000
const four: readonly Rule[] = [
  after(work, find),
  afterAny(work, check, find),
  argumentFrom(work, 'id', find, (found) => found.ids),
  when(work, ({ id }, facts) => id.length > 0 && facts.returned(find).length > 0),
]
const twenty: readonly Rule[] = [
  ...four,
  ...four,
  ...four,
  before(work, stop),
  before(work, stop, undo),
  exclusiveWith(work, undo),
  exclusiveWith(work, stop, undo),
  atMost(work, many),
  atMost(work, many),
  sequence(find, work),
  atLeast(work, 1),
]

/** Measures runs under 20 rules beside runs under none. */
export async function rules({ quick }: Scale): Promise<Row[]> {
  const agents = { reprise: twenty, floor: [] as readonly Rule[] }
  const pairs = await byTurns(
    async (side) => {
      const rules = agents[side]
      const tools = [find, work, check, stop, undo]
      const agent = defineAgent({ name: 'a', model: 'm', instructions: '', tools, rules, budget: { turns: 2 * TURNS } })
      let turn = 0
      const models = scriptedModel(() => {
        if (turn++ === 0) return { calls: [{ name: 'find', arguments: { id: 'x' } }] }
        return turn > TURNS ? { text: 'Done.' } : { calls: [{ name: 'work', arguments: { id: ids[turn % 50] ?? '' } }] }
      })
      await using runtime = createRuntime({ store: memoryStore(), models, definitions: [agent] })
      return await timed(TURNS, async () => (await runtime.start(agent, 'Go.')).result())
    },
    { reps: quick ? 5 : 40, warmMs: quick ? 1_000 : 3_000 },
  )
  const added = spread(pairs.reprise.map((mine, at) => mine - (pairs.floor[at] ?? 0)))
  const { cpu } = pairs
  const byCpu = cpu && { byCpu: cpu.reprise - cpu.floor }
  const row = ratioRow('what 20 rules add to a call', 'µs', pairs)
  return [{ ...row, value: added, valueUnit: 'µs', ...byCpu, atMost: MICROSECONDS }]
}

function notCalled(name: string) {
  return defineTool({ name, description: 'Is not called.', input, effect: 'idempotent', execute: () => null })
}
