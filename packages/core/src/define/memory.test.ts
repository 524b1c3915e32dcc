import { expect, test } from 'vitest'
import { z } from 'zod'
import { defineAgent } from './agent.ts'
import { memory } from './memory.ts'

const schema = z.object({ key: z.string(), value: z.string() })

test('what cannot be a memory is refused, in words', () => {
  const refused = (options: object, message: string): void =>
    // Types keep a program from most of these.
    expect(() => memory({ scope: 'user', schema, ...options })).toThrow(message)

  refused({ scope: 'session' }, `Give it 'user' or 'tenant'.`)
  refused({ name: 'a b' }, 'A memory has the name "a b", which the API refuses.')
  refused({ name: 'a'.repeat(56) }, 'Give it one of at most 55 characters.')
  refused({ facts: 101 }, 'Give it 0 to 100.')
  refused({ key: 'topic' }, 'a fact is an object with the field "topic", a text that it is known by')
  refused({ schema: z.object({ key: z.number() }) }, 'a fact is an object with the field "key"')
  refused({ schema: z.string() }, 'a fact is an object with the field "key"')
  refused(
    { schema: z.object({ key: z.string(), pin: z.string().meta({ secret: true }) }) },
    'its facts hold a secret (',
  )
})

test('two memories of an agent must differ in their names, as their tools do', () => {
  const one = memory({ scope: 'user', schema })
  const other = memory({ scope: 'tenant', schema, name: 'shop' })
  const agent = { name: 'desk', model: 'm', instructions: '' }

  expect(defineAgent({ ...agent, memory: [one, other] }).tools.map(({ name }) => name)).toEqual([
    'remember',
    'recall',
    'remember_shop',
    'recall_shop',
  ])
  expect(() => defineAgent({ ...agent, memory: [one, memory({ scope: 'tenant', schema })] })).toThrow(
    'two tools named "remember"',
  )
})
