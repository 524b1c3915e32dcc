// Two runs side by side, step by step.
import { manualClock, memoryStore, type ScriptedAnswer, scriptedModel } from '@reprise/testing'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  type AnyDefinition,
  createRuntime,
  defineAgent,
  defineTeam,
  defineTool,
  defineWorkflow,
  diffEntries,
  type Entry,
  type StepPair,
  type Store,
} from '../src/index.ts'
import { byTurn, call, clerk, newWorld } from './world.fixture.ts'

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined }

function runtimeOn(store: Store, answers: readonly ScriptedAnswer[], definitions: readonly AnyDefinition[] = [clerk]) {
  const at = { clock: manualClock(), random: () => 0, log: quiet }
  return createRuntime({ store, models: byTurn(answers), definitions, services: newWorld(), ...at })
}

/** Records one run of an agent for each list of answers: a, b, and so on. */
async function recorded(answers: readonly (readonly ScriptedAnswer[])[], agent = clerk, input = 'go'): Promise<Store> {
  const store = memoryStore()
  for (const [at, answer] of answers.entries()) {
    await using runtime = runtimeOn(store, answer, [agent])
    await (await runtime.start(agent, input, { id: 'abc'[at] ?? '' })).outcome()
  }
  return store
}

/** A pair in a line: a sign, what it is of, and where it is otherwise. */
function shown(pair: StepPair): string {
  const sign = { same: '=', changed: '~', 'only-a': '-', 'only-b': '+' }[pair.kind]
  const { kind, name, said } = 'a' in pair ? pair.a : pair.b
  const args = kind === 'call' ? ` ${JSON.stringify(said['arguments'])}` : ''
  const changes =
    pair.kind === 'changed'
      ? pair.changes.map(({ path, a, b }) => ` | ${path}: ${JSON.stringify(a)} > ${JSON.stringify(b)}`)
      : []
  return `${sign} ${kind} ${name}${args}${changes.join('')}`
}

async function diffOf(store: Store): Promise<string[]> {
  await using runtime = runtimeOn(store, [], [])
  const { pairs, same } = await runtime.diff('a', 'b')
  expect(same).toBe(pairs.every(({ kind }) => kind === 'same'))
  return pairs.map((pair) => shown(pair))
}

describe('two runs of an agent', () => {
  it('that did the same are the same, whatever they cost and when they were', async () => {
    const answers = [{ text: 'Let me see.', calls: [call('look', 'a')] }, { text: 'done' }]
    expect(await diffOf(await recorded([answers, answers]))).toEqual([
      '= start agent clerk',
      '= reply clerk',
      '= call look {"id":"a"}',
      '= reply clerk',
      '= end clerk',
    ])
  })

  it('are told apart by the place in the arguments, in a result and in words', async () => {
    const store = await recorded([
      [{ calls: [call('look', 'a')] }, { calls: [{ name: 'pay', arguments: { id: 'a', usd: 12 } }] }, { text: 'done' }],
      [{ calls: [call('look', 'a')] }, { calls: [{ name: 'pay', arguments: { usd: 13, id: 'a' } }] }, { text: 'paid' }],
    ])
    expect(await diffOf(store)).toEqual([
      '= start agent clerk',
      '= call look {"id":"a"}',
      '~ call pay {"id":"a","usd":12} | arguments.usd: 12 > 13',
      '~ reply clerk | text: "done" > "paid"',
      '~ end clerk | output: "done" > "paid"',
    ])
  })

  it('may ask for the calls of a reply in another order, and write their arguments otherwise', async () => {
    const store = await recorded([
      [{ calls: [call('look', 'a'), call('look', 'b'), { name: 'pay', arguments: { id: 'a', usd: 1 } }] }],
      [{ calls: [{ name: 'pay', arguments: { usd: 1, id: 'a' } }, call('look', 'b'), call('look', 'c')] }],
    ])
    expect(await diffOf(store)).toEqual([
      '= start agent clerk',
      '~ call look {"id":"a"} | arguments.id: "a" > "c" | result.id: "a" > "c"',
      '= call look {"id":"b"}',
      '= call pay {"id":"a","usd":1}',
      '= reply clerk',
      '= end clerk',
    ])
  })

  it('go on together after what only one of them did', async () => {
    const store = await recorded([
      [{ calls: [call('look', 'a')] }, { calls: [call('pay', 'a')] }, { calls: [call('look', 'z')] }],
      [
        { calls: [call('look', 'a')] },
        { calls: [call('mail', 'a')] },
        { calls: [call('look', 'y')] },
        { calls: [call('look', 'z')] },
      ],
    ])
    expect(await diffOf(store)).toEqual([
      '= start agent clerk',
      '= call look {"id":"a"}',
      '- call pay {"id":"a"}',
      '+ call mail {"id":"a"}',
      '+ call look {"id":"y"}',
      '= call look {"id":"z"}',
      '= reply clerk',
      '= end clerk',
    ])
  })

  it('differ in what was refused, who allowed it, and how a call failed', async () => {
    const gated = defineTool({
      name: 'gated',
      description: '',
      input: z.object({ id: z.string() }),
      effect: 'idempotent',
      approval: true,
      execute: () => 'ok',
    })
    const agent = defineAgent({ name: 'clerk', model: 'm', instructions: '', tools: [gated] })
    const store = memoryStore()
    await using runtime = runtimeOn(store, [{ calls: [call('gated', 'a'), { name: 'fly' }] }], [agent])
    for (const id of ['a', 'b', 'c']) await (await runtime.start(agent, 'go', { id })).outcome()
    const key = 'agent:0/turn:0/call:0'
    await (await runtime.approve('a', key, { by: 'ana' })).result()
    await (await runtime.reject('b', key, { by: 'bob', reason: 'no' })).result()
    expect((await runtime.diff('a', 'b')).pairs.map(shown)[1]).toBe(
      '~ call gated {"id":"a"} | approval.approved: true > false | approval.by: "ana" > "bob"' +
        ' | approval.told: undefined > "Not executed: bob did not allow gated with these arguments: no. Do not call it again like this."' +
        ' | result: "ok" > undefined',
    )
    // A run that has not ended has less.
    expect((await runtime.diff('a', 'c')).pairs.map(shown).slice(1)).toEqual([
      '~ call gated {"id":"a"} | approval: {"approved":true,"by":"ana"} > undefined | result: "ok" > undefined',
      '= call fly {}',
      '- reply clerk',
      '- end clerk',
    ])
  })

  it('differ in the text under which they went on, and where they were handed over', async () => {
    const back = defineAgent({ name: 'back', model: 'm', instructions: 'Back.' })
    const front = defineAgent({ name: 'front', model: 'm', instructions: 'Front.' })
    const desk = defineTeam({ name: 'desk', entry: front, handoffs: [[front, [back]]] })
    const store = memoryStore()
    const model = scriptedModel(({ card }) =>
      card.agent === 'front' ? { calls: [{ name: 'transfer_to_back' }] } : { text: 'done' },
    )
    await using runtime = createRuntime({ store, models: model, definitions: [desk] })
    await (await runtime.start(desk, 'go', { id: 'a' })).result()
    const edit = { kind: 'instructions', agent: 'back', instructions: 'Edited.' } as const
    await (await runtime.fork('a', { at: 1, id: 'b', edit })).result()
    await (await runtime.fork('a', { at: 1, id: 'c', edit: { ...edit, agent: 'front' } })).result()
    expect((await runtime.diff('a', 'b')).pairs.map(shown)).toEqual([
      '= start team desk',
      '~ handoff back | instructions: "Back." > "Edited."',
      '= reply back',
      '= end back',
    ])
    expect((await runtime.diff('a', 'c')).pairs.map(shown).slice(0, 2)).toEqual([
      '= start team desk',
      '+ definition front',
    ])
    // After the handoff: what was handed over before a fork stays so.
    await (await runtime.fork('a', { at: 3, id: 'd' })).result()
    expect((await runtime.diff('a', 'd')).same).toBe(true)
  })
})

describe('two runs of a workflow', () => {
  it('are put together by the keys of their steps, in whatever order those ended', async () => {
    const flow = defineWorkflow({
      name: 'flow',
      input: z.object({ slow: z.number(), items: z.array(z.string()) }),
      async run(ctx, { slow, items }) {
        const done = await ctx.map(items, async (item, branch, index) => {
          if (index === slow) await branch.sleep(1)
          return branch.step('do', () => ({ item }))
        })
        return { done, child: await ctx.agent(clerk, 'go') }
      },
    })
    const store = memoryStore()
    await using runtime = createRuntime({
      store,
      models: scriptedModel([{ text: 'one' }, { text: 'two' }]),
      definitions: [flow, clerk],
      services: newWorld(),
    })
    await (await runtime.start(flow, { slow: 0, items: ['x', 'y'] }, { id: 'a' })).result()
    await (await runtime.start(flow, { slow: 1, items: ['x', 'z', 'w'] }, { id: 'b' })).result()
    const lines = (await runtime.diff('a', 'b')).pairs.map(shown).filter((line) => !/^. (?:start|end|timer)/.test(line))
    expect(lines).toEqual([
      '+ step do',
      '~ step do | result.item: "y" > "z"',
      '= step do',
      '~ child clerk | output: "one" > "two"',
    ])
  })
})

describe('two long runs', () => {
  /** The entries of a run that looks again and again. */
  function long(turns: number, idOf: (turn: number) => string): Entry[] {
    const place = (seq: number, key: string) => ({ seq, key, attempt: 1, at: 0, digest: '' })
    return Array.from({ length: turns }, (_, turn): Entry[] => {
      const key = `agent:0/turn:${turn}`
      const id = idOf(turn)
      const items = [{ kind: 'call', callId: 'c', name: 'look', arguments: JSON.stringify({ id }) }] as const
      const reply = { items, finish: 'stop', model: 'm' } as const
      return [
        { ...place(2 * turn, key), kind: 'model.replied', body: { asked: '', reply } },
        {
          ...place(2 * turn + 1, `${key}/call:0`),
          kind: 'call.returned',
          body: { name: 'look', asked: '', result: id },
        },
      ]
    }).flat()
  }

  it('of 10,000 turns are compared, also where half of it is other', { tags: 'slow' }, () => {
    const one = long(10_000, (turn) => `${turn % 700}`)
    const other = long(10_000, (turn) => (turn % 2 === 0 ? `${turn % 700}` : `x${turn}`))
    const pairs = diffEntries(one, other)
    const count = (kind: StepPair['kind']): number => pairs.filter((pair) => pair.kind === kind).length
    expect(count('same') + count('changed')).toBeGreaterThan(9_000)
    expect(count('same')).toBeGreaterThan(4_000)
    expect(diffEntries(one, one).every(({ kind }) => kind === 'same')).toBe(true)
  })
})
