import { expect, test } from 'vitest'
import { z } from 'zod'
import { type Agent, defineAgent } from '../../define/agent.ts'
import { defineTeam } from '../../define/team.ts'
import { defineTool } from '../../define/tool.ts'
import { call, Journal, say } from '../journal.fixture.ts'

const ping = defineTool({ name: 'ping', description: '', input: z.object({}), effect: 'read', execute: () => 1 })

function agent(output: z.ZodType): Agent {
  return defineAgent({ name: 'support', model: 'm', instructions: '', tools: [ping], output }) as Agent
}

const rated = agent(z.object({ stars: z.int(), note: z.string().optional() }))

function answered(definition: Agent, ...texts: readonly string[]): Journal {
  return new Journal(definition).replies(...texts.map(say))
}

function completed(output: unknown): unknown {
  return [{ kind: 'record', draft: { kind: 'run.completed', key: 'run', attempt: 1, body: { output } } }]
}

function failed(code: string, message: string, text: string): unknown {
  const body = { outcome: 'failed', error: { code, message }, text }
  return [{ kind: 'record', draft: { kind: 'run.failed', key: 'run', attempt: 1, body } }]
}

test('without a schema the answer is all of the words', () => {
  const plain = defineAgent({ name: 'support', model: 'm', instructions: '' }) as Agent
  expect(answered(plain, 'All ', 'done.').next).toEqual(completed('All done.'))
})

test('with a schema the answer is what it makes of the words', () => {
  expect(answered(rated, '{"stars":5,"note":null}').next).toEqual(completed({ stars: 5 }))
})

test('an answer whose schema is no object is unwrapped', () => {
  expect(answered(agent(z.array(z.int())), '{"value":[1,2]}').next).toEqual(completed([1, 2]))
})

test('an answer that is no JSON goes back with the complaint', () => {
  const told = [
    'Your answer does not fit what was asked for.',
    `It is not JSON: Unexpected token 'F', "Five stars" is not valid JSON`,
    'Answer again, whole, with this mended.',
  ].join('\n')
  expect(answered(rated, 'Five stars').next).toEqual([
    { kind: 'record', draft: { kind: 'output.judged', key: 'agent:0/turn:0', attempt: 1, body: { told } } },
  ])
})

test('an answer that breaks its schema goes back place by place', () => {
  const told = [
    'Your answer does not fit what was asked for.',
    'The value breaks its schema in one place:',
    '- stars: Invalid input: expected int, received number; got 4.5',
    'Answer again, whole, with this mended.',
  ].join('\n')
  expect(answered(rated, '{"stars":4.5,"note":null}').next).toEqual([
    { kind: 'record', draft: { kind: 'output.judged', key: 'agent:0/turn:0', attempt: 1, body: { told } } },
  ])
})

test('the fourth wrong answer in a row ends the run, with the last complaint and the last answer', () => {
  const journal = answered(rated, 'one')
    .settle()
    .replies(say('two'))
    .settle()
    .replies(say('three'))
    .settle()
    .replies(say(''))
  expect(journal.state.repairs).toBe(3)
  expect(journal.next).toEqual(
    failed(
      'output_invalid',
      'The answer broke its schema 4 times in a row. The last complaint: It is not JSON: Unexpected end of JSON input',
      '',
    ),
  )
})

test('tools between two wrong answers begin the count anew', () => {
  const journal = answered(rated, 'one').settle().replies(say('two')).settle().replies(say('three')).settle()
  journal.replies(call('c1', 'ping')).returns(0, 'pong').replies(say('four'))
  expect(journal.next).toMatchObject([{ draft: { kind: 'output.judged' } }])
})

test('what a schema makes of an answer must be JSON, or the run fails with its path', () => {
  const tagged = agent(z.object({ tags: z.array(z.string()) }).transform(({ tags }) => ({ tags: new Set(tags) })))
  const text = '{"tags":["a"]}'
  expect(answered(tagged, text).next).toEqual(
    failed(
      'output_not_json',
      'The output cannot be kept in a journal: .tags is a Set. Let the output schema give plain JSON.',
      text,
    ),
  )
})

test("a team's schema governs, whoever answers", () => {
  const back = defineAgent({ name: 'back', model: 'm', instructions: '' })
  const team = defineTeam({
    name: 'desk',
    entry: rated,
    handoffs: [[rated, [back]]],
    output: z.object({ ok: z.boolean() }),
  })
  const journal = new Journal(team).replies(call('c1', 'transfer_to_back')).settle()
  expect(journal.replies(say('{"ok":true}')).next).toEqual(completed({ ok: true }))
})
