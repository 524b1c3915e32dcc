import { memoryStore, scriptedModel } from '@reprise/testing'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createRuntime, defineAgent, defineTool, type Schema } from '../index.ts'

const text = z.string()
const boom = (): never => {
  throw new Error('unknown field')
}

const KINDS: readonly [what: string, schema: Schema, told: string, logged: string][] = [
  ['a refine that throws', z.object({ q: text.refine(boom) }), 'failed: unknown field', 'that throws: unknown field'],
  [
    'a transform that throws',
    z.object({ q: text.transform(boom) }),
    'failed: unknown field',
    'that throws: unknown field',
  ],
  [
    'one deep inside',
    z.object({ a: z.array(z.object({ q: text.refine(boom) })), q: text }),
    'unknown field',
    'that throws',
  ],
  ['an asynchronous check', z.object({ q: text.refine(async () => true) }), 'is asynchronous', 'an asynchronous check'],
  [
    'an asynchronous transform',
    z.object({ q: text.transform(async (q) => q) }),
    'is asynchronous',
    'an asynchronous check',
  ],
]

/** Lets a model give the arguments or the answer three times, and gives what it was told and what was logged. */
async function tried(as: 'input' | 'output', schema: Schema) {
  const search = defineTool({
    name: 'search',
    description: 'd',
    input: as === 'input' ? schema : z.object({}),
    effect: 'read',
    execute: () => 'found',
  })
  const agent = defineAgent({
    name: 'desk',
    model: 'm',
    instructions: '',
    tools: [search],
    ...(as === 'output' && { output: schema }),
  })
  const given = { q: 'open', a: [{ q: 'open' }] }
  const told: string[] = []
  const models = scriptedModel(({ items }) => {
    const last = items.findLast(({ kind }) => kind === 'result' || kind === 'user')
    told.push(last?.kind === 'result' ? last.output : last?.kind === 'user' ? last.text : '')
    if (told.length === 4) return { refusal: 'no' }
    return as === 'input' ? { calls: [{ name: 'search', arguments: given }] } : { text: JSON.stringify(given) }
  })
  const lines: string[] = []
  const push = (line: string): unknown => lines.push(line)
  await using runtime = createRuntime({
    store: memoryStore(),
    models,
    definitions: [agent],
    log: { info: push, warn: push, error: push },
  })
  await (await runtime.start(agent, 'go', { id: 'r' })).outcome()
  return { told: told.slice(1), lines }
}

describe.each(KINDS)('%s', (_, schema, told, logged) => {
  it.each([
    ['input', 'Tool "search": its input schema'],
    ['output', 'The output schema of "desk"'],
  ] as const)('of an %s tells the model why, each time, and whoever wrote it, once', async (as, whose) => {
    const seen = await tried(as, schema)
    expect(seen.told).toHaveLength(3)
    for (const said of seen.told) expect(said).toContain(told)
    expect(seen.lines).toEqual([expect.stringMatching(new RegExp(`^${whose} has .*${logged}`))])
  })
})
