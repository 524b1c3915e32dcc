// What was recorded elsewhere is backtested: a candidate that answers as it was recorded does the same, another is told apart.
import { createRuntime, defineAgent, defineTeam, defineTool, goldenText, type ModelReply } from '@reprise/core'
import { memoryStore, scriptedModel } from '@reprise/testing'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { journalOf, type RecordedFormat } from '../src/index.ts'
import { lines, readOne, sample } from './read.fixture.ts'

const findOrder = defineTool({
  name: 'find_order',
  description: 'Finds an order.',
  input: z.object({ orderId: z.string() }),
  effect: 'read',
  execute: () => {
    throw new Error('A tool ran')
  },
})
const asked = { model: 'gpt-4.1-mini', instructions: 'Answer about orders.', tools: [findOrder] }
const imported = defineAgent({ name: 'imported', ...asked })
const orders = defineAgent({ name: 'orders', ...asked })
const triage = defineAgent({ name: 'triage', model: 'gpt-4.1-mini', instructions: 'Hand over.' })
const desk = defineTeam({ name: 'triage', entry: triage, handoffs: [[triage, [orders]]] })

const called = (id: string, orderId: string) => ({
  id,
  type: 'function',
  function: { name: 'find_order', arguments: JSON.stringify({ orderId }) },
})
const parameters = { type: 'object', properties: { orderId: { type: 'string' } }, required: ['orderId'] }
const chat = lines({
  messages: [
    { role: 'user', content: 'Where are 1 and 2?' },
    { role: 'assistant', content: null, tool_calls: [called('a', '1'), called('b', '2')] },
    { role: 'tool', tool_call_id: 'b', content: 'lost' },
    { role: 'tool', tool_call_id: 'a', content: 'shipped' },
    { role: 'assistant', content: 'One is on its way.' },
  ],
  tools: [{ type: 'function', function: { name: 'find_order', description: 'Finds an order.', parameters } }],
})

const texts: readonly (readonly [string, string, RecordedFormat])[] = [
  ['lines of chat', chat, 'chat-jsonl'],
  ['agents-responses', sample('agents-responses'), 'agents-trace'],
  ['agents-chat', sample('agents-chat'), 'agents-trace'],
  ['langsmith-wrapped', sample('langsmith-wrapped'), 'langsmith'],
  ['langsmith-langgraph-responses', sample('langsmith-langgraph-responses'), 'langsmith'],
  ['otel-traceloop-chat', sample('otel-traceloop-chat'), 'otel-genai'],
  ['otel-official-responses', sample('otel-official-responses'), 'otel-genai'],
]

test.each(texts)('%s', async (_, text, from) => {
  const journal = journalOf(await readOne(text, from), { at: 1_796_000_000_000 })
  let replies: readonly ModelReply[] = []
  let nth = 0
  const models = scriptedModel(({ card: { model } }) => {
    const reply = replies[nth++]
    if (!reply) throw new Error(`It was asked ${nth} times`)
    const [last] = reply.items.filter(({ kind }) => kind === 'call').slice(-1)
    if (model !== 'another' || last?.kind !== 'call' || last.name !== 'find_order') return reply
    const other = { ...last, arguments: '{"orderId":"another"}' }
    return { ...reply, items: reply.items.map((item) => (item === last ? other : item)) }
  })
  await using runtime = createRuntime({ store: memoryStore(), models, definitions: [imported, desk] })
  const { runs: ids } = await runtime.import(goldenText([journal], 'test 1.0.0'))
  const entries = await runtime.runs.entries(ids[0] ?? '')
  replies = entries.flatMap((entry) => (entry.kind === 'model.replied' ? [entry.body.reply] : []))
  const same = await runtime.backtest({ ids }, { model: 'luna' })
  expect(same.runs).toMatchObject([{ status: 'same', coverage: { turns: replies.length }, calls: { inOrder: true } }])
  expect(nth).toBe(replies.length)
  nth = 0
  const other = await runtime.backtest({ ids }, { model: 'another' })
  expect(other.runs).toMatchObject([{ status: 'parted', parted: { why: 'call not recorded' } }])
  const [change] = other.runs[0]?.calls.changes ?? []
  expect(change).toMatchObject({
    kind: 'arguments',
    tool: 'find_order',
    fields: [{ path: 'orderId', candidate: 'another' }],
  })
})
