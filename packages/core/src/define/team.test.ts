import { expect, test } from 'vitest'
import { z } from 'zod'
import { DefinitionError } from '../values/errors.ts'
import { type Agent, defineAgent } from './agent.ts'
import { defineTeam, handoffName } from './team.ts'
import { defineTool, type Tool } from './tool.ts'

function agent(name: string, tools: readonly Tool[] = []): Agent<string, undefined, { by: string }> {
  return defineAgent({
    name,
    model: 'm',
    instructions: '',
    tools,
    output: z.object({ by: z.string() }),
    budget: { turns: 5 },
  })
}

const [triage, orders, returns] = [agent('triage'), agent('orders'), agent('returns')]

test('what is no agent is no entry, and is told in a sentence', () => {
  const nothing = { name: 'desk', handoffs: [] } as unknown as Parameters<typeof defineTeam>[0]
  expect(() => defineTeam(nothing)).toThrow('Team "desk": entry: nothing. Give it the agent that begins.')
})

test('a team knows its agents, the entry first, and who may hand over to whom', () => {
  const team = defineTeam({
    name: 'desk',
    version: 2,
    entry: triage,
    handoffs: [
      [orders, [triage]],
      [triage, [returns, orders]],
    ],
    onChange: 'adopt',
  })
  expect([...team.agents]).toEqual([
    ['triage', triage],
    ['orders', orders],
    ['returns', returns],
  ])
  expect([...team.ways].map(([from, to]) => [from, to.map(({ agent: { name } }) => name)])).toEqual([
    ['orders', ['triage']],
    ['triage', ['returns', 'orders']],
  ])
  expect(team).toMatchObject({ kind: 'team', name: 'desk', version: 2, entry: triage, onChange: 'adopt' })
})

test("a team that says nothing has its entry's output and turns", () => {
  const team = defineTeam({ name: 'desk', entry: triage, handoffs: [[triage, [orders]]] })
  expect(team).toMatchObject({ version: 1, output: triage.output, turns: 5, onChange: 'pin' })
})

test('a team may have its own output and turns', () => {
  const output = z.object({ resolution: z.string() })
  const team = defineTeam({ name: 'desk', entry: triage, handoffs: [], output, budget: { turns: 40 } })
  expect(team.output?.json).toMatchObject({ properties: { resolution: { type: 'string' } } })
  expect(team.turns).toBe(40)
})

test.each(['', 'the desk', 'x'.repeat(65)])('the name %o is refused', (name) => {
  expect(() => defineTeam({ name, entry: triage, handoffs: [] })).toThrow(
    new DefinitionError({
      code: 'bad_name',
      message: `A team has the name ${JSON.stringify(name)}, which the API refuses. Use 1 to 64 letters, digits, "_" or "-".`,
      details: { name },
    }),
  )
})

test.each([
  ['version', { version: 0 }],
  ['budget.turns', { budget: { turns: 0 } }],
])('%s 0 is refused', (field, over) => {
  expect(() => defineTeam({ name: 'desk', entry: triage, handoffs: [], ...over })).toThrow(
    new DefinitionError({
      code: 'bad_number',
      message: `Team "desk" has ${field} 0. It must be a whole number of 1 or more.`,
      details: { field, value: '0' },
    }),
  )
})

test('two agents of one name are refused', () => {
  expect(() => defineTeam({ name: 'desk', entry: triage, handoffs: [[triage, [orders, agent('orders')]]] })).toThrow(
    new DefinitionError({
      code: 'duplicate_name',
      message: 'Team "desk" has two agents named "orders". Names must differ: rename one of them.',
      details: { name: 'orders' },
    }),
  )
})

test('two lists of handoffs from one agent are refused', () => {
  const handoffs = [[triage, [orders]] as const, [triage, [returns]] as const]
  expect(() => defineTeam({ name: 'desk', entry: triage, handoffs })).toThrow(
    new DefinitionError({
      code: 'duplicate_name',
      message: 'Team "desk" has two handoff lists named "triage". Names must differ: rename one of them.',
      details: { name: 'triage' },
    }),
  )
})

test('an agent that is never reached is refused, with those that could hand over to it', () => {
  const handoffs = [[triage, [orders]] as const, [returns, [triage]] as const]
  expect(() => defineTeam({ name: 'desk', entry: triage, handoffs })).toThrow(
    new DefinitionError({
      code: 'unreachable_agent',
      message: 'Team "desk" never reaches the agent "returns". Hand over to it from one of: triage, orders.',
      details: { agent: 'returns' },
    }),
  )
})

test('a tool that is named like a handoff is refused', () => {
  const tool = defineTool({
    name: 'transfer_to_orders',
    description: '',
    input: z.object({}),
    effect: 'read',
    execute: () => 1,
  })
  const front = agent('front', [tool])
  expect(() => defineTeam({ name: 'desk', entry: front, handoffs: [[front, [orders]]] })).toThrow(
    new DefinitionError({
      code: 'duplicate_name',
      message:
        'Team "desk": agent "front" has two tools named "transfer_to_orders". Names must differ: rename one of them.',
      details: { name: 'transfer_to_orders' },
    }),
  )
})

test('one agent twice in a list of handoffs is refused', () => {
  expect(() => defineTeam({ name: 'desk', entry: triage, handoffs: [[triage, [orders, orders]]] })).toThrow(
    new DefinitionError({
      code: 'duplicate_name',
      message:
        'Team "desk": agent "triage" has two tools named "transfer_to_orders". Names must differ: rename one of them.',
      details: { name: 'transfer_to_orders' },
    }),
  )
})

test('an agent whose handoff would have too long a name is refused', () => {
  const long = agent('x'.repeat(53))
  const name = handoffName(long.name)
  expect(() => defineTeam({ name: 'desk', entry: triage, handoffs: [[triage, [long]]] })).toThrow(
    new DefinitionError({
      code: 'bad_name',
      message:
        `Team "desk": the handoff from "triage" has the name "${name}", which the API refuses. ` +
        'Use 1 to 64 letters, digits, "_" or "-".',
      details: { name },
    }),
  )
})

test('an output that a strict schema cannot say is refused by its path', () => {
  expect(() => defineTeam({ name: 'desk', entry: triage, handoffs: [], output: z.object({ n: z.bigint() }) })).toThrow(
    new DefinitionError({
      code: 'schema_unsupported',
      message:
        'Team "desk": output.n is a bigint, which a strict schema cannot say. Use z.string() and convert it in your own code.',
      details: { where: 'Team "desk": output', path: '.n' },
    }),
  )
})
