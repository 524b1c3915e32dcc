// Forks in which something is otherwise than in the run that they are of.
import { crashing, memoryStore, scriptedModel } from '@reprise/testing'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  createRuntime,
  defineAgent,
  defineTeam,
  defineTool,
  type ModelRequest,
  type Outcome,
  type Store,
} from '../src/index.ts'
import { type Edit, listening, quiet, recorded, runtimeOn, script } from './fork-edit.fixture.ts'
import { byTurn, call, clerk, look, mail, newWorld, pay, untilCrash, type World } from './world.fixture.ts'

describe('a fork hears what was edited, and the run that it is of stays as it was', () => {
  const cases: readonly [string, number, Edit, (request: ModelRequest) => unknown, unknown][] = [
    ['its input', 1, { kind: 'input', input: 'stop' }, ({ items }) => items, [{ kind: 'user', text: 'stop' }]],
    [
      'the result of a tool',
      3,
      { kind: 'result', result: { id: 'a', price: 99 } },
      ({ items }) => items.at(-1),
      { kind: 'result', callId: 'call_1_0', output: '{"id":"a","price":99}' },
    ],
    [
      'the calls of a reply',
      2,
      { kind: 'reply', items: [{ kind: 'call', callId: '', name: 'look', arguments: '{"id":"b"}' }] },
      ({ items }) => items.slice(1),
      [
        { kind: 'call', callId: 'call_0', name: 'look', arguments: '{"id":"b"}' },
        { kind: 'result', callId: 'call_0', output: '{"id":"b","price":12}' },
      ],
    ],
    [
      'its instructions',
      3,
      { kind: 'instructions', instructions: 'Be short.' },
      ({ instructions }) => instructions,
      'Be short.',
    ],
    ['its model', 3, { kind: 'model', model: 'gpt-6-luna' }, ({ card }) => card.model, 'gpt-6-luna'],
  ]
  it.each(cases)('%s', async (_, at, edit, of, expected) => {
    const store = memoryStore()
    await recorded(store)
    const before = [await store.run('r'), await store.entries('r')]
    const model = listening()
    await using runtime = runtimeOn(store, model)
    expect(await (await runtime.fork('r', { at, id: 'f', edit })).result()).toBe('heard')
    expect(model.heard.map(of)).toEqual([expected])
    expect([await store.run('r'), await store.entries('r')]).toEqual(before)
    const entries = await runtime.runs.entries('f')
    const kind = 'kind' in edit ? edit.kind : undefined
    expect(entries[at]).toMatchObject({ kind: 'run.forked', body: { of: 'r', edits: [{ kind }] } })
    for (const id of ['r', 'f']) expect(await runtime.replay(id)).toMatchObject({ status: 'matched', differences: [] })
  })
})

const options = { name: 'clerk', model: 'm', tools: [look, pay, mail] } as const

describe('an agent that was edited goes on so', () => {
  it.each(['pin', 'adopt', 'stop'] as const)(
    'at each resume, whatever its definition says by then (%s)',
    async (onChange) => {
      const store = memoryStore()
      const first = defineAgent({ ...options, instructions: 'One.', onChange })
      const asked = byTurn([{ calls: [call('look', 'a')] }, { calls: [call('allow', 'a')] }])
      const told = runtimeOn(store, asked, [first])
      await (await told.start(first, 'go', { id: 'r' })).result()
      await told.close()
      // It rests after its first reply, and is taken up under another text.
      const edit = [
        { kind: 'instructions', instructions: 'Edited.' },
        { kind: 'model', model: 'gpt-6-luna' },
      ] as const
      const dying = runtimeOn(crashing(store, { at: 2, side: 'before' }), byTurn(script), [first])
      await (await dying.fork('r', { at: 3, id: 'f', edit })).outcome()
      await dying.close()
      expect((await store.entries('f')).length).toBe(5)
      const model = listening()
      const later = onChange === 'stop' ? {} : { instructions: 'Two.', model: 'n' }
      const second = defineAgent({ ...options, instructions: 'One.', ...later, onChange })
      await using runtime = runtimeOn(store, model, [second])
      expect(await (await runtime.resume('f')).result()).toBe('heard')
      expect(model.heard.map(({ instructions, card }) => [instructions, card.model])).toEqual([
        ['Edited.', 'gpt-6-luna'],
      ])
      expect((await runtime.replay('f')).status).toBe('matched')
      // A fork of the fork goes on so too, until it is edited itself; a fork from before the edit does not.
      const of = async (id: string, at: number, edits?: Edit) => {
        await (await runtime.fork(id, { at, ...(edits !== undefined && { edit: edits }) })).result()
        const { instructions, card } = model.heard.at(-1) ?? expect.fail()
        return [instructions, card.model]
      }
      expect(await of('f', 5)).toEqual(['Edited.', 'gpt-6-luna'])
      expect(await of('f', 5, { kind: 'model', model: 'gpt-6' })).toEqual(['Edited.', 'gpt-6'])
      expect(await of('f', 3)).toEqual(onChange === 'stop' ? ['One.', 'm'] : ['Two.', 'n'])
    },
  )

  it('when it takes the run over later', async () => {
    const store = memoryStore()
    const back = defineAgent({ name: 'back', model: 'm', instructions: 'You are back.' })
    const front = defineAgent({ name: 'front', model: 'm', instructions: 'You are front.' })
    const desk = defineTeam({ name: 'desk', entry: front, handoffs: [[front, [back]]] })
    const model = scriptedModel(({ card, instructions }) =>
      card.agent === 'front' ? { calls: [{ name: 'transfer_to_back' }] } : { text: `${card.model}: ${instructions}` },
    )
    await using runtime = runtimeOn(store, model, [desk])
    expect(await (await runtime.start(desk, 'go', { id: 'r' })).result()).toBe('m: You are back.')
    const edit = [
      { kind: 'instructions', agent: 'back', instructions: 'Be brief.' },
      { kind: 'model', agent: 'back', model: 'n' },
    ] as const
    expect(await (await runtime.fork('r', { at: 1, id: 'f', edit })).result()).toBe('n: Be brief.')
    expect(await runtime.replay('f')).toMatchObject({ status: 'matched', differences: [] })
    expect((await runtime.runs.entries('f')).filter(({ kind }) => kind === 'definition.changed')).toEqual([])
  })
})

describe('a model that is edited', () => {
  it('is asked where the runtime has it, and waited for where it does not', async () => {
    const store = memoryStore()
    await recorded(store)
    const models = {
      'gpt-4*': scriptedModel(() => ({ text: 'four' })),
      'gpt-6*': scriptedModel(() => ({ text: 'six' })),
    }
    await using runtime = createRuntime({ store, models, definitions: [clerk], services: newWorld(), log: quiet })
    const fork = (model: string) => runtime.fork('r', { at: 3, id: model, edit: { kind: 'model', model } })
    expect(await (await fork('gpt-6-luna')).result()).toBe('six')
    expect(await (await fork('luna')).outcome()).toMatchObject({
      kind: 'waiting',
      waiting: { kind: 'interrupted', mendable: true, error: { code: 'no_model' } },
    })
  })
})

describe('a fork that is edited', () => {
  it('keeps the secrets of its lineage, and learns those of the edit', async () => {
    const store = memoryStore()
    const CARD = '4111 1111 1111 1111'
    const charge = defineTool({
      name: 'charge',
      description: 'Charges a card.',
      input: z.object({ card: z.string().meta({ secret: true }) }),
      effect: 'read',
      execute: ({ card }) => `charged ${card}`,
    })
    const agent = defineAgent({
      ...options,
      tools: [charge],
      instructions: 'One.',
      context: z.object({ key: z.string().meta({ secret: true }) }),
    })
    const model = listening()
    await using runtime = runtimeOn(store, model, [agent])
    await (await runtime.start(agent, 'go', { id: 'r', context: { key: 'sk-live-1' } })).result()
    const items = [{ kind: 'call', callId: 'c', name: 'charge', arguments: JSON.stringify({ card: CARD }) }] as const
    const edit = [
      { kind: 'reply', items },
      { kind: 'instructions', instructions: 'Use sk-live-1.' },
    ] as const
    for (let times = 0; times < 2; times++)
      expect(await (await runtime.fork('r', { at: 2, id: 'f', edit })).result()).toBe('heard')
    await (await runtime.fork('r', { at: 1, id: 'g', edit: { kind: 'input', input: 'It is sk-live-1.' } })).result()
    for (const id of ['f', 'g']) {
      const text = JSON.stringify(await store.entries(id))
      expect([text.includes('sk-live-1'), text.includes(CARD)]).toEqual([false, false])
      expect(text).toMatch(/secret_[\w-]{22}/)
      expect((await runtime.replay(id)).status).toBe('matched')
    }
    expect(JSON.stringify(model.heard)).not.toMatch(/sk-live-1|4111 1111/)
  })

  it('acts on the world only where it is told to', async () => {
    const store = memoryStore()
    await recorded(store)
    const world = newWorld()
    const items = [{ kind: 'call', callId: 'x', name: 'pay', arguments: '{"id":"b"}' }] as const
    await using runtime = runtimeOn(store, byTurn(script), [clerk], world)
    const withheld = await runtime.fork('r', { at: 4, id: 'f', edit: { kind: 'reply', items } })
    expect(await withheld.outcome()).toMatchObject({ kind: 'incomplete', error: { code: 'effect_withheld' } })
    expect(world.effects).toEqual([])
    const live = await runtime.fork('r', { at: 4, id: 'g', effects: 'live', edit: { kind: 'reply', items } })
    expect(await live.result()).toBe('done')
    expect(world.effects).toEqual(['pay b all g/agent:0/turn:1/call:0'])
  })

  it('ends as if its process had not died, wherever it dies', async () => {
    const edit = [
      { kind: 'result', result: 'dear' },
      { kind: 'instructions', instructions: 'Edited.' },
    ] as const
    const model = scriptedModel(({ instructions, items }) => {
      const [last] = items.filter(({ kind }) => kind === 'result')
      const heard = last?.kind === 'result' ? last.output : ''
      return items.at(-1)?.kind === 'result' && items.length > 4
        ? { text: `${instructions} ${heard}` }
        : { calls: [call('pay', 'a')] }
    })
    const later = defineAgent({ ...options, instructions: 'Two.', onChange: 'adopt' })
    const fork = async (store: Store, world: World): Promise<Outcome | undefined> => {
      const runtime = runtimeOn(store, model, [later], world)
      return untilCrash(runtime, async () =>
        (await runtime.fork('r', { at: 3, id: 'f', effects: 'live', edit })).outcome(),
      )
    }
    const prepared = async () => {
      const store = memoryStore()
      await recorded(store)
      return store
    }
    const counted = crashing(await prepared(), { at: Infinity, side: 'before' })
    const world = newWorld()
    expect(await fork(counted, world)).toMatchObject({ kind: 'completed', output: 'Edited. dear' })
    expect(counted.commits).toBeGreaterThan(2)
    for (let at = 1; at <= counted.commits; at++) {
      for (const side of ['before', 'after'] as const) {
        const place = `commit ${at}, ${side}`
        const store = await prepared()
        const crashed = newWorld()
        await fork(crashing(store, { at, side }), crashed)
        expect(await fork(store, crashed), place).toMatchObject({ kind: 'completed', output: 'Edited. dear' })
        expect([...new Set(crashed.effects)], place).toEqual(world.effects)
        await using runtime = runtimeOn(store, model, [later])
        expect(await runtime.replay('f'), place).toMatchObject({ status: 'matched' })
      }
    }
  })
})
