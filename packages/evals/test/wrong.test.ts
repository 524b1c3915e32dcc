// What is wrong with an evaluation, or with its scorers, is told: nothing passes by it, and nobody is asked in vain.
import { defineAgent } from '@reprise/core'
import { constraint, defineEval, exact, fields, fromRuns, readKept, reportOf, runEval } from '@reprise/evals'
import { memoryStore } from '@reprise/testing'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { desk, open, priced } from './shop.fixture.ts'

const rows = (count: number) =>
  Array.from({ length: count }, (_, at) => ({ id: `r${at}`, input: `Order ${at}`, expected: { total: at } }))
const told = () => priced({ text: '{"total":1}' })

test('a scorer that throws ends it: no further trial is begun', async () => {
  const scorers = {
    broken: ({ row }: { readonly row: { readonly id: string } }) => {
      if (row.id === 'r0') throw new Error('oops')
      return true
    },
  }
  const evaluation = defineEval({ name: 'broken', data: rows(40), task: desk, scorers })
  const { model, runtime } = open(evaluation, memoryStore(), told)
  await expect(runEval(evaluation, { runtime, concurrency: 2 })).rejects.toThrow('oops')
  // It rejects when all that had begun is over.
  const begun = model.requests
  expect(begun).toBeLessThanOrEqual(2)
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve))
  expect(model.requests).toBe(begun)
})

test('what is no score is refused, also where it would read as a number', async () => {
  for (const score of ['', '1', [], undefined, Number.NaN, 2]) {
    const evaluation = defineEval({ name: 'odd', data: rows(1), task: desk, scorers: { odd: () => score as number } })
    const { runtime } = open(evaluation, memoryStore(), told)
    await expect(runEval(evaluation, { runtime }), String(score)).rejects.toMatchObject({ code: 'bad_score' })
  }
})

test('a number that is none is not what is missing', async () => {
  const evaluation = defineEval({
    name: 'nan',
    data: [{ id: 'a', input: 'x', expected: { total: Number('thirty'), list: [Number('thirty')] } }],
    task: () => ({ list: [null] }),
    scorers: { exact: exact(), fields: fields(['total', 'list']) },
  })
  const { result } = await runEval(evaluation, { runtime: open(evaluation, memoryStore()).runtime })
  expect(result.rows[0]?.trials[0]?.scores).toEqual({ exact: 0, fields: 0 })
})

test('bounds that nothing can keep, or that are no numbers, are refused', () => {
  const define = (gates: object) => () =>
    defineEval({ name: 'words', data: [], task: desk, scorers: { exact: exact() }, gates })
  for (const bounds of [{ min: 0.9, max: Number.NaN }, { min: '0.9', max: 1 }, { min: Infinity }, { min: 1, max: 0 }])
    expect(define({ exact: bounds }), JSON.stringify(bounds)).toThrow('Give { min } or { max }, or both, as numbers')
  expect(define({ noWorseThan: null })).toThrow("Give 'last', or { last: true, by: 0.02 }.")
  expect(define({ noWorseThan: { last: true, by: Number.NaN } })).toThrow("Give 'last', or { last: true, by: 0.02 }.")
})

test('a gate says of how many trials a scorer could not tell', async () => {
  const unsure = ({ row }: { readonly row: { readonly id: string } }) => (row.id === 'r0' ? 1 : null)
  const gates = { unsure: { min: 1 } }
  const evaluation = defineEval({ name: 'unsure', data: rows(3), task: desk, scorers: { unsure }, gates })
  const { report, result } = await runEval(evaluation, { runtime: open(evaluation, memoryStore(), told).runtime })
  const gate = { gate: 'unsure', ok: true, told: 'unsure is to be at least 1, and is 1; of 2 trials it is not known' }
  expect(report.gates).toEqual([gate])
  expect(reportOf(result, {}).ok).toBe(true)
})

test('kept results that somebody has broken are none', () => {
  for (const text of ['{"format":1}', '{"format":1,"results":{}}'])
    expect(() => readKept(text, 'words.eval.json')).toThrow('words.eval.json holds no results of an evaluation')
})

test('trials are asked anew where a budget, or an approval, is another', async () => {
  const store = memoryStore()
  const [look] = desk.tools
  if (!look) throw new Error('It has no tool')
  const kinds = [
    desk,
    { ...desk, turns: 3 },
    { ...desk, tools: [{ ...look, approval: true }] },
    defineAgent({ name: 'desk', model: 'gpt-4.1', instructions: 'Serve.', output: z.object({ total: z.number() }) }),
  ]
  for (const task of kinds) {
    const scorers = { even: constraint(() => true) }
    const evaluation = defineEval({ name: 'anew', data: rows(1), task, scorers })
    const { model, runtime } = open(evaluation, store, told)
    await runEval(evaluation, { runtime })
    expect(model.requests).toBe(1)
  }
})

test('a run may have the name of something that all objects have', async () => {
  const evaluation = defineEval({ name: 'shop', data: rows(1), task: desk, scorers: { exact: exact() } })
  const { runtime } = open(evaluation, memoryStore(), told)
  await (await runtime.start(desk, 'Order 1', { id: 'constructor' })).result()
  expect(await fromRuns(runtime, { name: 'desk' })()).toMatchObject([{ id: 'constructor', expected: { total: 1 } }])
})
