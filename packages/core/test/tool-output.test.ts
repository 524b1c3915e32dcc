// What tools return: held against their schemas, without secrets, and with pictures and files for the model.
import { crashing, memoryStore, scriptedModel } from '@reprise/testing'
import { sqlite } from '@reprise/store'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  createRuntime,
  defineAgent,
  defineTool,
  type Entry,
  type Item,
  type Store,
  type Tool,
  withParts,
} from '../src/index.ts'
import { untilCrash } from './world.fixture.ts'

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined }
const output = z.object({ total: z.number(), note: z.string().default('none') })
const input = z.object({})

function calls(heard: Item[] = []) {
  return scriptedModel(({ items }) => {
    const results = items.filter(({ kind }) => kind === 'result')
    heard.splice(0, Infinity, ...results)
    return results.length > 0 ? { text: 'done' } : { calls: [{ name: 'tool', arguments: {} }] }
  })
}

async function ran(tool: Tool, store: Store = memoryStore()) {
  const heard: Item[] = []
  const agent = defineAgent({ name: 'a', model: 'm', instructions: '', tools: [tool] })
  const runtime = createRuntime({ store, models: calls(heard), definitions: [agent], log: quiet })
  const outcome = await (await runtime.start(agent, 'go', { id: 'r' })).outcome()
  const entries = await runtime.runs.entries('r')
  const replay = (await runtime.replay('r')).status
  return { outcome, entries, heard, replay, runtime }
}

const of = (entries: readonly Entry[], kind: Entry['kind']) => entries.find((entry) => entry.kind === kind)?.body

describe('a tool with an output', () => {
  it('has its result recorded and told as the schema makes it', async () => {
    const tool = defineTool({
      name: 'tool',
      description: '',
      input,
      output,
      effect: 'read',
      execute: () => ({ total: 7, more: 'dropped' }),
    })
    const { entries, heard, replay } = await ran(tool)
    expect(of(entries, 'call.returned')).toMatchObject({ result: { total: 7, note: 'none' } })
    expect(heard).toEqual([{ kind: 'result', callId: expect.any(String), output: '{"total":7,"note":"none"}' }])
    expect(replay).toBe('matched')
  })

  it.each(['read', 'idempotent', 'once', 'transactional'] as const)(
    'that returns something else has failed, is not tried again, and the model is told the complaint: %s',
    async (effect) => {
      const seen: string[] = []
      const execute = (): { total: number } => {
        seen.push('ran')
        return { total: 'seven' } as never
      }
      const made = { name: 'tool', description: '', input, output, effect: effect as 'read', execute }
      const tool = defineTool(made) as Tool
      const { outcome, entries, heard, replay } = await ran(tool)
      expect(outcome).toMatchObject({ kind: 'completed' })
      expect(seen).toEqual(['ran'])
      const failed = of(entries, 'call.failed')
      const isDone = effect === 'idempotent' || effect === 'once'
      expect(failed).toMatchObject({ error: { code: 'bad_result' }, retryAt: null, ...(isDone && { ran: true }) })
      expect(failed).not.toHaveProperty('ran', !isDone)
      const [{ output: told } = { output: '' }] = heard.filter((item) => item.kind === 'result')
      expect(told).toBe(
        'What tool returned is wrong. The value breaks its schema in one place:\n' +
          '- total: Invalid input: expected number, received string; got "seven"' +
          (isDone ? ' What it does is done all the same: find out before you call it again.' : ''),
      )
      expect(replay).toBe('matched')
    },
  )

  it.each(['read', 'transactional'] as const)('keeps the secrets of its result: %s', async (effect) => {
    const store = sqlite(':memory:', { encryption: { key: Buffer.alloc(32, 7).toString('base64') } })
    const tool = defineTool({
      name: 'tool',
      description: '',
      input,
      output: z.object({ pin: z.string().meta({ secret: true }) }),
      effect: effect as 'read',
      execute: () => ({ pin: 'pin-4711' }),
    }) as Tool
    const { entries, heard, replay, runtime } = await ran(tool, store)
    expect(of(entries, 'call.returned')).toMatchObject({ result: { pin: expect.stringMatching(/^secret_/) } })
    expect(JSON.stringify([entries, heard])).not.toContain('4711')
    expect(replay).toBe('matched')
    await runtime.close()
    await expect(ran(tool, sqlite(':memory:'))).rejects.toThrow(
      'Tool "tool" gives a secret (.pin), and the store has no key',
    )
  })

  it('is asked for the same when it says what happened to a call in doubt', async () => {
    const store = memoryStore()
    const tool = defineTool({
      name: 'tool',
      description: '',
      input,
      output,
      effect: 'once',
      execute: () => ({ total: 7 }),
      reconcile: () => ({ happened: true, result: { total: 'seven' } as never }),
    })
    const agent = defineAgent({ name: 'a', model: 'm', instructions: '', tools: [tool] })
    const parts = { models: calls(), definitions: [agent], log: quiet }
    const dying = createRuntime({ ...parts, store: crashing(store, { at: 3, side: 'before' }) })
    await untilCrash(dying, async () => (await dying.start(agent, 'go', { id: 'r' })).outcome())
    await using runtime = createRuntime({ ...parts, store })
    const outcome = await (await runtime.resume('r')).outcome()
    expect(outcome).toMatchObject({ kind: 'waiting', waiting: { kind: 'in-doubt' } })
    const doubts = (await runtime.runs.entries('r')).filter(({ kind }) => kind === 'call.doubted')
    expect(JSON.stringify(doubts.at(-1)?.body)).toContain('What tool returned is wrong.')
    const key = 'agent:0/turn:0/call:0'
    await expect(runtime.settleDoubt('r', key, { happened: true, result: 7 })).rejects.toMatchObject({
      code: 'bad_answer',
    })
    const settled = await runtime.settleDoubt('r', key, { happened: true, result: { total: 7 } })
    expect(await settled.result()).toBe('done')
    expect(of(await runtime.runs.entries('r'), 'call.resolved')).toMatchObject({ result: { total: 7, note: 'none' } })
  })
})

describe('a tool that shows something', () => {
  const url = 'data:image/png;base64,aGVsbG8='
  const shows = (effect: 'read' | 'transactional') =>
    defineTool({
      name: 'tool',
      description: '',
      input,
      output,
      effect: effect as 'read',
      execute: () => withParts({ total: 7 }, [{ kind: 'image', url, detail: 'low' }]),
    }) as Tool

  it.each(['read', 'transactional'] as const)(
    'has it recorded as parts, and shown beside its result: %s',
    async (effect) => {
      const { entries, heard, replay, runtime } = await ran(shows(effect))
      const parts = [{ kind: 'image', url, detail: 'low' }]
      expect(of(entries, 'call.returned')).toMatchObject({ result: { total: 7 }, parts })
      expect(heard).toMatchObject([{ output: '{"total":7,"note":"none"}', parts }])
      expect(replay).toBe('matched')
      const fork = await runtime.fork('r', {
        at: entries.findIndex(({ kind }) => kind === 'call.returned') + 1,
        id: 'f',
      })
      expect(await fork.result()).toBe('done')
      expect((await runtime.replay('f')).status).toBe('matched')
      await runtime.close()
    },
  )

  it('is shown the same by whoever takes the run up', async () => {
    const counted = crashing(memoryStore(), { at: Infinity, side: 'before' })
    const agent = defineAgent({ name: 'a', model: 'm', instructions: '', tools: [shows('read')] })
    const live = async (store: Store, heard: Item[]) => {
      const runtime = createRuntime({ store, models: calls(heard), definitions: [agent], log: quiet })
      return untilCrash(runtime, async () => (await runtime.start(agent, 'go', { id: 'r' })).outcome())
    }
    const expected: Item[] = []
    await live(counted, expected)
    for (let at = 1; at <= counted.commits; at++) {
      const store = memoryStore()
      const heard: Item[] = []
      await live(crashing(store, { at, side: 'after' }), heard)
      await live(store, heard)
      expect(heard, `commit ${at}`).toEqual(expected)
    }
  })

  it('has failed where that is no picture and no file', async () => {
    const tool = defineTool({
      name: 'tool',
      description: '',
      input,
      effect: 'read',
      execute: () => withParts('x', [{ kind: 'image', url: 'javascript:alert(1)' }]),
    })
    const { entries } = await ran(tool)
    expect(of(entries, 'call.failed')).toMatchObject({ error: { code: 'bad_result' } })
  })
})
