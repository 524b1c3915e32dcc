// Whatever stands in a file, it is read or named: nothing throws, and each journal is one that a store takes.
import { memoryStore, scriptedModel } from '@reprise/testing'
import { createRuntime, goldenText, type Json } from '@reprise/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { journalOf, type RecordedFormat } from '../src/index.ts'
import { lines, read, sample } from './read.fixture.ts'

const SAMPLES: readonly (readonly [string, RecordedFormat])[] = [
  ['agents-responses', 'agents-trace'],
  ['agents-chat', 'agents-trace'],
  ['langsmith-wrapped-stream', 'langsmith'],
  ['langsmith-langgraph', 'langsmith'],
  ['langsmith-langgraph-responses', 'langsmith'],
  ['otel-traceloop-chat', 'otel-genai'],
  ['otel-arize-chat-stream', 'otel-genai'],
  ['otel-official-responses', 'otel-genai'],
]

const odd = fc.constantFrom<Json>(
  null,
  0,
  -1,
  'x',
  '',
  true,
  [],
  {},
  [null],
  [[1]],
  { type: 'text' },
  'a'.repeat(300),
  '\ud800',
  '{"a":',
  '[{}]',
)

/** Puts something else in the place of a node, which `steps` find from the root. */
function changed(value: unknown, steps: readonly number[], into: Json): unknown {
  const [step, ...rest] = steps
  if (step === undefined || typeof value !== 'object' || value === null) return into
  if (Array.isArray(value)) {
    const all = value as readonly unknown[]
    return all.length === 0 ? into : all.with(step % all.length, changed(all[step % all.length], rest, into))
  }
  const entries = Object.entries(value)
  const [key, member] = entries[step % Math.max(1, entries.length)] ?? []
  return key === undefined ? into : { ...value, [key]: changed(member, rest, into) }
}

test.each(SAMPLES)('%s, changed anywhere, is read or named', async (name, from) => {
  const objects = sample(name)
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown)
  const change = fc.record({ steps: fc.array(fc.nat(60), { minLength: 1, maxLength: 12 }), into: odd })
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 6 }), async (changes) => {
      const all = changes.reduce<unknown>((value, { steps, into }) => changed(value, steps, into), objects)
      const text = lines(...(Array.isArray(all) ? (all as readonly unknown[]) : [all]))
      const { conversations } = await read(text, from)
      await using runtime = createRuntime({ store: memoryStore(), models: scriptedModel([]), definitions: [] })
      const journals = conversations.map((conversation) => journalOf(conversation))
      const { runs, parked } = await runtime.import(goldenText(journals, 'test 1.0.0'))
      expect([runs.length, parked]).toEqual([conversations.length, []])
    }),
    { numRuns: process.env['REPRISE_ALL'] ? 3_000 : 100 },
  )
})
