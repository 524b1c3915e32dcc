// What tools, steps and workflows give and throw that nobody would expect: a run goes on, and nothing ends the process.
import { memoryStore, scriptedModel } from '@reprise/testing'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import {
  type AnyDefinition,
  atMost,
  createRuntime,
  defineAgent,
  defineSignal,
  defineTeam,
  defineTool,
  defineWorkflow,
  type Json,
  type Logger,
  type Store,
  ToolError,
} from '../src/index.ts'
import { byTurn, outline } from './world.fixture.ts'

const broken = (): never => {
  throw new Error('no text')
}

const odd: readonly (readonly [string, unknown, string])[] = [
  ['an object without a prototype', Object.create(null), 'something that says nothing was thrown'],
  ['nothing', undefined, 'undefined'],
  ['a symbol', Symbol('s'), 'Symbol(s)'],
  [
    'a proxy that throws',
    new Proxy({}, { get: broken, has: broken, getPrototypeOf: broken, ownKeys: broken }),
    '"[unreadable]"',
  ],
  ['an error whose message is an object', Object.assign(new Error('x'), { message: { a: 1n } }), '{"a":"1"}'],
  ['a promise', Promise.resolve(), '[object Promise]'],
]

function runtimeOf(
  definitions: readonly AnyDefinition[],
  models = byTurn([]),
  more: { log?: Logger; store?: Store } = {},
) {
  return createRuntime({ store: memoryStore(), models, definitions, random: () => 0, ...more })
}

test.each(odd)('a tool that throws %s is told to the model', async (_, thrown, text) => {
  const effects: string[] = []
  const tool = (effect: 'once' | 'read') =>
    defineTool({
      name: effect,
      description: '',
      input: z.object({}),
      effect,
      retry: { attempts: 1 },
      execute: () => {
        effects.push(effect)
        throw thrown
      },
    })
  const agent = defineAgent({ name: 'agent', model: 'm', instructions: '', tools: [tool('once'), tool('read')] })
  const told: string[] = []
  const model = scriptedModel(({ items }, nth) => {
    told.push(...items.flatMap((item) => (item.kind === 'result' ? [item.output] : [])))
    return nth === 1 ? { calls: [{ name: 'once' }, { name: 'read' }] } : { text: 'done' }
  })
  await using runtime = runtimeOf([agent], model)
  expect(await (await runtime.start(agent, 'go')).outcome()).toMatchObject({ kind: 'completed' })
  expect(told).toEqual([text, text])
  expect(effects.toSorted()).toEqual(['once', 'read'])
})

const unreadable = (): unknown => new Proxy({}, { get: broken, has: broken, ownKeys: broken })

test.each(['once', 'idempotent'] as const)(
  'a tool (%s) that gives what throws when it is read has run',
  async (effect) => {
    let effects = 0
    const tool = defineTool({
      name: 'tool',
      description: '',
      input: z.object({}),
      effect,
      execute: () => {
        effects++
        return unreadable()
      },
    })
    const agent = defineAgent({ name: 'agent', model: 'm', instructions: '', tools: [tool] })
    await using runtime = runtimeOf([agent], byTurn([{ calls: [{ name: 'tool' }] }, { text: 'done' }]))
    await (await runtime.start(agent, 'go', { id: 'r' })).result()
    const entries = await runtime.runs.entries('r')
    expect(entries.find(({ kind }) => kind === 'call.returned')?.body).toMatchObject({
      result: '[unreadable]',
      lost: [''],
    })
    expect(effects).toBe(1)
  },
)

test('a step that gives what throws when it is read has run', async () => {
  const flow = defineWorkflow({ name: 'flow', input: z.null(), run: (ctx) => ctx.step('odd', unreadable) })
  await using runtime = runtimeOf([flow])
  expect(await (await runtime.start(flow, null)).result()).toBe('[unreadable]')
})

test.each(odd)('a workflow and a step that throw %s fail with words', async (_, thrown, text) => {
  const fails = defineWorkflow({
    name: 'fails',
    input: z.null(),
    run: () => Promise.reject(thrown),
  })
  const steps = defineWorkflow({
    name: 'steps',
    input: z.null(),
    run: async (ctx) => {
      const all = await ctx.map(
        [1],
        (_item, ctx) => ctx.step('x', () => Promise.reject(thrown), { retry: { attempts: 1 } }),
        {
          failures: 'collect',
        },
      )
      return all.map((end) => (end.ok ? '' : end.error.message))
    },
  })
  await using runtime = runtimeOf([fails, steps])
  expect(await (await runtime.start(fails, null)).outcome()).toMatchObject({ kind: 'failed', error: { message: text } })
  expect(await (await runtime.start(steps, null)).result()).toEqual([text])
})

test.each(odd)('a listener that throws %s, at once or later, breaks nothing', async (_, thrown, text) => {
  const agent = defineAgent({ name: 'agent', model: 'm', instructions: '' })
  const lines: string[] = []
  const log = { info: () => undefined, warn: () => undefined, error: (line: string) => void lines.push(line) }
  await using runtime = runtimeOf([agent], byTurn([]), { log })
  const run = await runtime.start(agent, 'go', { id: 'r' })
  run.on('model.replied', () => {
    throw thrown
  })
  // oxlint-disable-next-line typescript/no-misused-promises -- nobody is kept from it.
  run.on('model.replied', () => Promise.reject(thrown))
  expect(await run.outcome()).toMatchObject({ kind: 'completed' })
  expect(lines).toEqual(Array.from({ length: 2 }, () => `A listener of "model.replied" of the run "r" threw: ${text}`))
})

test('a logger that throws, at once or later, breaks nothing', async () => {
  const tool = defineTool({
    name: 'tool',
    description: '',
    input: z.object({}),
    effect: 'read',
    execute: (_, { log }) => {
      log.info('one')
      log.warn('two')
      return 1n
    },
  })
  const agent = defineAgent({ name: 'agent', model: 'm', instructions: '', tools: [tool] })
  // oxlint-disable-next-line typescript/no-misused-promises -- nobody is kept from it.
  const log: Logger = { info: broken, warn: () => Promise.reject(new Error('later')), error: broken }
  await using runtime = runtimeOf([agent], byTurn([{ calls: [{ name: 'tool' }] }]), { log })
  const run = await runtime.start(agent, 'go', { id: 'r' })
  run.on('call.returned', broken)
  expect(await run.outcome()).toMatchObject({ kind: 'completed' })
  expect(outline(await runtime.runs.entries('r'))).toContain('call.returned agent:0/turn:0/call:0')
})

class Refund {
  readonly id = 77n
  readonly fee = Number.NaN
}

test.each(['once', 'idempotent', 'read'] as const)(
  'what a %s tool gave is kept as JSON says it, and counts',
  async (effect) => {
    const keys: string[] = []
    const lines: string[] = []
    const refund = defineTool({
      name: 'refund',
      description: '',
      input: z.object({ order: z.string() }),
      effect,
      execute: (_, { idempotencyKey }) => {
        keys.push(idempotencyKey)
        return { refund: new Refund(), lines: new Map([['a', undefined]]) }
      },
    })
    const agent = defineAgent({
      name: 'agent',
      model: 'm',
      instructions: '',
      tools: [refund],
      rules: [atMost(refund, 1)],
    })
    const model = byTurn([
      { calls: [{ name: 'refund', arguments: { order: '1' } }] },
      { calls: [{ name: 'refund', arguments: { order: '1' } }] },
    ])
    const log = { info: () => undefined, warn: (line: string) => void lines.push(line), error: () => undefined }
    await using runtime = runtimeOf([agent], model, { log })
    for (const id of ['r', 's']) {
      await (await runtime.start(agent, 'go', { id })).result()
      const entries = await runtime.runs.entries(id)
      expect(entries.find(({ kind }) => kind === 'call.returned')?.body).toMatchObject({
        result: { refund: { id: '77', fee: null }, lines: {} },
        lost: ['.refund', '.refund.id', '.refund.fee', '.lines'],
      })
      expect(entries.filter(({ kind, body }) => kind === 'call.judged' && !body.allowed)).toHaveLength(1)
      expect(await runtime.replay(id)).toMatchObject({ status: 'matched' })
    }
    expect(keys).toEqual(['r/agent:0/turn:0/call:0', 's/agent:0/turn:0/call:0'])
    expect(lines).toEqual([
      'Tool "refund" ran, and gave what JSON cannot say: .refund is a Refund. What is recorded, and given on, is what JSON can say of it. Return plain JSON.',
    ])
  },
)

test('a step gives the workflow what is kept of its result, live as after a crash', async () => {
  const seen: unknown[] = []
  const flow = defineWorkflow({
    name: 'flow',
    input: z.null(),
    run: async (ctx) => {
      const refund: unknown = await ctx.step('refund', () => new Refund())
      seen.push(refund)
      return refund
    },
  })
  await using runtime = runtimeOf([flow])
  expect(await (await runtime.start(flow, null, { id: 'r' })).result()).toEqual({ id: '77', fee: null })
  expect(await runtime.replay('r')).toMatchObject({ status: 'matched' })
  expect(seen).toEqual([
    { id: '77', fee: null },
    { id: '77', fee: null },
  ])
  const step = (await runtime.runs.entries('r')).find(({ kind }) => kind === 'step.returned')
  expect(step?.body).toMatchObject({ lost: ['', '.id', '.fee'] })
})

/** Runs an agent that calls a tool twice, whose first call throws, and may call it once by a rule. */
async function callsOf(effect: 'read' | 'idempotent' | 'once', thrown: unknown): Promise<number> {
  let calls = 0
  const refund = defineTool({
    name: 'refund',
    description: '',
    input: z.object({}),
    effect,
    ...(effect !== 'once' && { retry: { attempts: 1 } }),
    execute: () => {
      if (++calls === 1) throw thrown
      return 'done'
    },
  })
  const agent = defineAgent({
    name: 'agent',
    model: 'm',
    instructions: '',
    tools: [refund],
    rules: [atMost(refund, 1)],
  })
  await using runtime = runtimeOf([agent], byTurn([{ calls: [{ name: 'refund' }] }, { calls: [{ name: 'refund' }] }]))
  await (await runtime.start(agent, 'go', { id: 'r' })).result()
  expect(await runtime.replay('r')).toMatchObject({ status: 'matched' })
  return calls
}

test('a call whose effect may have happened counts for atMost, though its tool threw', async () => {
  expect(await callsOf('once', new Error('the line went dead'))).toBe(1)
  expect(await callsOf('idempotent', new Error('the line went dead'))).toBe(1)
  const busy = new ToolError({ code: 'busy', message: 'Busy.', retryable: true })
  expect(await callsOf('idempotent', busy)).toBe(1)
})

test('a call that its tool refused, and one that only reads, do not count for atMost', async () => {
  const refused = new ToolError({ code: 'no_such_order', message: 'There is no such order.' })
  expect(await callsOf('once', refused)).toBe(2)
  expect(await callsOf('idempotent', refused)).toBe(2)
  expect(await callsOf('read', new Error('the line went dead'))).toBe(2)
})

function nested(levels: number): Json {
  let value: Json = 1
  for (let level = 0; level < levels; level++) value = [value]
  return value
}

test('what nests too deep is refused where it comes in, by its path', async () => {
  const said = /a?\.?v(\[0\]){38}.*…: It is nested more than 200 levels deep; got one that is deeper$/
  const message = { message: expect.stringMatching(said) as string }
  const agent = defineAgent({ name: 'agent', model: 'm', instructions: '', context: z.object({ a: z.any() }) })
  const word = defineSignal({ name: 'word', payload: z.any() })
  const flow = defineWorkflow({ name: 'flow', input: z.any(), run: (ctx) => ctx.receive(word) })
  await using runtime = runtimeOf([agent, flow])
  const value = { a: { v: nested(100_000) } }
  await expect(runtime.start(agent, 'go', { context: value })).rejects.toMatchObject({
    ...message,
    code: 'bad_context',
  })
  await expect(runtime.enqueue(flow, value)).rejects.toMatchObject({ ...message, code: 'bad_input' })
  await runtime.start(flow, { a: nested(199) }, { id: 'r' })
  await expect(runtime.send('r', word, value)).rejects.toMatchObject({ ...message, code: 'bad_signal' })
  await runtime.send('r', word, { a: nested(199) })
})

test('a child that is given what JSON cannot say fails with words, and its workflow may catch that', async () => {
  const circle: Record<string, unknown> = {}
  circle['self'] = circle
  const child = defineWorkflow({ name: 'child', input: z.any(), run: async () => null })
  const flow = defineWorkflow({
    name: 'flow',
    input: z.null(),
    run: async (ctx) => {
      const said = async (input: unknown): Promise<string> => ctx.child(child, input).then(() => '', String)
      return [await said(circle), await said(nested(100_000))]
    },
  })
  await using runtime = runtimeOf([child, flow])
  expect(await (await runtime.start(flow, null)).result()).toEqual([
    'StepError: The input given to workflow "child" cannot be kept in a journal: .self is a circle. Use plain JSON.',
    expect.stringContaining('It is nested more than 200 levels deep') as string,
  ])
})

describe('instructions that throw', () => {
  const open = { context: z.object({ name: z.string().optional() }) }
  const orders = defineAgent({
    ...open,
    name: 'orders',
    model: 'm',
    instructions: ({ context }) => `You help ${context.name?.toUpperCase() ?? broken()}.`,
  })
  const said =
    'The instructions of agent "orders" threw: no text. They must give text for every context that its schema takes, at once: mend them, and take the run up again.'

  test('are told to whoever starts a run by them, as instructions that are no text are', async () => {
    const late = defineAgent({
      name: 'late',
      model: 'm',
      instructions: (() => Promise.reject(new Error('later'))) as never,
    })
    await using runtime = runtimeOf([orders, late])
    await expect(runtime.start(orders, 'go', { context: {} })).rejects.toMatchObject({
      code: 'instructions_threw',
      message: said,
    })
    await expect(runtime.start(late, 'go')).rejects.toThrow('The instructions of agent "late" gave a promise.')
  })

  test('at a handoff interrupt the run, whose reply is kept and asked for once', async () => {
    const triage = defineAgent({ name: 'triage', model: 'm', instructions: 'Route.' })
    const desk = defineTeam({ name: 'desk', entry: triage, handoffs: [[triage, [orders]]] })
    let asked = 0
    const model = scriptedModel(() => {
      asked++
      return { calls: [{ name: 'transfer_to_orders' }] }
    })
    await using runtime = runtimeOf([desk], model)
    const run = await runtime.start(desk, 'go', { id: 'r', context: {} })
    expect(await run.outcome()).toMatchObject({
      kind: 'waiting',
      waiting: { kind: 'interrupted', error: { code: 'instructions_threw', message: said } },
    })
    expect(await (await runtime.resume('r')).outcome()).toMatchObject({ kind: 'waiting' })
    expect(asked).toBe(1)
    expect(outline(await runtime.runs.entries('r'))).toContain('model.replied agent:0/turn:0')
  })

  test('keep no run from going on that has recorded what they were', async () => {
    let text: () => string = () => 'Serve.'
    const agent = defineAgent({ name: 'agent', model: 'm', instructions: () => text() })
    const store = memoryStore()
    const first = runtimeOf(
      [agent],
      scriptedModel(() => ({ error: { code: 'away', retryable: false } }) as never),
      { store },
    )
    await (await first.start(agent, 'go', { id: 'r' })).outcome()
    await first.close()
    text = broken
    await using runtime = runtimeOf([agent], byTurn([]), { store })
    expect(await runtime.replay('r')).toMatchObject({
      divergence: null,
      differences: [{ field: 'instructions', recorded: 'Serve.', today: said.replace('orders', 'agent') }],
    })
  })
})

test('an answer with a number that would be rounded, or that nests too deep, goes back with its place', async () => {
  const agent = defineAgent({
    name: 'agent',
    model: 'm',
    instructions: '',
    output: z.object({ id: z.number(), v: z.json() }),
  })
  const deep = `{"id":1,"v":${'['.repeat(5_000)}${']'.repeat(5_000)}}`
  const answers = ['{"id":9007199254740993,"v":1}', deep, '{"id":1,"v":1}']
  const told: string[] = []
  const model = scriptedModel(({ items }, nth) => {
    const last = items.at(-1)
    if (last?.kind === 'user') told.push(last.text)
    return { text: answers[nth - 1] ?? '' }
  })
  await using runtime = runtimeOf([agent], model)
  expect(await (await runtime.start(agent, 'go', { id: 'r' })).result()).toEqual({ id: 1, v: 1 })
  expect(told).toEqual([
    'go',
    expect.stringContaining(
      '\nid is 9007199254740993, a number that would be rounded here. Where text is taken, write it in quotes; else write one that is no greater than 9007199254740991.\n',
    ),
    expect.stringMatching(/\nv\[0\].*… is nested more than 200 levels deep\. Write it flatter\.\n/),
  ])
  expect(await runtime.replay('r')).toMatchObject({ status: 'matched' })
})

test('arguments that nest deeper than any stack are told to the model, whose reply is kept', async () => {
  const tool = defineTool({
    name: 'tool',
    description: '',
    input: z.object({ a: z.string() }),
    effect: 'read',
    execute: ({ a }) => a,
  })
  const agent = defineAgent({ name: 'agent', model: 'm', instructions: '', tools: [tool] })
  const deep = `{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}`
  await using runtime = runtimeOf([agent], byTurn([{ calls: [{ name: 'tool', arguments: deep }] }]))
  const run = await runtime.start(agent, 'go', { id: 'r' })
  expect(await run.outcome()).toMatchObject({ kind: 'completed', totals: { turns: 2 } })
  const failed = (await runtime.runs.entries('r')).find(({ kind }) => kind === 'call.failed')
  expect(failed?.body).toMatchObject({
    error: {
      code: 'bad_arguments',
      message: expect.stringMatching(/a\[0\].* is nested more than 200 levels deep/) as string,
    },
  })
  expect(await runtime.replay('r')).toMatchObject({ status: 'matched' })
})

test('a number that would be rounded here acts on nothing: the model is told where it stands', async () => {
  const ids: number[] = []
  const cancel = defineTool({
    name: 'cancel',
    description: '',
    input: z.object({ ids: z.array(z.number()) }),
    effect: 'once',
    execute: (input) => void ids.push(...input.ids),
  })
  const agent = defineAgent({ name: 'agent', model: 'm', instructions: '', tools: [cancel] })
  const model = byTurn([
    { calls: [{ name: 'cancel', arguments: '{"ids":[7,9007199254740993]}' }] },
    { calls: [{ name: 'cancel', arguments: '{"ids":[7,9007199254740992,0.1000000000000000055]}' }] },
  ])
  await using runtime = runtimeOf([agent], model)
  await (await runtime.start(agent, 'go', { id: 'r' })).result()
  expect(ids).toEqual([7, 9007199254740992, 0.1])
  const failed = (await runtime.runs.entries('r')).find((entry) => entry.kind === 'call.failed')
  expect(failed?.body.error.message).toBe(
    'Not executed: the arguments of cancel cannot be taken as they are written: ids[1] is 9007199254740993, a number that would be rounded here. Where text is taken, write it in quotes; else write one that is no greater than 9007199254740991. Call it again with this mended.',
  )
  expect(await runtime.replay('r')).toMatchObject({ status: 'matched' })
})

test('half an emoji, as a cut leaves it, is sent to no model, nor as JSON writes it', async () => {
  const half = 'Party 🎉'.slice(0, 7)
  const given = [half, { [half]: `${half} 🎉`, code: '"\\ud83c"' }]
  const tool = defineTool({
    name: 'tool',
    description: '',
    input: z.object({ nth: z.number() }),
    effect: 'read',
    execute: ({ nth }) => given[nth] ?? null,
  })
  const agent = defineAgent({ name: 'agent', model: 'm', instructions: half, tools: [tool] })
  const sent: unknown[] = []
  const model = scriptedModel(({ instructions, items }, nth) => {
    if (nth === 2)
      sent.push(
        instructions,
        ...items.map((item) => (item.kind === 'user' ? item : item.kind === 'result' ? item.output : item.kind)),
      )
    return nth === 1 ? { calls: [0, 1].map((at) => ({ name: 'tool', arguments: { nth: at } })) } : { text: 'done' }
  })
  await using runtime = runtimeOf([agent], model)
  await (await runtime.start(agent, { text: half, parts: [{ kind: 'text', text: half }] })).result()
  const whole = 'Party \ufffd'
  expect(sent).toEqual([
    whole,
    { kind: 'user', text: whole, parts: [{ kind: 'text', text: whole }] },
    'call',
    'call',
    whole,
    `{"${whole}":"${whole} 🎉","code":"\\"\\\\ud83c\\""}`,
  ])
})
