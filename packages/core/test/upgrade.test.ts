// The code changes under a run, in every way that it can (fault 21). What is text is governed by onChange; what is
// another path stops the run, which stays as it is for code that fits.
import { memoryStore, type ScriptedModel, scriptedModel } from '@reprise/testing'
import { describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import type * as judging from '../src/agent/rules/evaluate-rules.ts'
import { atMost, createRuntime, defineAgent, defineTool, type OnChange, type Store } from '../src/index.ts'
import { outline } from './world.fixture.ts'

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined }
const id = z.object({ id: z.string() })

function toolOf(name: string, options: { input?: z.ZodObject; description?: string; approval?: boolean } = {}) {
  const { input = id, description = 'Does it.', approval = false } = options
  return defineTool({ name, description, input, effect: 'idempotent', approval, execute: () => `${name} is done` })
}

const look = toolOf('look')
const spare = toolOf('spare')
const pay = toolOf('pay', { approval: true })
const base = {
  name: 'clerk',
  model: 'gpt-4.1-mini',
  instructions: 'Serve teh customer.',
  tools: [look, spare, pay],
  output: z.object({ total: z.number() }),
} as const
const recorded = defineAgent(base)

/** Looks, pays, answers; tells what it was asked with. */
function clerkModel(seen: unknown[] = []): ScriptedModel {
  return scriptedModel(({ card, instructions, items }) => {
    seen.push([
      instructions,
      card.model,
      card.tools.map(({ name }) => name).join(' '),
      Object.keys(card.output?.schema.properties ?? {}),
    ])
    if (items.length === 1) return { calls: [{ name: 'look', arguments: { id: 'a' } }] }
    return items.length === 3
      ? { calls: [{ name: 'pay', arguments: { id: 'a' } }] }
      : { text: '{"total":12,"currency":"eur"}' }
  })
}

const key = 'agent:0/turn:1/call:0'

/** A run that has looked and waits for somebody to allow it to pay. */
async function waiting(): Promise<Store> {
  const store = memoryStore()
  const runtime = createRuntime({ store, models: clerkModel(), definitions: [recorded] })
  await (await runtime.start(recorded, 'go', { id: 'r' })).outcome()
  await runtime.close()
  return store
}

type Options = Partial<Omit<Parameters<typeof defineAgent>[0], 'tools' | 'output'>> & {
  readonly tools?: readonly ReturnType<typeof toolOf>[]
  readonly output?: z.ZodObject
}

/** Allows the call under other code, and tells how the run went on. */
async function allowedUnder(change: Options, onChange: OnChange) {
  const store = await waiting()
  const seen: unknown[] = []
  // Its types follow each tool and the output: here they are any.
  const agent = defineAgent({ ...base, ...change, onChange } as unknown as typeof base)
  await using runtime = createRuntime({ store, models: clerkModel(seen), definitions: [agent], log: quiet })
  const before = (await store.entries('r')).length
  const outcome = await runtime.approve('r', key, { by: 'ana' }).then(
    async (run) => (await run.outcome()).kind,
    (error: Error) => error.message,
  )
  const entries = await runtime.runs.entries('r')
  return { outcome, asked: seen, written: outline(entries.slice(before)), replay: await runtime.replay('r') }
}

const old = ['Serve teh customer.', 'gpt-4.1-mini', 'look spare pay', ['total']]
const went = [`approval.given ${key}`, `call.returned ${key}`, 'model.replied agent:0/turn:2', 'run.completed run']
const changed = 'definition.changed run'

/** What the next request holds under `pin` and under `adopt`; and whether `pin` has to write that the schemas changed. */
const TEXTS: readonly [string, Options, field: string, pinned: readonly unknown[], adopted: readonly unknown[]][] = [
  [
    'the instructions',
    { instructions: 'Serve the customer.' },
    'instructions',
    old,
    ['Serve the customer.', ...old.slice(1)],
  ],
  ['the model', { model: 'gpt-6-luna' }, 'model', old, [old[0], 'gpt-6-luna', ...old.slice(2)]],
  ['the words of a tool', { tools: [look, toolOf('spare', { description: 'Is there.' }), pay] }, 'tools', old, old],
  ['the version', { version: 2 }, 'version', old, old],
]
const ADDED = ['Serve teh customer.', 'gpt-4.1-mini', 'look spare pay more', ['total']]
const GONE = ['Serve teh customer.', 'gpt-4.1-mini', 'look pay', ['total']]
const OTHER = ['Serve teh customer.', 'gpt-4.1-mini', 'look other pay', ['total']]
const wider = z.object({ id: z.string(), note: z.string().optional() })
const SCHEMAS: readonly [string, Options, field: string, next: readonly unknown[]][] = [
  ['a tool that was added', { tools: [look, spare, pay, toolOf('more')] }, 'tools', ADDED],
  ['a tool that was removed, which the run has not used', { tools: [look, pay] }, 'tools', GONE],
  ['a tool that was renamed, which the run has not used', { tools: [look, toolOf('other'), pay] }, 'tools', OTHER],
  [
    'a schema that takes what was sent as it was',
    { tools: [toolOf('look', { input: wider }), spare, pay] },
    'tools',
    old,
  ],
  [
    'the output',
    { output: z.object({ total: z.number(), currency: z.string() }) },
    'output',
    ['Serve teh customer.', 'gpt-4.1-mini', 'look spare pay', ['total', 'currency']],
  ],
]

describe('other text', () => {
  it.each(TEXTS)('of %s: pin goes on with what was recorded', async (_, change, field, pinned) => {
    const { outcome, asked, written, replay } = await allowedUnder(change, 'pin')
    expect([outcome, asked, written]).toEqual(['completed', [pinned], went])
    expect(replay.status).toBe('matched')
    expect(replay.differences.map((difference) => difference.field)).toContain(field)
  })

  it.each(TEXTS)('of %s: adopt takes it, and writes that down first', async (_, change, _field, _pinned, adopted) => {
    const { outcome, asked, written, replay } = await allowedUnder(change, 'adopt')
    expect([outcome, asked, written]).toEqual(['completed', [adopted], [changed, ...went]])
    expect(replay.status).toBe('matched')
  })

  it.each([...TEXTS, ...SCHEMAS].map(([what, change, field]) => [what, change, field] as const))(
    'of %s: stop refuses, names what changed, and leaves the run as it is',
    async (_, change, field) => {
      const { outcome, asked, written, replay } = await allowedUnder(change, 'stop')
      expect(outcome).toContain(
        `The run "r" does not go on, since its definition says onChange: 'stop' and the ${field} of "clerk"`,
      )
      expect([asked, written]).toEqual([[], []])
      expect(replay.status).toBe('matched')
    },
  )

  it.each(SCHEMAS)(
    'of %s: pin keeps the words, and takes the schemas that today’s code takes',
    async (_, change, _field, next) => {
      const { outcome, asked, written, replay } = await allowedUnder({ ...change, instructions: 'Other.' }, 'pin')
      expect([outcome, asked, written]).toEqual(['completed', [next], [changed, ...went]])
      expect(replay.status).toBe('matched')
    },
  )

  it.each(SCHEMAS)('of %s: adopt takes all of it', async (_, change, _field, [, ...next]) => {
    const { outcome, asked, written, replay } = await allowedUnder({ ...change, instructions: 'Other.' }, 'adopt')
    expect([outcome, asked, written]).toEqual(['completed', [['Other.', ...next]], [changed, ...went]])
    expect(replay.status).toBe('matched')
  })

  it('that the framework says itself changes nothing: it is recorded', async () => {
    const store = memoryStore()
    // Another build of the framework, which says everything in capitals.
    vi.resetModules()
    vi.doMock('../src/agent/rules/evaluate-rules.ts', async (original) => {
      const real = await original<typeof judging>()
      return {
        ...real,
        evaluateRules: (...args: Parameters<typeof real.evaluateRules>) => {
          const verdict = real.evaluateRules(...args)
          return verdict.kind === 'refused' ? { ...verdict, told: verdict.told.toUpperCase() } : verdict
        },
      }
    })
    const older = await import('../src/index.ts')
    vi.doUnmock('../src/agent/rules/evaluate-rules.ts')
    vi.resetModules()
    const told: string[] = []
    const models = scriptedModel(({ items }) => {
      const last = items.at(-1)
      if (last?.kind === 'result') told.push(last.output)
      const name = ['look', 'look', 'pay'][told.length]
      return name === undefined ? { text: 'done' } : { calls: [{ name, arguments: { id: 'a' } }] }
    })
    const rules = [atMost(look, 1)]
    const ruled = defineAgent({
      name: 'ruled',
      model: 'm',
      instructions: '',
      tools: [look, pay],
      rules,
      onChange: 'stop',
    })
    const one = older.createRuntime({ store, models, definitions: [ruled] })
    await (await one.start(ruled, 'go', { id: 'r' })).outcome()
    await one.close()
    await using two = createRuntime({ store, models, definitions: [ruled] })
    const run = await two.approve('r', 'agent:0/turn:2/call:0', { by: 'ana' })
    expect(await run.result()).toBe('done')
    expect(told).toEqual([
      'look is done',
      'NOT EXECUTED: LOOK MAY BE CALLED ONLY ONCE IN THIS CONVERSATION, AND IT WAS. GO ON WITHOUT IT.',
      'pay is done',
    ])
    expect(await two.replay('r')).toMatchObject({ status: 'matched', differences: [] })
  })
})

const WAYS_OUT =
  "Pin it: give createRuntime the version that wrote it beside today's; or patch it: give the agent back what took that step; " +
  'or fork it before that step: runtime.fork("r", { at: 2 }).'

/** Changes that make another path of what the run has done. */
const PATHS: readonly [string, Options, today: string][] = [
  ['a tool that was removed', { tools: [spare, pay] }, 'call.failed look at agent:0/turn:0/call:0 (unknown_tool)'],
  [
    'a tool that was renamed',
    { tools: [toolOf('find'), spare, pay] },
    'call.failed look at agent:0/turn:0/call:0 (unknown_tool)',
  ],
  [
    'a schema that makes other arguments of what was sent',
    { tools: [toolOf('look', { input: z.object({ id: z.string(), depth: z.number().default(1) }) }), spare, pay] },
    'call.judged look at agent:0/turn:0/call:0 with {"id":"a","depth":1} (allowed)',
  ],
  [
    'a schema that does not take what was sent',
    { tools: [toolOf('look', { input: z.object({ id: z.string(), depth: z.number() }) }), spare, pay] },
    'call.failed look at agent:0/turn:0/call:0 (bad_arguments)',
  ],
]

describe('another path', () => {
  it.each(PATHS)(
    'by %s stops the run, whatever onChange says, and names the step, both values and the ways out',
    async (_, change, today) => {
      for (const onChange of ['pin', 'adopt', 'stop'] as const) {
        const { outcome, asked, written, replay } = await allowedUnder(change, onChange)
        expect(outcome).toBe(
          'The run "r" cannot go on under today\'s code of agent "clerk", version 1: its entry 2 is call.judged look at agent:0/turn:0/call:0 ' +
            `with {"id":"a"} (allowed), and today's code would ${today}. ${WAYS_OUT}`,
        )
        expect([asked, written]).toEqual([[], []])
        expect(replay).toMatchObject({ status: 'diverged', divergence: { seq: 2, today } })
      }
    },
  )

  const renamed = { ...base, version: 2, tools: [toolOf('find'), spare, pay] } as const

  it('is pinned by the version that wrote it, which stands beside today’s', async () => {
    const store = await waiting()
    const today = defineAgent(renamed)
    const seen: unknown[] = []
    await using runtime = createRuntime({ store, models: clerkModel(seen), definitions: [today, recorded] })
    expect((await runtime.replay('r')).status).toBe('matched')
    expect(await (await runtime.approve('r', key, { by: 'ana' })).result()).toEqual({ total: 12 })
    expect(seen).toEqual([old])
    await (await runtime.start(today, 'go', { id: 'new' })).outcome()
    expect((await runtime.runs.list()).map(({ id, version }) => `${id} ${version}`)).toEqual(['r 1', 'new 2'])
    expect((await runtime.replay('new')).status).toBe('matched')
  })

  it('is forked before the step that today’s code would not take', async () => {
    const store = await waiting()
    const today = defineAgent(renamed)
    const models = scriptedModel(({ items }) =>
      items.length === 1 ? { calls: [{ name: 'find', arguments: { id: 'a' } }] } : { text: '{"total":1}' },
    )
    await using runtime = createRuntime({ store, models, definitions: [today] })
    // At entry 2 the call of the old name is left open: the model is told that there is no such tool.
    const told = await runtime.fork('r', { at: 2, id: 'told', effects: 'live' })
    expect(await told.result()).toEqual({ total: 1 })
    const fork = await runtime.fork('r', { at: 1, id: 'f', effects: 'live' })
    expect(await fork.result()).toEqual({ total: 1 })
    expect(outline(await runtime.runs.entries('f')).slice(1, 6)).toEqual([
      'run.forked run',
      changed,
      'model.replied agent:0/turn:0',
      'call.judged agent:0/turn:0/call:0',
      'call.returned agent:0/turn:0/call:0',
    ])
    for (const id of ['told', 'f']) expect((await runtime.replay(id)).status, id).toBe('matched')
    expect(await runtime.runs.get('r')).toMatchObject({ status: 'waiting' })
  })

  it('is patched by a tool that has the old name still', async () => {
    const { outcome, replay } = await allowedUnder({ tools: [toolOf('find'), look, spare, pay] }, 'pin')
    expect([outcome, replay.status]).toEqual(['completed', 'matched'])
  })
})
