import { expect, test } from 'vitest'
import { z } from 'zod'
import { DefinitionError } from '../values/errors.ts'
import { type Agent, type AgentOptions, defineAgent } from './agent.ts'
import { MODEL_RETRY } from './retry.ts'
import { defineTool, type Tool } from './tool.ts'

const find = defineTool({ name: 'find_order', description: '', input: z.object({}), effect: 'read', execute: () => 1 })

function define(over: Partial<AgentOptions<string, undefined, undefined, readonly Tool[]>>): Agent {
  return defineAgent({ name: 'support', model: 'm', instructions: 'Help.', ...over }) as Agent
}

test('an agent that says little has what is usual', () => {
  const agent = defineAgent({ name: 'support', model: 'gpt-4.1-mini', instructions: 'Help.' })
  expect(agent).toEqual({
    kind: 'agent',
    name: 'support',
    version: 1,
    model: 'gpt-4.1-mini',
    settings: {},
    maxOutputTokens: 4_096,
    context: undefined,
    hosted: [],
    instructions: expect.any(Function) as unknown,
    tools: [],
    rules: [],
    toolChoice: 'auto',
    parallelCalls: true,
    parallel: Infinity,
    output: undefined,
    compact: { kind: 'compact', way: 'trim', keep: 4 },
    turns: undefined,
    handoffs: undefined,
    totalTurns: undefined,
    memory: [],
    retry: MODEL_RETRY,
    onChange: 'pin',
  })
  expect(agent.instructions({ context: undefined })).toBe('Help.')
})

test('an agent that says all has all of it', () => {
  const context = z.object({ customerId: z.string() })
  const agent = defineAgent({
    name: 'support',
    version: 3,
    model: 'gpt-4.1-mini',
    settings: { temperature: 0 },
    maxOutputTokens: 500,
    context,
    instructions: (run) => `Customer ${run.context.customerId}.`,
    tools: [find],
    output: z.object({ reply: z.string() }),
    budget: { turns: 12 },
    retry: { attempts: 2 },
    onChange: 'stop',
  })
  expect(agent).toMatchObject({
    version: 3,
    settings: { temperature: 0 },
    maxOutputTokens: 500,
    context,
    tools: [find],
    output: { json: { type: 'object', properties: { reply: { type: 'string' } } } },
    turns: 12,
    retry: { ...MODEL_RETRY, attempts: 2 },
    onChange: 'stop',
  })
  expect(agent.instructions({ context: { customerId: 'c1' } })).toBe('Customer c1.')
})

test.each(['', 'the desk', 'x'.repeat(65)])('the name %o is refused', (name) => {
  expect(() => define({ name })).toThrow(
    new DefinitionError({
      code: 'bad_name',
      message: `An agent has the name ${JSON.stringify(name)}, which the API refuses. Use 1 to 64 letters, digits, "_" or "-".`,
      details: { name },
    }),
  )
})

test.each<[string, number, Parameters<typeof define>[0]]>([
  ['version', 0, { version: 0 }],
  ['version', 1.5, { version: 1.5 }],
  ['maxOutputTokens', -1, { maxOutputTokens: -1 }],
  ['budget.turns', 0, { budget: { turns: 0 } }],
  ['retry.attempts', 0, { retry: { attempts: 0 } }],
])('%s %d is refused', (field, value, over) => {
  expect(() => define(over)).toThrow(
    new DefinitionError({
      code: 'bad_number',
      message: `Agent "support" has ${field} ${value}. It must be a whole number of 1 or more.`,
      details: { field, value: String(value) },
    }),
  )
})

test('two tools of one name are refused', () => {
  const other = defineTool({
    name: 'find_order',
    description: 'Another.',
    input: z.object({}),
    effect: 'once',
    execute: () => 1,
  })
  expect(() => define({ tools: [find, other] })).toThrow(
    new DefinitionError({
      code: 'duplicate_name',
      message: 'Agent "support" has two tools named "find_order". Names must differ: rename one of them.',
      details: { name: 'find_order' },
    }),
  )
})

test('an output that a strict schema cannot say is refused by its path', () => {
  const output = z.object({ tickets: z.array(z.object({ closed: z.date() })) })
  expect(() => defineAgent({ name: 'support', model: 'm', instructions: '', output })).toThrow(
    new DefinitionError({
      code: 'schema_unsupported',
      message:
        'Agent "support": output.tickets[].closed is a date, which a strict schema cannot say. ' +
        'Use z.iso.datetime() and convert it in your own code.',
      details: { where: 'Agent "support": output', path: '.tickets[].closed' },
    }),
  )
})

test('two MCP servers of one label are refused', () => {
  const server = { kind: 'mcp', label: 'docs', url: 'https://example.com', tools: ['search'] } as const
  const twice = [server, { kind: 'web-search' }, { ...server, url: 'https://example.org' }] as const
  expect(define({ hosted: [server] }).hosted).toEqual([server])
  expect(() => define({ hosted: twice })).toThrow(
    new DefinitionError({
      code: 'duplicate_name',
      message: 'Agent "support" has two MCP servers named "docs". Names must differ: rename one of them.',
      details: { name: 'docs' },
    }),
  )
})
