// Whoever wants to know that somebody is asked is told: at least once, and without holding the run up.
import { Crash, crashing, manualClock, memoryStore, scriptedModel } from '@reprise/testing'
import { sqlite } from '@reprise/store'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type Ask, createRuntime, defineAgent, defineTool, type Store } from '../src/index.ts'

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined }
const key = 'agent:0/turn:0/call:0'

const pay = defineTool({
  name: 'pay',
  description: 'Pays.',
  input: z.object({ usd: z.number() }),
  effect: 'idempotent',
  approval: true,
  execute: () => 'paid',
})
const ask = defineTool({ name: 'ask', description: '', external: true, input: z.object({}), output: z.string() })
const till = defineAgent({ name: 'till', model: 'm', instructions: '', tools: [pay, ask] })

function calling(...names: readonly string[]) {
  return scriptedModel(({ items }) => {
    if (items.some(({ kind }) => kind === 'result')) return { text: 'done' }
    return { calls: names.map((name) => ({ name, arguments: name === 'pay' ? { usd: 5 } : {} })) }
  })
}

describe('onApproval', () => {
  it.each([
    ['memory', () => memoryStore()],
    ['SQLite', () => sqlite(':memory:')],
  ])('is told of each ask once it is committed, and once where nothing goes wrong, on %s', async (_, open) => {
    const store = open()
    const told: Ask[] = []
    await using runtime = createRuntime({
      store,
      models: calling('pay', 'ask'),
      definitions: [till],
      clock: manualClock({ now: 1_000 }),
      onApproval: async (asked) => {
        told.push(asked)
        expect((await store.entries('r')).some(({ kind }) => kind === 'approval.asked')).toBe(true)
        // Whoever is told can look, and answer at once.
        expect((await runtime.approvals({ kind: 'approval' })).asks).toMatchObject([{ id: key }])
      },
    })
    const outcome = await (await runtime.start(till, 'go', { id: 'r' })).outcome()
    expect(outcome).toMatchObject({ kind: 'waiting', waits: [{ told: true }, { told: true }] })
    expect(told.map(({ kind, id, tool }) => [kind, id, tool])).toEqual([
      ['approval', key, 'pay'],
      ['answer', 'r/agent:0/turn:0/call:1', 'ask'],
    ])
    expect(told[0]).toMatchObject({ runId: 'r', agent: 'till', arguments: { usd: 5 }, askedAt: 1_000, parents: [] })
    expect(await runtime.runs.get('r')).toMatchObject({ status: 'waiting', owner: null, wakeAt: null })
    // The other ask is not told again when the run is taken up for one.
    expect(await (await runtime.approve('r', key, { by: 'ana' })).outcome()).toMatchObject({ kind: 'waiting' })
    expect(await (await runtime.answer('r/agent:0/turn:0/call:1', 'yes', { by: 'ana' })).result()).toBe('done')
    expect(told).toHaveLength(2)
    expect((await runtime.replay('r')).status).toBe('matched')
  })

  it('holds nothing up: what it throws is logged, and what it never ends is left behind', async () => {
    const clock = manualClock()
    const lines: string[] = []
    const log = {
      ...quiet,
      error: (line: string) => void lines.push(line),
      warn: (line: string) => void lines.push(line),
    }
    const hang = (): Promise<void> => new Promise(() => undefined)
    let onApproval = (): Promise<void> => Promise.reject(new Error('no network'))
    const options = { store: memoryStore(), models: calling('pay'), definitions: [till], clock, log }
    await using runtime = createRuntime({ ...options, onApproval: () => onApproval() })
    await (await runtime.start(till, 'go', { id: 'r1' })).outcome()
    expect(lines).toEqual([`onApproval for pay at "${key}" of the run "r1" failed: no network`])
    onApproval = hang
    const answered = await runtime.start(till, 'go', { id: 'r2' })
    while ((await runtime.approvals()).asks.length < 2) await clock.advance(0)
    await runtime.approve('r2', key, { by: 'ana' })
    expect(await answered.result()).toBe('done')
    const left = await runtime.start(till, 'go', { id: 'r3' })
    const outcome = left.outcome()
    while ((await runtime.approvals()).asks.length < 2) await clock.advance(0)
    await clock.advance(10_000)
    expect(await outcome).toMatchObject({ kind: 'waiting' })
    expect(lines.at(-1)).toBe(
      `onApproval for pay at "${key}" of the run "r3" is not done after 10000 ms. The run does not wait for it any longer.`,
    )
  })

  it('is told again by whoever takes the run up where its process died before it was', async () => {
    const live = async (store: Store, told: string[], resumes: boolean): Promise<void> => {
      const runtime = createRuntime({
        store,
        models: calling('pay'),
        definitions: [till],
        clock: manualClock(),
        log: quiet,
        onApproval: ({ id }) => void told.push(id),
      })
      try {
        const run = resumes ? await runtime.resume('r') : await runtime.start(till, 'go', { id: 'r' })
        await run.outcome()
      } catch (error) {
        if (!(error instanceof Crash)) throw error
      }
      await runtime.close()
    }
    const counted = crashing(memoryStore(), { at: Infinity, side: 'before' })
    await live(counted, [], false)
    let seen = 0
    for (let at = 1; at <= counted.commits; at++)
      for (const side of ['before', 'after'] as const) {
        const store = memoryStore()
        const told: string[] = []
        await live(crashing(store, { at, side }), told, false)
        const row = await store.run('r')
        if (!row) continue
        const isAsked = row.waiting?.kind === 'approval'
        // Whoever looks for runs finds it: it is let go of, and somebody was told, or it is to be looked at.
        if (isAsked && told.length === 0) expect(row.wakeAt, `commit ${at}, ${side}`).not.toBeNull()
        await live(store, told, true)
        expect(told.length, `commit ${at}, ${side}`).toBeGreaterThanOrEqual(1)
        seen += isAsked ? 1 : 0
        expect(await store.run('r')).toMatchObject({ status: 'waiting', owner: null, wakeAt: null })
      }
    expect(seen).toBeGreaterThan(0)
  })

  it.each([
    ['memory', () => memoryStore()],
    ['SQLite', () => sqlite(':memory:')],
  ])('is told by a worker where a process died before it was, on %s', async (_, open) => {
    const store = open()
    const told: string[] = []
    const clock = manualClock()
    const parts = { models: calling('pay'), definitions: [till], clock, log: quiet }
    // It dies once the ask is written, while somebody is being told.
    const dying = createRuntime({ ...parts, store: crashing(store, { at: 3, side: 'before' }), onApproval: () => {} })
    await (await dying.start(till, 'go', { id: 'r' })).outcome().catch(() => undefined)
    expect(await store.run('r')).toMatchObject({ status: 'waiting', waiting: { kind: 'approval' } })
    expect((await store.run('r'))?.owner).not.toBeNull()
    await dying.close()
    await using next = createRuntime({ ...parts, store, onApproval: ({ id }) => void told.push(id) })
    const worker = next.work({ concurrency: 1 })
    while (told.length === 0) await clock.advance(1_000)
    expect(told).toEqual([key])
    await worker.stop()
  })

  it('is a function', () => {
    const options = { store: memoryStore(), models: calling(), definitions: [till], onApproval: 'mail' as never }
    expect(() => createRuntime(options)).toThrow('createRuntime was given onApproval: "mail".')
  })
})
