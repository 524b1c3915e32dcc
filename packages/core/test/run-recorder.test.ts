import { memoryStore, scriptedModel } from '@reprise/testing'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import {
  type AgentSnapshot,
  type AnyDefinition,
  type AnyTool,
  atMost,
  createRuntime,
  defineAgent,
  defineTeam,
  defineTool,
  goldenText,
  type ModelReply,
  type Replay,
  type ReplyItem,
  RunRecorder,
  type RunRow,
} from '../src/index.ts'

const input = z.object({ orderId: z.string() })
const find = defineTool({ name: 'find', description: 'Finds an order.', input, effect: 'read', execute: () => 'found' })
const pay = defineTool({ name: 'pay', description: 'Pays.', input, effect: 'once', execute: () => 'paid' })
const mail = defineTool({ name: 'mail', description: 'Writes.', input, effect: 'idempotent', execute: () => 'sent' })
const desk = defineAgent({
  name: 'desk',
  model: 'gpt-4.1-mini',
  instructions: 'Help.',
  tools: [find, pay, mail],
  rules: [atMost(mail, 1)],
})

function snapshotOf(agent: string, tools: readonly AnyTool[], instructions = 'Help.'): AgentSnapshot {
  const cards = tools.map(({ card }) => card)
  const card = { agent, version: 1, model: 'gpt-4.1-mini', settings: {}, maxOutputTokens: 4_096, tools: cards }
  return { card: { ...card, output: null }, instructions }
}

function begun(snapshot = snapshotOf('desk', [find, pay, mail]), kind: 'agent' | 'team' = 'agent'): RunRecorder {
  const definition = { kind, name: kind === 'agent' ? 'desk' : 'house', version: 1 }
  return new RunRecorder({ id: 'r', definition, input: 'Where is it?', once: ['pay'], at: 1_000, ...snapshot })
}

function reply(items: readonly ReplyItem[], rest: Partial<ModelReply> = {}): ModelReply {
  return { items, finish: 'stop', model: 'gpt-4.1-mini', ...rest }
}

function call(callId: string, name: string, written = '{"orderId":"1"}'): ReplyItem {
  return { kind: 'call', callId, name, arguments: written }
}

const done = reply([{ kind: 'assistant', text: 'Done.' }])

async function imported(
  run: RunRecorder,
  definition: AnyDefinition = desk,
): Promise<{ replay: Replay; row: RunRow; kinds: readonly string[] }> {
  await using runtime = createRuntime({ store: memoryStore(), models: scriptedModel([]), definitions: [definition] })
  const { runs } = await runtime.import(goldenText([run], 'test 1.0.0'))
  expect(runs).toEqual(['r'])
  const entries = await runtime.runs.entries('r')
  return { replay: await runtime.replay('r'), row: await runtime.runs.get('r'), kinds: entries.map(({ kind }) => kind) }
}

describe('a run that was recorded elsewhere', () => {
  test('is imported, and replays under a definition of the same name, tools and rules', async () => {
    const usage = { inputTokens: 9, cachedTokens: 4, outputTokens: 2, reasoningTokens: 0 }
    const run = begun()
      .replied(reply([call('a', 'find'), call('b', 'pay'), call('c', 'mail')], { usage }), 2_000)
      .returned('c', 'sent', 2_100)
      .returned('a', { orderId: '1' }, 2_200)
      .failed('b', 'The bank is closed.', 2_300)
      .replied(done, 3_000)
      .ended('It ends.', 3_000)
    const { replay, row, kinds } = await imported(run)
    expect(replay).toMatchObject({ status: 'matched', divergence: null, differences: [] })
    const turn = ['model.replied', 'call.returned', 'call.returned', 'call.intended', 'call.failed', 'model.replied']
    expect(kinds).toEqual(['run.started', ...turn, 'run.completed'])
    expect(row).toMatchObject({ status: 'completed', createdAt: 1_000, endedAt: 3_000, owner: null })
    expect(row.totals).toMatchObject({
      turns: 2,
      calls: 2,
      inputTokens: 9,
      cachedTokens: 4,
      outputTokens: 2,
      unpriced: 2,
    })
  })

  test('parts from code whose rules forbid what it did', async () => {
    const run = begun()
      .replied(reply([call('a', 'mail'), call('b', 'mail')]), 2_000)
      .returned('a', 'sent', 2_100)
      .returned('b', 'sent', 2_100)
      .ended('It ends.', 3_000)
    const { replay } = await imported(run)
    expect(replay.status).toBe('diverged')
  })

  test('has calls that no runtime would run as failed, with what the model was told of them', async () => {
    const run = begun()
      .replied(reply([call('a', 'find', '{"orderId":'), call('b', 'guess')]), 2_000)
      .returned('a', 'no JSON', 2_100)
      .failed('b', 'no such tool', 2_100)
      .replied(done, 3_000)
      .ended('It ends.', 3_000)
    const { replay, kinds } = await imported(run)
    expect(replay.status).toBe('matched')
    expect(kinds).toEqual([
      'run.started',
      'model.replied',
      'call.failed',
      'call.failed',
      'model.replied',
      'run.completed',
    ])
  })

  test('hands over as a team does, and changes its texts on the way', async () => {
    const orders = defineAgent({ name: 'orders', model: 'gpt-4.1-mini', instructions: 'Orders.', tools: [find] })
    const triage = defineAgent({ name: 'triage', model: 'gpt-4.1-mini', instructions: 'Sort.' })
    const house = defineTeam({ name: 'house', entry: triage, handoffs: [[triage, [orders]]] })
    const to = snapshotOf('orders', [find], 'Orders.')
    const handoff = { name: 'transfer_to_orders', description: '', parameters: { type: 'object' } } as const
    const { card } = snapshotOf('triage', [])
    const run = begun({ card: { ...card, tools: [handoff] }, instructions: 'Sort.' }, 'team')
      .replied(reply([call('a', 'transfer_to_orders', '{}')]), 2_000)
      .handedOver('a', to, '{"assistant":"orders"}', 2_100)
      .changed({ ...to, instructions: 'Orders, please.' }, 2_100)
      .replied(done, 3_000)
      .ended('It ends.', 3_000)
    const { replay, kinds } = await imported(run, house)
    expect(replay.status).toBe('matched')
    expect(kinds.slice(2, 4)).toEqual(['handoff.made', 'definition.changed'])
  })

  test.each([
    ['a refusal fails', reply([{ kind: 'refusal', text: 'No.' }]), 'run.failed', 'failed'],
    [
      'a reply that was cut fails',
      reply([{ kind: 'assistant', text: 'So' }], { finish: 'length' }),
      'run.failed',
      'failed',
    ],
    ['calls of which nothing came cancel it', reply([call('a', 'find')]), 'run.cancelled', 'cancelled'],
  ] as const)('ends as its last reply says: %s', async (_, last, kind, status) => {
    const { replay, row, kinds } = await imported(begun().replied(last, 2_000).ended('It ends.', 2_000))
    expect([replay.status, kinds.at(-1), row.status]).toEqual(['matched', kind, status])
  })

  test('has the JSON of an answer that has a shape as its output', async () => {
    const shaped = defineAgent({
      ...desk,
      tools: [find, pay, mail],
      instructions: 'Help.',
      retry: {},
      budget: {},
      output: z.object({ ok: z.boolean() }),
    })
    const { card } = snapshotOf('desk', [find, pay, mail])
    const output = {
      name: 'desk',
      schema: {
        type: 'object',
        properties: { ok: { type: 'boolean' } },
        required: ['ok'],
        additionalProperties: false,
      },
    } as const
    const run = begun({ card: { ...card, output }, instructions: 'Help.' })
      .replied(reply([{ kind: 'assistant', text: '{ "ok": true }' }]), 2_000)
      .ended('It ends.', 2_000)
    const { replay } = await imported(run, shaped)
    expect(replay.status).toBe('matched')
  })

  test('takes nothing out of its order', () => {
    const run = begun().replied(reply([call('a', 'find'), call('b', 'find')]), 2_000)
    expect(() => run.replied(done, 3_000)).toThrow(
      'The recorded run "r" has a reply of the model, where the run stands as calling. Give what happened in its order: a reply, what came of each of its calls, the next reply.',
    )
    expect(() => run.returned('c', 'x', 3_000)).toThrow('what came of the call "c", where the open calls are a, b.')
    expect(() => run.handedOver('a', snapshotOf('x', []), '', 3_000)).toThrow(
      'a handoff by "a", where nothing has come of b.',
    )
  })
})

test('a golden file refuses an id that is none', async () => {
  const run = new RunRecorder({
    id: 'a b',
    definition: { kind: 'agent', name: 'desk', version: 1 },
    input: '',
    at: 0,
    ...snapshotOf('desk', []),
  })
  await expect(Array.fromAsync(goldenText([run], 'test 1.0.0'))).rejects.toThrow('"a b" is no run\'s id.')
})
