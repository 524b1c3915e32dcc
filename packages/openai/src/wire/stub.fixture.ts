import { type AnyTool, defineAgent, defineTool, type JsonSchema, RepriseError, type Schema } from '@reprise/core'
import type { Thread } from './threads.fixture.ts'

type Fields = Readonly<Record<string, unknown>>

/** A schema that says what was recorded and takes whatever comes. */
export function recordedSchema(json: unknown): Schema {
  return {
    '~standard': {
      version: 1,
      vendor: 'recorded',
      validate: (value) => ({ value }),
      jsonSchema: { input: () => json as Record<string, unknown>, output: () => json as Record<string, unknown> },
    },
  }
}

/** What a call without a recorded output is told. */
export const UNRECORDED = 'There is no record of this.'

/**
 * The agent of a thread: its model, instructions and answer as recorded, and tools that give the recorded outputs.
 */
export function agentOf({ turns, api }: Thread) {
  const body = (turns[0]?.step.reqBody ?? {}) as Fields
  const tools = toolsOf(body, turns)
  // A run that goes on after its recording ends in plain words.
  const format = turns.at(-1)?.reply.ending.kind === 'calls' ? undefined : formatOf(body)
  return defineAgent({
    name: 'recorded',
    model: body['model'] as string,
    instructions: instructionsOf(body) || 'None were recorded.',
    tools,
    ...(hasWebSearch(body) && api === 'responses' ? { hosted: [{ kind: 'web-search' }] } : {}),
    ...(format ? { output: format } : {}),
    budget: { turns: turns.length + 1 },
    retry: { attempts: 1 },
  })
}

function toolsOf({ tools: recorded }: Fields, turns: Thread['turns']): readonly AnyTool[] {
  const listed = new Map(
    asList(recorded).flatMap((tool) => {
      const { name, description, parameters } = (tool['function'] ?? tool) as Fields
      return typeof name === 'string' ? [[name, { description, parameters }] as const] : []
    }),
  )
  for (const { reply } of turns) {
    for (const { name } of reply.calls)
      if (!listed.has(name)) listed.set(name, { description: '', parameters: anything })
  }
  return [...listed].map(([name, { description, parameters }]) => {
    const make = (schema: unknown) =>
      defineTool({
        name,
        description: typeof description === 'string' ? description : '',
        input: recordedSchema(schema),
        effect: 'read',
        execute: (_input, { idempotencyKey }) => outputFor(turns, idempotencyKey),
      })
    return orElse(
      () => make(parameters),
      () => make(anything),
    )
  })
}

const anything: JsonSchema = { type: 'object', properties: {}, required: [], additionalProperties: false }

/** By the call's place, which its key names: its id is the model's business. */
function outputFor(turns: Thread['turns'], key: string): string {
  const [, turn, call] = /turn:(\d+)\/call:(\d+)$/.exec(key) ?? []
  const at = turns[Number(turn)]
  const id = at?.reply.calls[Number(call)]?.id ?? ''
  return at?.outputs.get(id) ?? UNRECORDED
}

function instructionsOf({ instructions, input, messages }: Fields): string {
  if (typeof instructions === 'string') return instructions
  const first = [...asList(messages), ...asList(input)].find(({ role }) => role === 'system' || role === 'developer')
  return wordsOf(first?.['content'])
}

/** What the user last said before the first reply. */
export function inputOf({ turns }: Thread): string {
  const { input, messages } = (turns[0]?.step.reqBody ?? {}) as Fields
  if (typeof input === 'string') return input
  const last = [...asList(messages), ...asList(input)].findLast(({ role }) => role === 'user')
  return wordsOf(last?.['content'])
}

function wordsOf(content: unknown): string {
  if (typeof content === 'string') return content
  return asList(content)
    .map(({ text }) => (typeof text === 'string' ? text : ''))
    .join('\n')
}

function formatOf({ response_format: chat, text }: Fields): Schema | undefined {
  const format = ((chat as Fields | undefined)?.['json_schema'] ?? (text as Fields | undefined)?.['format']) as
    | Fields
    | undefined
  if (format?.['strict'] !== true || !format['schema']) return undefined
  const schema = recordedSchema(format['schema'])
  return orElse(
    () => defineAgent({ name: 'probe', model: 'none', instructions: '', output: schema }) && schema,
    () => undefined,
  )
}

function hasWebSearch({ tools }: Fields): boolean {
  return asList(tools).some(({ type }) => typeof type === 'string' && type.startsWith('web_search'))
}

function asList(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? (value as Fields[]) : []
}

/** Strict mode cannot say every schema that was recorded. */
function orElse<T>(attempt: () => T, otherwise: () => T): T {
  try {
    return attempt()
  } catch (error) {
    if (RepriseError.is(error) && error.code === 'schema_unsupported') return otherwise()
    throw error
  }
}
