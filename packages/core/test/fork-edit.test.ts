// Forks in which something is otherwise than in the run that they are of.
import { crashing, manualClock, memoryStore, type ScriptedAnswer, scriptedModel } from '@reprise/testing'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  type AnyDefinition,
  createRuntime,
  defineAgent,
  defineSignal,
  defineTeam,
  defineTool,
  defineWorkflow,
  type ForkOptions,
  type Model,
  type ModelRequest,
  type Outcome,
  type Store,
} from '../src/index.ts'
import { byTurn, call, clerk, look, mail, newWorld, pay, untilCrash, type World } from './world.fixture.ts'

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined }

function runtimeOn(
  store: Store,
  models: Model,
  definitions: readonly AnyDefinition[] = [clerk],
  services = newWorld(),
) {
  return createRuntime({ store, models, definitions, services, random: () => 0, log: quiet, clock: manualClock() })
}

const script: readonly ScriptedAnswer[] = [
  { calls: [call('look', 'a')] },
  { calls: [call('pay', 'a')] },
  { text: 'done' },
]

/** A run of the clerk: 0 starts, 1 replies, 2 look, 3 replies, 4 judged, 5 pay, 6 replies, 7 completed. */
async function recorded(store: Store): Promise<void> {
  const runtime = runtimeOn(store, byTurn(script))
  await (await runtime.start(clerk, 'go', { id: 'r' })).result()
  await runtime.close()
}

/** A model that says what it was sent, and keeps that. */
function listening(): Model & { readonly heard: ModelRequest[] } {
  const heard: ModelRequest[] = []
  const model = scriptedModel((request) => {
    heard.push({ ...request, items: [...request.items] })
    return { text: 'heard' }
  })
  return Object.assign(model, { heard })
}

type Edit = NonNullable<ForkOptions['edit']>

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

/** The texts with which a fork is refused. */
async function refusal(store: Store, options: ForkOptions, definitions: readonly AnyDefinition[] = [clerk]) {
  await using runtime = runtimeOn(store, byTurn(script), definitions)
  return runtime.fork('r', { id: 'refused', ...options }).then(
    () => 'not refused',
    (error: Error) => error.message,
  )
}

describe('an edit', () => {
  it('of an entry is of the last that is taken over, and is told at which it can be made', async () => {
    const store = memoryStore()
    await recorded(store)
    const since =
      'takes the place of the last entry that is taken over, since what came after that followed from it, and entry'
    const cases: readonly [number, Edit, string][] = [
      [
        3,
        { kind: 'input', input: 'x' },
        `an edit of the kind "input" ${since} 2 is call.returned. Such an edit can be made at: 1.`,
      ],
      [
        2,
        { kind: 'result', result: 1 },
        `an edit of the kind "result" ${since} 1 is model.replied. Such an edit can be made at: 3, 6.`,
      ],
      [
        1,
        { kind: 'reply', items: [] },
        `an edit of the kind "reply" ${since} 0 is run.started. Such an edit can be made at: 2, 4, 7.`,
      ],
      [
        1,
        { kind: 'message', payload: 1 },
        `an edit of the kind "message" ${since} 0 is run.started. Its journal has none.`,
      ],
    ]
    for (const [at, edit, why] of cases)
      expect(await refusal(store, { at, edit })).toBe(`The run "r" cannot be forked at ${at} as it is edited: ${why}`)
    expect(await store.run('refused')).toBeUndefined()
  })

  it('is held to what it is to be', async () => {
    const store = memoryStore()
    await recorded(store)
    const cases: readonly [number, unknown, string][] = [
      [
        1,
        'x',
        'runtime.fork was given edit: "x". Give it { kind } of one of: input, reply, result, message, instructions, model; or a list of such.',
      ],
      [1, { kind: 'words' }, 'runtime.fork was given edit: an object of the kind "words".'],
      [1, { kind: 'input', input: '' }, 'agent "clerk" was given "", which says nothing.'],
      [1, { kind: 'input', input: 7 }, 'agent "clerk" takes text, and was given a number.'],
      [
        3,
        { kind: 'result', result: { at: 1n } },
        'The result that an entry is edited to cannot be kept in a journal: .at is a bigint',
      ],
      [2, { kind: 'reply', items: [{ kind: 'call', name: 'look' }] }, 'cannot be taken: items[0].callId is nothing.'],
      [3, { kind: 'model', model: '' }, 'runtime.fork was given edit.model: "". Give it a text.'],
      [3, { kind: 'model', model: 'm', agent: 'nobody' }, 'there is no agent "nobody" to edit. It has: clerk.'],
      [
        3,
        [
          { kind: 'model', model: 'm' },
          { kind: 'model', model: 'n', agent: 'clerk' },
        ],
        'its edits name the model of clerk twice.',
      ],
      [
        3,
        [
          { kind: 'result', result: 1 },
          { kind: 'input', input: 'x' },
        ],
        'its edits name the last entry taken over twice.',
      ],
    ]
    for (const [at, edit, message] of cases) expect(await refusal(store, { at, edit: edit as Edit })).toContain(message)
    expect(await store.run('refused')).toBeUndefined()
  })

  it('makes one fork of an id, and another edit under that id is refused', async () => {
    const store = memoryStore()
    await recorded(store)
    await using runtime = runtimeOn(store, listening())
    const fork = async (edit?: Edit) =>
      (await runtime.fork('r', { at: 3, id: 'f', ...(edit !== undefined && { edit }) }))
        .result()
        .then((result) => result)
    const edit = [
      { kind: 'result', result: { price: 1, id: 'a' } },
      { kind: 'instructions', instructions: 'Be short.' },
    ] as const
    expect(await fork(edit)).toBe('heard')
    const { length } = await store.entries('f')
    expect(await fork(edit)).toBe('heard')
    expect((await store.entries('f')).length).toBe(length)
    const others: readonly (Edit | undefined)[] = [
      [{ kind: 'result', result: { price: 2, id: 'a' } }, edit[1]],
      [edit[0], { kind: 'instructions', instructions: 'Be long.' }],
      edit[0],
      undefined,
    ]
    for (const other of others)
      await expect(fork(other)).rejects.toThrow(
        'The run "f" exists, and is the fork of "r" at 3, with another edit (result, instructions of "clerk"). Use another id.',
      )
    await (await runtime.fork('r', { at: 3, id: 'g' })).result()
    await expect(runtime.fork('r', { at: 3, id: 'g', edit })).rejects.toThrow(
      'The run "g" exists, and is the fork of "r" at 3, with nothing edited. Use another id.',
    )
  })

  it('of a result lets a call that failed have returned, and one that never ran is refused', async () => {
    const store = memoryStore()
    const world = newWorld()
    world.failures.set('look', [new Error('down')])
    const model = byTurn([{ calls: [call('look', 'a'), { name: 'fly' }] }, { text: 'done' }])
    await using runtime = runtimeOn(store, model, [clerk], world)
    await (await runtime.start(clerk, 'go', { id: 'r' })).result()
    const entries = await runtime.runs.entries('r')
    const failed = entries.findIndex(({ key, kind }) => kind === 'call.failed' && key.endsWith('call:0'))
    const never = entries.findIndex(({ key, kind }) => kind === 'call.failed' && key.endsWith('call:1'))
    const fork = await runtime.fork('r', { at: failed + 1, id: 'f', edit: { kind: 'result', result: 'up' } })
    expect(await fork.result()).toBe('done')
    expect((await runtime.runs.entries('f'))[failed]).toMatchObject({ kind: 'call.returned', body: { result: 'up' } })
    expect((await runtime.replay('f')).status).toBe('matched')
    await expect(runtime.fork('r', { at: never + 1, edit: { kind: 'result', result: 'up' } })).rejects.toThrow(
      `entry ${never} is call.failed, of a call that never ran. Such an edit can be made at: ${failed + 1}`,
    )
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

const go = defineSignal({ name: 'go', payload: z.string() })
const flow = defineWorkflow({
  name: 'flow',
  input: z.object({ word: z.string() }),
  async run(ctx, { word }) {
    const one = await ctx.step('one', () => 'one')
    const two = await ctx
      .step(
        'two',
        () => {
          throw new Error('down')
        },
        { retry: { attempts: 1 } },
      )
      .catch((error: Error) => error.message)
    const read = await ctx.agent(clerk, 'look').catch((error: Error) => error.message)
    const said = await ctx.receive(go)
    return [word, one, two, read, said]
  },
})

describe('a fork of a workflow', () => {
  const model = scriptedModel(() => ({ text: 'read' }))

  /** 0 starts, 1 step, 2 step fails, 3 child starts, 4 child ends, 5 waits, 6 message, 7 completed. */
  async function original(): Promise<Store> {
    const store = memoryStore()
    await using runtime = runtimeOn(store, model, [flow, clerk])
    await (await runtime.start(flow, { word: 'w' }, { id: 'r' })).outcome()
    await runtime.send('r', go, 'gone', { id: 'once' })
    expect(await (await runtime.resume('r')).outcome()).toMatchObject({ output: ['w', 'one', 'down', 'read', 'gone'] })
    return store
  }

  /** Says `go` where it is waited for. */
  async function toEnd(runtime: ReturnType<typeof runtimeOn>, id: string, first: Outcome): Promise<Outcome> {
    if (first.kind !== 'waiting' || first.waiting.kind !== 'signal') return first
    await runtime.send(id, go, 'gone', { id: 'once' })
    return (await runtime.resume(id)).outcome()
  }

  const cases: readonly [string, string, Edit, readonly string[]][] = [
    ['its input', 'run.started', { kind: 'input', input: { word: 'v' } }, ['v', 'one', 'down', 'read', 'gone']],
    ['the result of a step', 'step.returned', { kind: 'result', result: 'uno' }, ['w', 'uno', 'down', 'read', 'gone']],
    ['a step that failed', 'step.failed', { kind: 'result', result: 'two' }, ['w', 'one', 'two', 'read', 'gone']],
    ['what a child came to', 'child.ended', { kind: 'result', result: 'seen' }, ['w', 'one', 'down', 'seen', 'gone']],
    ['a message', 'message.received', { kind: 'message', payload: 'stay' }, ['w', 'one', 'down', 'read', 'stay']],
  ]
  it.each(cases)('goes on with %s edited, wherever its process dies', async (_, kind, edit, output) => {
    const fork = async (store: Store): Promise<Outcome | undefined> => {
      const runtime = runtimeOn(store, model, [flow, clerk])
      const at = (await store.entries('r')).findIndex((entry) => entry.kind === kind) + 1
      return untilCrash(runtime, async () => {
        const run = await runtime.fork('r', { at, id: 'f', effects: 'live', edit })
        return toEnd(runtime, 'f', await run.outcome())
      })
    }
    const counted = crashing(await original(), { at: Infinity, side: 'before' })
    expect(await fork(counted)).toMatchObject({ kind: 'completed', output })
    for (let at = 1; at <= counted.commits; at++) {
      const store = await original()
      const before = await store.entries('r')
      await fork(crashing(store, { at, side: at % 2 ? 'before' : 'after' }))
      await fork(store)
      expect(await fork(store), `commit ${at}`).toMatchObject({ kind: 'completed', output })
      expect(await store.entries('r')).toEqual(before)
      await using runtime = runtimeOn(store, model, [flow, clerk])
      for (const id of ['r', 'f']) expect(await runtime.replay(id)).toMatchObject({ status: 'matched' })
    }
  })

  it('has no instructions and no model of its own', async () => {
    const store = await original()
    expect(await refusal(store, { at: 1, edit: { kind: 'model', model: 'n' } }, [flow, clerk])).toBe(
      'The run "r" cannot be forked at 1 as it is edited: a workflow has no model of its own: its agents run as its children. Fork the run of the child.',
    )
    expect(await refusal(store, { at: 1, edit: { kind: 'input', input: { word: 1 } } }, [flow, clerk])).toMatch(
      /^The input given to workflow "flow" is wrong\./,
    )
  })
})
