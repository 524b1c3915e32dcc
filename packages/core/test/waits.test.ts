// What a run that rests is seen to wait for: all of it, with what somebody needs to know who is to end a wait.
import { crashing, manualClock, memoryStore, scriptedModel } from '@reprise/testing'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  after,
  agentTool,
  createRuntime,
  defineAgent,
  defineSignal,
  defineTool,
  defineWorkflow,
  type JsonObject,
  type Runtime,
  type Store,
} from '../src/index.ts'
import { untilCrash } from './world.fixture.ts'

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined }
const at = (call: number) => `agent:0/turn:0/call:${call}`

function gated(name: string, options: { readonly approvalTimeoutMs?: number; readonly input?: z.ZodObject } = {}) {
  const { input = z.object({ usd: z.number().optional() }), ...more } = options
  return defineTool({
    name,
    description: 'Does.',
    input,
    effect: 'idempotent',
    approval: true,
    execute: () => name,
    ...more,
  })
}

/** Says what it was told once it was told anything; before, it makes these calls. */
const calling = (...calls: readonly { readonly name: string; readonly arguments?: JsonObject }[]) =>
  scriptedModel(({ items }) => {
    const told = items.flatMap((item) => (item.kind === 'result' ? item.output : []))
    return told.length > 0 ? { text: told.join(', ') } : { calls: calls.map((call) => ({ arguments: {}, ...call })) }
  })

const agentOf = (...tools: ReturnType<typeof gated>[]) =>
  defineAgent({ name: 'clerk', model: 'm', instructions: '', tools })

/** What is seen of a run: in its row as it is stored, and where it is read. */
async function seen(runtime: Runtime, store: Store, runId = 'r') {
  const row = await runtime.runs.get(runId)
  const [listed] = (await runtime.runs.list({ status: 'waiting' })).filter(({ id }) => id === runId)
  expect(listed).toEqual(row)
  return { row, stored: await store.run(runId) }
}

describe('an agent’s run', () => {
  it('shows all that it waits for, the soonest first, with what calls are to be made with', async () => {
    const store = memoryStore()
    const clock = manualClock({ now: 0 })
    const clerk = agentOf(gated('pay'), gated('seal', { approvalTimeoutMs: 1_000 }))
    const models = calling({ name: 'pay', arguments: { usd: 5 } }, { name: 'seal' })
    await using runtime = createRuntime({ store, models, definitions: [clerk], clock, log: quiet })
    const outcome = await (await runtime.start(clerk, 'go', { id: 'r' })).outcome()
    const pay = { kind: 'approval', key: at(0), id: at(0), tool: 'pay', agent: 'clerk', arguments: { usd: 5 } }
    const seal = { kind: 'approval', key: at(1), id: at(1), tool: 'seal', until: 1_000, agent: 'clerk', arguments: {} }
    const { row, stored } = await seen(runtime, store)
    expect(row).toMatchObject({ status: 'waiting', waiting: seal, waits: [seal, pay], wakeAt: 1_000 })
    expect(outcome).toMatchObject({ kind: 'waiting', waiting: seal, waits: [seal, pay] })
    expect(await (await runtime.resume('r')).outcome()).toMatchObject({ waiting: seal, waits: [seal, pay] })
    // A row is plain text in a store that is encrypted too.
    expect(stored?.waits.map((wait) => 'arguments' in wait)).toEqual([false, false])
    expect(stored?.waiting).not.toHaveProperty('arguments')
  })

  it('is woken for a wait that began later and ends sooner', async () => {
    const store = memoryStore()
    const clock = manualClock({ now: 0 })
    const [pay, send, seal] = [gated('pay'), gated('send'), gated('seal', { approvalTimeoutMs: 1_000 })]
    const tools = [pay, send, seal]
    const clerk = defineAgent({ name: 'clerk', model: 'm', instructions: '', tools, rules: [after(seal, send)] })
    const models = calling({ name: 'pay' }, { name: 'send' }, { name: 'seal' })
    await using runtime = createRuntime({ store, models, definitions: [clerk], clock, log: quiet })
    await runtime.enqueue(clerk, 'go', { id: 'r' })
    const worker = runtime.work()
    while ((await store.run('r'))?.status !== 'waiting') await clock.advance(250)
    await runtime.approve('r', at(1), { by: 'ana' })
    while ((await store.run('r'))?.waits.every(({ key }) => key !== at(2))) await clock.advance(50)
    const { row } = await seen(runtime, store)
    expect(row.waits.map(({ key }) => key)).toEqual([at(2), at(0)])
    expect(row.wakeAt).not.toBeNull()
    while ((await store.run('r'))?.waits.length !== 1) await clock.advance(250)
    expect(await store.run('r')).toMatchObject({ waiting: { key: at(0) }, waits: [{ key: at(0) }], wakeAt: null })
    expect((await runtime.runs.entries('r')).at(-1)).toMatchObject({
      kind: 'approval.given',
      body: { by: 'the clock' },
    })
    await worker.stop()
  })

  it('shows an ask that was made anew, with its whole time', async () => {
    const store = memoryStore()
    const clock = manualClock({ now: 0 })
    const models = calling({ name: 'pay' })
    const first = agentOf(gated('pay', { approvalTimeoutMs: 10_000 }))
    const before = createRuntime({ store, models, definitions: [first], clock, log: quiet })
    await (await before.start(first, 'go', { id: 'r' })).outcome()
    await clock.advance(9_000)
    const input = z.object({ usd: z.number().optional().describe('The amount.') })
    const second = agentOf(gated('pay', { approvalTimeoutMs: 10_000, input }))
    await using runtime = createRuntime({ store, models, definitions: [second], clock, log: quiet })
    await (await runtime.resume('r')).outcome()
    const { row } = await seen(runtime, store)
    expect(row).toMatchObject({ waiting: { id: `${at(0)}#2`, until: 19_000 }, wakeAt: 19_000 })
    if (row.waiting?.kind !== 'approval') throw new Error('It waits to be allowed')
    expect(await (await runtime.approve('r', row.waiting.id, { by: 'ana' })).result()).toBe('pay')
  })

  it('shows tokens for the secrets that a call is to be made with', async () => {
    const store = memoryStore()
    const input = z.object({ card: z.string().meta({ secret: true }) })
    const clerk = agentOf(gated('pay', { input }))
    const models = calling({ name: 'pay', arguments: { card: '4111-1111-1111-1111' } })
    await using runtime = createRuntime({ store, models, definitions: [clerk], log: quiet })
    const outcome = await (await runtime.start(clerk, 'go', { id: 'r' })).outcome()
    const { row, stored } = await seen(runtime, store)
    for (const shown of [outcome, row]) {
      expect('waiting' in shown && shown.waiting).toMatchObject({
        arguments: { card: expect.stringMatching(/^secret_/) as string },
      })
    }
    expect(JSON.stringify([outcome, row, stored])).not.toContain('4111')
  })

  it('shows the call in doubt beside the call that waits to be allowed', async () => {
    const store = memoryStore()
    const mail = defineTool({
      name: 'mail',
      description: 'Sends.',
      input: z.object({ to: z.string() }),
      effect: 'once',
      execute: () => 'sent',
    })
    const clerk = defineAgent({ name: 'clerk', model: 'm', instructions: '', tools: [gated('pay'), mail] })
    const models = calling({ name: 'pay' }, { name: 'mail', arguments: { to: 'ana' } })
    const counted = crashing(memoryStore(), { at: Infinity, side: 'before' })
    const live = (on: Store) => {
      const runtime = createRuntime({ store: on, models, definitions: [clerk], log: quiet })
      return untilCrash(runtime, async () => (await runtime.start(clerk, 'go', { id: 'r' })).outcome())
    }
    await live(counted)
    let inDoubt = 0
    for (let commit = 1; commit <= counted.commits; commit++) {
      const on = memoryStore()
      await live(crashing(on, { at: commit, side: 'after' }))
      const outcome = await live(on)
      if (outcome?.kind !== 'waiting') throw new Error(`It waits: ${outcome?.kind}`)
      const kinds = outcome.waits.map(({ kind }) => kind)
      const reader = createRuntime({ store: on, models, definitions: [clerk], log: quiet })
      expect((await reader.runs.get('r')).waits, `commit ${commit}`).toEqual(outcome.waits)
      if (kinds.includes('in-doubt')) {
        inDoubt++
        expect(outcome.waits).toContainEqual(
          expect.objectContaining({ kind: 'in-doubt', tool: 'mail', agent: 'clerk', arguments: { to: 'ana' } }),
        )
      }
      expect(kinds).toContain('approval')
    }
    expect(inDoubt).toBeGreaterThan(0)
    expect(await store.run('r')).toBeUndefined()
  })

  it('shows the child that it waits for beside its own call', async () => {
    const till = defineAgent({ name: 'till', model: 'm', instructions: '', tools: [gated('pay')] })
    const ask = agentTool(till, { name: 'ask', description: 'Asks.' })
    const boss = defineAgent({ name: 'boss', model: 'm', instructions: '', tools: [ask, gated('seal')] })
    const models = scriptedModel(({ card }) =>
      card.agent === 'till'
        ? { calls: [{ name: 'pay' }] }
        : { calls: [{ name: 'ask', arguments: { task: 'Pay.' } }, { name: 'seal' }] },
    )
    const store = memoryStore()
    await using runtime = createRuntime({ store, models, definitions: [boss, till], log: quiet })
    await (await runtime.start(boss, 'go', { id: 'r' })).outcome()
    const { row } = await seen(runtime, store)
    const child = row.waits.find(({ kind }) => kind === 'child')
    expect(row.waits).toHaveLength(2)
    expect(row.waits).toContainEqual(expect.objectContaining({ kind: 'approval', key: at(1), tool: 'seal' }))
    expect((await runtime.runs.get(child?.kind === 'child' ? child.runId : '')).waiting).toMatchObject({
      kind: 'approval',
      agent: 'till',
      arguments: {},
    })
  })
})

describe('a workflow’s run', () => {
  it('shows each signal, child and timer that it waits for', async () => {
    const clerk = agentOf(gated('pay'))
    const [yes, no] = ['yes', 'no'].map((name) => defineSignal({ name, payload: z.object({}) }))
    if (!yes || !no) throw new Error('Two signals')
    const flow = defineWorkflow({
      name: 'flow',
      input: z.object({}),
      run: (ctx) =>
        ctx.all([
          (branch) => branch.receive(yes, { timeoutMs: 60_000 }),
          (branch) => branch.receive(no),
          (branch) => branch.sleep(30_000),
          (branch) => branch.agent(clerk, 'go'),
        ]),
    })
    const store = memoryStore()
    const clock = manualClock({ now: 0 })
    await using runtime = createRuntime({
      store,
      models: calling({ name: 'pay' }),
      definitions: [flow, clerk],
      clock,
      log: quiet,
    })
    await runtime.enqueue(flow, {}, { id: 'r' })
    const worker = runtime.work()
    while ((await store.run('r'))?.status !== 'waiting') await clock.advance(250)
    const { row } = await seen(runtime, store)
    const [started] = (await runtime.runs.entries('r')).flatMap((entry) =>
      entry.kind === 'timer.set' ? entry.body.until : [],
    )
    expect(row.waits.map((wait) => [wait.kind, 'until' in wait && wait.until !== undefined])).toEqual([
      ['timer', true],
      ['signal', true],
      ['signal', false],
      ['child', false],
    ])
    expect(started).toBeDefined()
    expect(row.wakeAt).toBe(row.waits[0]?.kind === 'timer' ? row.waits[0].until : undefined)
    await worker.stop()
  })
})
