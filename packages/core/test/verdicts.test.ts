// What was decided of a call is what runs: also on another day, under another deploy, and by another process.
import { setImmediate } from 'node:timers/promises'
import { sqlite } from '@reprise/store'
import { crashing, memoryStore, scriptedModel } from '@reprise/testing'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  after,
  type CallContext,
  createRuntime,
  defineAgent,
  defineTool,
  type Effect,
  type JsonObject,
  type Outcome,
  type Store,
} from '../src/index.ts'
import { untilCrash } from './world.fixture.ts'

const key = 'agent:0/turn:0/call:0'
const warned: string[] = []
const log = { info: () => undefined, warn: (line: string) => void warned.push(line), error: () => undefined }

/** What a tool was given, one line an attempt. */
const given: string[] = []

const usd = z.object({ usd: z.number() })

interface Options {
  readonly effect?: Effect
  /** Types say that it is true or false. */
  readonly approval?: boolean | ((input: object) => boolean)
  readonly input?: z.ZodObject
  readonly failures?: number
  /** Whether it may be called only after another tool has been. */
  readonly isSecond?: boolean
}

type Till = ReturnType<typeof till>

function till({ effect = 'idempotent', input = usd, failures = 0, approval = false, isSecond }: Options = {}) {
  let left = failures
  const pay = defineTool({
    name: 'pay',
    description: 'Pays.',
    input,
    effect: effect as 'idempotent',
    retry: { attempts: 3, baseMs: 1 },
    approval,
    // It takes a turn of the event loop, so that a read shares no commit with the reply that asked for it.
    execute: async (args: object, { idempotencyKey }: CallContext) => {
      await setImmediate()
      given.push(`${idempotencyKey} ${JSON.stringify(args)}`)
      if (left-- > 0) throw new Error('The line is busy.')
      return 'paid'
    },
  })
  const ask = defineTool({
    name: 'ask',
    description: 'Asks.',
    input: z.object({}),
    effect: 'read',
    execute: () => 'yes',
  })
  const second = { tools: [pay, ask], rules: [after(pay, ask)] }
  return defineAgent({ name: 'till', model: 'm', instructions: '', ...(isSecond ? second : { tools: [pay] }) })
}

const heard: string[] = []

/** Calls the tool once, and then says `done`. */
function model(args: JsonObject = { usd: 50 }) {
  return scriptedModel(({ items }) => {
    const last = items.at(-1)
    if (last?.kind !== 'result') return { calls: [{ name: 'pay', arguments: args }] }
    heard.push(last.output)
    return { text: 'done' }
  })
}

function runtimeOn(store: Store, definition: Till, models = model()) {
  given.length = heard.length = warned.length = 0
  return createRuntime({ store, models, definitions: [definition], log, random: () => 0 })
}

/** Runs until its process dies at a write, and gives what the tool had been given by then. */
async function dying(store: Store, definition: Till, at: number, models = model()): Promise<string[]> {
  const runtime = runtimeOn(crashing(store, { at, side: 'before' }), definition, models)
  await untilCrash(runtime, async () => (await runtime.start(definition, 'go', { id: 'r' })).outcome())
  return [...given]
}

const kinds = async (store: Store): Promise<string[]> => (await store.entries('r')).map(({ kind }) => kind)

describe('a call that needed nobody’s word', () => {
  it.each<[string, Options, Options]>([
    ['by a function that says otherwise today', { approval: () => false }, { approval: () => true }],
    ['by a tool that asked for none', {}, { approval: true }],
    ['by a tool that is another thing today', {}, { approval: true, effect: 'idempotent' }],
  ])('%s, and may have run, goes on without, and the run replays', async (_, before, today) => {
    const store = memoryStore()
    expect(await dying(store, till(before), 3)).toEqual([`r/${key} {"usd":50}`])
    expect(await kinds(store)).toEqual(['run.started', 'model.replied', 'call.judged'])
    await using runtime = runtimeOn(store, till(today))
    expect(await (await runtime.resume('r')).result()).toBe('done')
    expect([given, heard]).toEqual([[`r/${key} {"usd":50}`], ['paid']])
    expect(await runtime.replay('r')).toMatchObject({
      status: 'matched',
      divergence: null,
      differences: [{ seq: 2, agent: 'till', field: 'approval of pay', recorded: '"not needed"', today: '"needed"' }],
    })
  })

  it('is taken up on another day, whatever the call did to the world', async () => {
    for (const effect of ['read', 'idempotent', 'once'] as const) {
      const store = memoryStore()
      await dying(store, till({ effect, approval: () => false }), 4)
      expect((await kinds(store)).slice(-1), effect).toEqual(['call.returned'])
      await using runtime = runtimeOn(store, till({ effect, approval: () => true }))
      expect(await (await runtime.resume('r')).result(), effect).toBe('done')
      expect((await runtime.replay('r')).status).toBe('matched')
    }
  })

  it('of a read that may have run is asked for, and nobody says then that it was not executed', async () => {
    const store = memoryStore()
    await dying(store, till({ effect: 'read' }), 3)
    expect(await kinds(store)).toEqual(['run.started', 'model.replied'])
    await using runtime = runtimeOn(store, till({ effect: 'read', approval: true }))
    expect(await (await runtime.resume('r')).outcome()).toMatchObject({ waiting: { kind: 'approval', id: key } })
    expect(await (await runtime.reject('r', key, { by: 'ana' })).result()).toBe('done')
    expect(heard).toEqual([
      'Not allowed: ana did not allow pay with these arguments. It may have been executed before that: find out before you call it again.',
    ])
    expect((await runtime.replay('r')).status).toBe('matched')
  })
})

describe('a rule that is new', () => {
  it('refuses no call that was allowed and may have run, where its run is taken up; a replay says that it would', async () => {
    const store = memoryStore()
    await dying(store, till(), 3)
    expect(await kinds(store)).toEqual(['run.started', 'model.replied', 'call.judged'])
    await using runtime = runtimeOn(store, till({ isSecond: true }))
    expect(await (await runtime.resume('r')).result()).toBe('done')
    expect([given, heard]).toEqual([[`r/${key} {"usd":50}`], ['paid']])
    expect(await runtime.replay('r')).toMatchObject({
      status: 'diverged',
      divergence: { seq: 2, key, recorded: `call.judged pay at ${key} with {"usd":50} (allowed)` },
    })
  })
})

describe('a call that may have run before somebody refuses it', () => {
  it('is not said to be not executed, when its tool has changed since it was allowed', async () => {
    const store = memoryStore()
    await dying(store, till({ approval: true }), 4)
    const first = runtimeOn(crashing(store, { at: 2, side: 'before' }), till({ approval: true }))
    await untilCrash(first, async () => (await first.approve('r', key, { by: 'ana' })).outcome())
    expect(given).toEqual([`r/${key} {"usd":50}`])
    const today = till({ approval: true, input: z.object({ usd: z.number(), note: z.string().optional() }) })
    await using runtime = runtimeOn(store, today)
    expect(await (await runtime.resume('r')).outcome()).toMatchObject({ waiting: { id: `${key}#2` } })
    expect(await (await runtime.reject('r', `${key}#2`, { by: 'ana', reason: 'no' })).result()).toBe('done')
    expect(heard).toEqual([
      'Not allowed: ana did not allow pay with these arguments: no. It may have been executed before that: find out before you call it again.',
    ])
    expect((await runtime.replay('r')).status).toBe('matched')
  })
})

describe('an approval that is a function', () => {
  it('counts as yes, once, where it throws', async () => {
    let asked = 0
    const approval = (): boolean => {
      asked++
      throw new Error('The settings are away.')
    }
    const agent = till({ approval })
    await using runtime = runtimeOn(memoryStore(), agent)
    expect(await (await runtime.start(agent, 'go', { id: 'r' })).outcome()).toMatchObject({ waiting: { id: key } })
    expect(asked).toBe(1)
  })

  it('counts as yes where it gives a promise, and that is said once to whoever wrote it', async () => {
    // JavaScript lets it be; types do not.
    const approval = (() => Promise.reject(new Error('late'))) as unknown as () => boolean
    const agent = till({ approval })
    await using runtime = runtimeOn(memoryStore(), agent)
    for (const id of ['a', 'b'])
      expect(await (await runtime.start(agent, 'go', { id })).outcome()).toMatchObject({ kind: 'waiting' })
    expect(warned).toEqual([
      'Tool "pay": its approval gave a promise, which nobody awaits, so that every call of it must be allowed. Let it say true or false at once.',
    ])
    expect(given).toEqual([])
  })
})

describe('a schema that gives something new each time', () => {
  let nth = 0
  const numbered = z.object({ usd: z.number(), ref: z.number().default(() => ++nth) })

  it.each<[string, Options]>([
    ['of a tool that is tried again', { input: numbered, failures: 2 }],
    ['of a tool that only reads', { input: numbered, failures: 2, effect: 'read' }],
    ['of a call that somebody must allow', { input: numbered, failures: 2, approval: true }],
    ['of one that asks by what it is given', { input: numbered, approval: (args) => 'ref' in args }],
    ['of a call that must not happen twice', { input: numbered, effect: 'once', approval: true }],
  ])('%s gives it once: whatever dies, each attempt has the same', async (_, options) => {
    const whole = crashing(memoryStore(), { at: Infinity, side: 'before' })
    await allow(whole, till({ ...options, failures: 0 }))
    for (let at = 2; at <= whole.commits; at++) {
      for (const side of ['before', 'after'] as const) {
        const store = memoryStore()
        const seen: string[] = []
        let died = false
        for (const life of [crashing(store, { at, side }), store]) {
          await allow(life, till(died ? { ...options, failures: 0 } : options)).catch(() => (died = true))
          seen.push(...given)
          // A read may begin before what led to it is committed: a reply that was lost has asked for another call.
          if (!(await kinds(store)).includes('model.replied')) seen.length = 0
        }
        const where = `${side} write ${at}: ${(await kinds(store)).join(' ')}`
        expect(new Set(seen).size, where).toBe(1)
        expect(seen[0], where).toMatch(/^r\/agent:0\/turn:0\/call:0 \{"usd":50,"ref":\d+\}$/)
        await using runtime = runtimeOn(store, till(options))
        expect((await runtime.replay('r')).status, where).toBe('matched')
      }
    }
  })

  /** Lives once: starts the run, and allows and settles what waits, until it ends. */
  async function allow(store: Store, agent: Till): Promise<void> {
    const runtime = runtimeOn(store, agent, model({ usd: 50, ref: null }))
    await untilCrash(runtime, async () => {
      let outcome: Outcome = await (await runtime.start(agent, 'go', { id: 'r' })).outcome()
      for (let round = 0; outcome.kind === 'waiting' && round < 5; round++) {
        const { waiting } = outcome
        if (waiting.kind === 'approval')
          outcome = await (await runtime.approve('r', waiting.id, { by: 'ana' })).outcome()
        if (waiting.kind === 'in-doubt')
          outcome = await (await runtime.settleDoubt('r', waiting.id, { happened: false }, 'ana')).outcome()
      }
    })
  }

  it('of more than JSON has, it gives it once a process, and that is said to whoever wrote it', async () => {
    const input = z.object({
      usd: z.number(),
      at: z
        .string()
        .default(() => String(++nth))
        .transform((at) => new Date(Number(at))),
    })
    const seen: string[] = []
    const agent = till({ input, failures: 2 })
    await using runtime = runtimeOn(memoryStore(), agent, model({ usd: 50 }))
    expect(await (await runtime.start(agent, 'go', { id: 'r' })).outcome()).toMatchObject({ kind: 'completed' })
    seen.push(...given)
    expect([given.length, new Set(seen).size]).toEqual([3, 1])
    const ofSchema = warned.filter((line) => !line.includes(' threw at '))
    expect(ofSchema).toEqual([expect.stringMatching(/^Tool "pay": its input schema gives something else each time/)])
  })

  it('and checks against the day takes a call on another day that it took when it was made', async () => {
    let today = 10
    const input = z.object({ day: z.number().refine((day) => day > today, 'it must be to come') })
    const store = memoryStore()
    const agent = till({ input, approval: true })
    await dying(store, agent, 9, model({ day: 11 }))
    today = 11
    await using runtime = runtimeOn(store, till({ input, approval: true }), model({ day: 11 }))
    expect(await (await runtime.approve('r', key, { by: 'ana' })).result()).toBe('done')
    expect(given).toEqual([`r/${key} {"day":11}`])
  })

  it('beside a secret gives it once too, and the secret is put in after that', async () => {
    const secret = z.string().meta({ secret: true })
    const input = z.object({
      card: secret.transform((card) => card.replaceAll(' ', '')),
      ref: z.number().default(() => ++nth),
    })
    const agent = till({ input, failures: 2 })
    const store = sqlite(':memory:', { encryption: { key: Buffer.alloc(32, 1) } })
    await using runtime = runtimeOn(store, agent, model({ card: '4000 0000 0000 0002' }))
    expect(await (await runtime.start(agent, 'go', { id: 'r' })).outcome()).toMatchObject({ kind: 'completed' })
    expect([given.length, new Set(given).size]).toEqual([3, 1])
    expect(given[0]).toMatch(/"card":"4000000000000002","ref":\d+/)
    expect(JSON.stringify(await store.entries('r'))).not.toContain('4000')
  })
})
