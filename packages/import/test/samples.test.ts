import { memoryStore, scriptedModel } from '@reprise/testing'
import { createRuntime, defineAgent, defineTeam, defineTool, goldenText } from '@reprise/core'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { journalOf, type RecordedFormat } from '../src/index.ts'
import { read, readOne, sample, shapeOf, usageOf } from './read.fixture.ts'

const findOrder = defineTool({
  name: 'find_order',
  description: 'Finds an order.',
  input: z.object({ orderId: z.string() }),
  effect: 'read',
  execute: ({ orderId }) => ({ orderId, status: 'shipped' }),
})
const asked = { model: 'gpt-4.1-mini', instructions: 'Answer about orders.', tools: [findOrder] }
const imported = defineAgent({ name: 'imported', ...asked })
const orders = defineAgent({ name: 'orders', ...asked })
const triage = defineAgent({ name: 'triage', model: 'gpt-4.1-mini', instructions: 'Hand over.' })
const desk = defineTeam({ name: 'triage', entry: triage, handoffs: [[triage, [orders]]] })

const desks: readonly (readonly [string, RecordedFormat, string, string, string])[] = [
  ['langsmith-wrapped', 'langsmith', 'user | assistant call call result result! | assistant', '59/40 131/16', ''],
  [
    'langsmith-wrapped-stream',
    'langsmith',
    'user | assistant call call result result! | assistant',
    '59/40 131/16',
    '',
  ],
  [
    'langsmith-wrapped-responses',
    'langsmith',
    'user | assistant call call result result! | assistant',
    '56/43 124/17',
    '',
  ],
  ['langsmith-langgraph', 'langsmith', 'user+1 | assistant call call result result! | assistant', '62/40 140/16', ''],
  [
    'langsmith-langgraph-responses',
    'langsmith',
    'user+1 | assistant call call result result! | assistant',
    '59/43 133/17',
    '',
  ],
  ['otel-traceloop-chat', 'otel-genai', 'user+1 | assistant call call result result | assistant', '62/40 134/16', ''],
  [
    'otel-traceloop-responses',
    'otel-genai',
    'user | assistant call call result result | assistant',
    '56/43 124/17',
    'no instructions',
  ],
  ['otel-arize-chat', 'otel-genai', 'user+1 | assistant call call result result | assistant', '62/40 134/16', ''],
  ['otel-arize-chat-stream', 'otel-genai', 'user+1 | assistant call call result result | assistant', '- -', ''],
  [
    'otel-official-chat',
    'otel-genai',
    'user | assistant call call result result | assistant',
    '62/40 134/16',
    'no description',
  ],
  [
    'otel-official-responses',
    'otel-genai',
    'user | assistant call call result result | assistant',
    '56/43 124/17',
    'no description',
  ],
]

describe('what an exporter wrote of one desk', () => {
  test.each(desks)('%s is one conversation, which replays as a run', async (name, from, shape, usage, lacks) => {
    const conversation = await readOne(sample(name), from)
    expect([shapeOf(conversation), usageOf(conversation)]).toEqual([shape, usage])
    expect(conversation.notTaken.map(({ why }) => why).join(' ')).toContain(lacks)
    expect(conversation.notTaken.length > 0).toBe(lacks !== '')
    const calls = conversation.items.filter((item) => item.kind === 'call')
    expect(calls.map(({ name, arguments: text }) => [name, JSON.parse(text) as unknown])).toEqual([
      ['find_order', { orderId: '4711' }],
      ['find_order', { orderId: '9' }],
    ])
    await using runtime = createRuntime({ store: memoryStore(), models: scriptedModel([]), definitions: [imported] })
    const { runs } = await runtime.import(goldenText([journalOf(conversation)], 'test 1.0.0'))
    const [id = ''] = runs
    expect(await runtime.replay(id)).toMatchObject({ status: 'matched', divergence: null })
    expect((await runtime.runs.get(id)).createdAt).toBeGreaterThan(1_796_000_000_000)
  })

  test.each([
    ['agents-responses', '57/12 78/43 153/17 178/5', true],
    ['agents-chat', '60/11 83/40 158/16 167/4', false],
  ])('%s hands over, and goes on in a second trace of the same session', async (name, usage, hasTools) => {
    const conversation = await readOne(sample(name), 'agents-trace')
    expect([shapeOf(conversation), usageOf(conversation)]).toEqual([
      'user | call result | assistant call call result result! | assistant user | assistant',
      usage,
    ])
    expect(conversation.replies.map(({ asked }) => asked.agent)).toEqual(['triage', 'orders', 'orders', 'orders'])
    expect(conversation.notTaken.length === 0).toBe(hasTools)
    const journal = journalOf(conversation)
    expect([journal.row.kind, journal.row.name, journal.row.status]).toEqual(['team', 'triage', 'completed'])
    expect(journal.notTaken.at(-1)?.why).toBe(
      'The run holds the conversation up to the second turn of the user ("thanks"): 2 items from there on are not in it.',
    )
    await using runtime = createRuntime({ store: memoryStore(), models: scriptedModel([]), definitions: [desk] })
    const { runs } = await runtime.import(goldenText([journal], 'test 1.0.0'))
    expect(await runtime.replay(runs[0] ?? '')).toMatchObject({ status: 'matched', divergence: null })
  })

  test.each([
    ['agents-responses-exported', 'agents-trace', 'Write `span.spanData` into the line in the place of `span_data`'],
    ['agents-chat-without-data', 'agents-trace', 'Trace with `traceIncludeSensitiveData`'],
    ['langsmith-hidden', 'langsmith', 'Trace without LANGSMITH_HIDE_INPUTS'],
    ['otel-traceloop-chat-off', 'otel-genai', 'Set OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT=true'],
  ] as const)('%s has no words, and says what to switch on', async (name, from, told) => {
    const { conversations, skipped } = await read(sample(name), from)
    expect(conversations).toEqual([])
    expect(skipped.length).toBeGreaterThan(0)
    for (const { where, why } of skipped) {
      expect(where).toMatch(/^line \d+, (?:span|run) \S+$/)
      expect(why).toContain(told)
    }
  })

  test('has spans of its own, which are counted', async () => {
    const { passed } = await read(sample('agents-responses'), 'agents-trace')
    expect(passed).toEqual({ 'handoff span': 1, 'turn span': 4, 'agent span': 3, 'function span': 2, 'task span': 2 })
  })
})
