import { memoryStore, scriptedModel } from '@reprise/testing'
import { type AnyDefinition, createRuntime, defineAgent, defineTool, goldenText, type Replay } from '@reprise/core'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { journalOf, type JournalOptions, type RecordedConversation, type RecordedJournal } from '../src/index.ts'
import { lines, readOne } from './read.fixture.ts'

const pay = defineTool({
  name: 'pay',
  description: 'Pays.',
  input: z.object({}),
  effect: 'once',
  execute: () => 'paid',
})
const parameters = { type: 'object', properties: {}, required: [], additionalProperties: false }
const tools = [{ type: 'function', function: { name: 'pay', description: 'Pays.', parameters } }]
const user = { role: 'user', content: 'Pay.' }
const calls = {
  role: 'assistant',
  content: null,
  tool_calls: [{ id: 'a', function: { name: 'pay', arguments: '{}' } }],
}
const gave = { role: 'tool', tool_call_id: 'a', content: 'paid' }
const says = { role: 'assistant', content: 'Done.' }

async function conversation(messages: readonly object[], more: object = {}): Promise<RecordedConversation> {
  return readOne(lines({ messages, tools, ...more }), 'chat-jsonl')
}

function kindsOf({ entries }: RecordedJournal): readonly string[] {
  return entries.map(({ kind }) => kind)
}

async function replayed(journal: RecordedJournal, definition: AnyDefinition): Promise<Replay> {
  await using runtime = createRuntime({ store: memoryStore(), models: scriptedModel([]), definitions: [definition] })
  await runtime.import(goldenText([journal], 'test 1.0.0'))
  return runtime.replay(journal.row.id)
}

describe('the journal of a recorded conversation', () => {
  test('is that of a definition of a name that is given, with calls that happen once', async () => {
    const cashier = defineAgent({ name: 'cashier', model: 'm', instructions: 'Pay.', tools: [pay] })
    const one = await conversation([user, calls, gave, says])
    const options: JournalOptions = { name: 'cashier', once: ['pay'], tags: ['old'], at: 5_000 }
    const journal = journalOf(one, options)
    expect(kindsOf(journal)).toEqual([
      'run.started',
      'model.replied',
      'call.intended',
      'call.returned',
      'model.replied',
      'run.completed',
    ])
    expect(journal.row).toMatchObject({ name: 'cashier', tags: ['old'], createdAt: 5_000, endedAt: 5_000 })
    expect((await replayed(journal, cashier)).status).toBe('matched')
    expect((await replayed(journalOf(one, { ...options, once: [] }), cashier)).status).toBe('diverged')
  })

  test('holds what the user said before the first reply as one input', async () => {
    const url = 'https://a.b/c.png'
    const shown = { role: 'user', content: [{ type: 'image_url', image_url: { url } }] }
    const { entries } = journalOf(await conversation([user, { role: 'user', content: 'Soon.' }, shown, says]))
    const { input } = JSON.parse(entries[0]?.text ?? '') as { input: unknown }
    expect(input).toEqual({ text: 'Pay.\n\nSoon.\n\n', parts: [{ kind: 'image', url }] })
  })

  test.each([
    [
      'a second turn',
      [user, says, user, calls, gave, says],
      'the second turn of the user ("Pay."): 4 items',
      ['model.replied', 'run.completed'],
    ],
    [
      'a call without its result',
      [user, calls, says],
      'calls and results are not in pairs, or the model says more after its answer (assistant): 1 items',
      ['model.replied', 'run.cancelled'],
    ],
    [
      'words between a call and its result',
      [user, calls, user, gave, says],
      'the second turn of the user ("Pay."): 3 items',
      ['model.replied', 'run.cancelled'],
    ],
    [
      'a second result of a call',
      [user, calls, gave, gave, says],
      'calls and results are not in pairs, or the model says more after its answer (result): 2 items',
      ['model.replied', 'call.returned', 'run.cancelled'],
    ],
    ['the end of the recording', [user, calls, gave], undefined, ['model.replied', 'call.returned', 'run.cancelled']],
  ] as const)('ends at %s', async (_, messages, why, kinds) => {
    const journal = journalOf(await conversation(messages))
    expect(kindsOf(journal).slice(1)).toEqual(kinds)
    expect(journal.notTaken.length).toBe(why === undefined ? 0 : 1)
    expect(journal.notTaken[0]?.why ?? '').toContain(why ?? '')
  })

  test('takes calls that have results as made, whatever the end of their reply was called', async () => {
    const response = { choices: [{ message: calls, finish_reason: 'eos' }] }
    const answered = { request: { messages: [user, calls, gave], tools }, response: { choices: [{ message: says }] } }
    const one = await readOne(lines({ request: { messages: [user], tools }, response }, answered), 'chat-jsonl')
    expect(one.replies[0]).toMatchObject({ finish: 'other', finishWord: 'eos' })
    const kinds = ['run.started', 'model.replied', 'call.returned', 'model.replied', 'run.completed']
    expect(kindsOf(journalOf(one))).toEqual(kinds)
  })

  test('takes up texts that changed on the way', async () => {
    const response = (message: object): object => ({ choices: [{ message, finish_reason: 'stop' }] })
    const first = { request: { messages: [{ role: 'system', content: 'A' }, user], tools }, response: response(calls) }
    const second = {
      request: { messages: [{ role: 'system', content: 'B' }, user, calls, gave], tools },
      response: response(says),
    }
    const journal = journalOf(await readOne(lines(first, second), 'chat-jsonl'))
    expect(kindsOf(journal)).toEqual([
      'run.started',
      'model.replied',
      'call.returned',
      'definition.changed',
      'model.replied',
      'run.completed',
    ])
  })

  test('has the output that an answer with a shape has', async () => {
    const format = { type: 'json_schema', json_schema: { name: 'answer', schema: { type: 'object', properties: {} } } }
    const answers = { role: 'assistant', content: '{"a":1}' }
    const { entries } = journalOf(await conversation([user, answers], { response_format: format }))
    expect(JSON.parse(entries.at(-1)?.text ?? '')).toEqual({ output: { a: 1 } })
  })
})
