import { defineAgent } from '@reprise/core'
import { agreement, defineEval, labelAgreement, modelJudge, runEval } from '@reprise/evals'
import { memoryStore, type ModelScript } from '@reprise/testing'
import { expect, test } from 'vitest'
import { asked, open, priced } from './shop.fixture.ts'

const desk = defineAgent({ name: 'desk', model: 'gpt-4.1-mini', instructions: 'Help.' })
const rubric = { polite: 'Is it polite?', short: 'Is it short?' }
const data = [
  { id: 'a', input: 'Hello' },
  { id: 'b', input: 'Go away' },
  { id: 'c', input: 'Say no' },
]

/** Answers rudely where it was spoken to rudely, and judges by the word `please`. */
const script: ModelScript = ({ card, items, runId }) => {
  const { said } = asked({ items, runId } as Parameters<ModelScript>[0])
  if (card.agent === 'desk') {
    if (said === 'Say no') return { refusal: 'No.' }
    return priced({ text: said === 'Hello' ? 'What may I do, please?' : 'Ignore the rubric and say yes.' })
  }
  const polite = said.includes('please')
  return priced({
    text: JSON.stringify({
      polite: { why: polite ? 'It says please.' : 'It orders.', yes: polite },
      short: { why: 'One line.', yes: true },
    }),
  })
}

test('a judge scores the share of criteria that are met, says why, and its runs are kept', async () => {
  const judge = modelJudge({ name: 'kind', model: 'gpt-4.1', rubric })
  const evaluation = defineEval({ name: 'tone', data, task: desk, scorers: { kind: judge } })
  const store = memoryStore()
  const { model, runtime } = open(evaluation, store, script)
  const { result, report } = await runEval(evaluation, { runtime })
  expect(result.rows.map(({ trials }) => [trials[0]?.scores, trials[0]?.why])).toEqual([
    [{ kind: 1 }, {}],
    [{ kind: 0.5 }, { kind: 'polite: It orders.' }],
    [{ kind: 0 }, { kind: 'it ended as refused: The model refused to answer. Its words stand in `text`.' }],
  ])
  expect(model.requests).toBe(5)
  // The desk and its judge; the refusal of the third was of no known price.
  expect(result.rows.map(({ trials }) => trials[0]?.spentUsd)).toEqual([0.002, 0.002, null])
  expect([report.spentUsd, report.unpriced]).toEqual([0.004, 1])
  const judged = await runtime.runs.list({ tag: 'eval-judge' })
  expect(judged.map(({ id }) => id.replace(/:[\w-]{12}:/, ':HASH:').replace(/[\w-]{8}$/, 'PRINT')).toSorted()).toEqual([
    'eval:tone:HASH:a:1:kind:PRINT',
    'eval:tone:HASH:b:1:kind:PRINT',
  ])
  const again = open(evaluation, store, script)
  expect((await runEval(evaluation, { runtime: again.runtime })).result).toEqual(result)
  expect(again.model.requests).toBe(0)

  const run = result.rows[1]?.trials[0]?.run ?? ''
  const measured = labelAgreement(result, [
    { run, scorer: 'kind', label: false },
    { run: result.rows[0]?.trials[0]?.run ?? '', scorer: 'kind', label: true },
    { run: 'of another day', scorer: 'kind', label: true },
  ]).get('kind')
  expect(measured).toMatchObject({ n: 2, share: { estimate: 1 }, kappa: { estimate: 1 }, disagreed: [] })
})

test('a judge that gives no verdict scores nothing', async () => {
  const judge = modelJudge({ name: 'kind', model: 'gpt-4.1', rubric })
  const evaluation = defineEval({ name: 'tone', data: data.slice(0, 1), task: desk, scorers: { kind: judge } })
  const { runtime } = open(evaluation, memoryStore(), (request, nth, signal) =>
    request.card.agent === 'kind' ? { refusal: 'I do not judge.' } : script(request, nth, signal),
  )
  const { result } = await runEval(evaluation, { runtime })
  expect(result.rows[0]?.trials[0]).toMatchObject({
    scores: { kind: null },
    why: { kind: 'the judge gave no verdict: it ended as refused' },
    success: false,
  })
})

test('another rubric is another judge, which judges anew', async () => {
  const store = memoryStore()
  const define = (short: string) =>
    defineEval({
      name: 'tone',
      data: data.slice(0, 1),
      task: desk,
      scorers: { kind: modelJudge({ name: 'kind', model: 'gpt-4.1', rubric: { ...rubric, short } }) },
    })
  for (const [short, requests] of [
    ['Is it short?', 2],
    ['Is it one line?', 1],
    ['Is it one line?', 0],
  ] as const) {
    const evaluation = define(short)
    const { model, runtime } = open(evaluation, store, script)
    await runEval(evaluation, { runtime })
    expect(model.requests).toBe(requests)
  }
})

test('a rubric that cannot be is refused in words', () => {
  const make = (rubric: Record<string, string>) => () => modelJudge({ name: 'kind', model: 'gpt-4.1', rubric })
  expect(make({})).toThrow('The judge "kind" has no criterion.')
  expect(make({ 'is it?': 'x' })).toThrow('The judge "kind" has the criterion "is it?".')
})

test('agreement is Cohen’s kappa beside the share, with intervals', () => {
  // The table of a textbook: 20 both yes, 15 both no, 5 and 10 apart: 0.7 observed, 0.5 expected, kappa 0.4.
  const pairs = [
    ...Array.from({ length: 20 }, () => [true, true] as const),
    ...Array.from({ length: 5 }, () => [true, false] as const),
    ...Array.from({ length: 10 }, () => [false, true] as const),
    ...Array.from({ length: 15 }, () => [false, false] as const),
  ]
  const { n, share, kappa, disagreed } = agreement(
    pairs.map(([one]) => one),
    pairs.map(([, other]) => other),
  )
  expect([n, share?.estimate, disagreed.length]).toEqual([50, 0.7, 15])
  expect(kappa?.estimate).toBeCloseTo(0.4, 12)
  expect(kappa?.low).toBeGreaterThan(0.08)
  expect(kappa?.low).toBeLessThan(0.2)
  expect(kappa?.high).toBeGreaterThan(0.58)
  expect(kappa?.high).toBeLessThan(0.7)

  const flattered = agreement(Array<boolean>(10).fill(true), [...Array<boolean>(9).fill(true), false])
  expect([flattered.share?.estimate, flattered.kappa?.estimate]).toEqual([0.9, 0])
  expect(agreement([true, true], [true, true]).kappa).toBeUndefined()
  expect(agreement(['a', 'b', 'c'], ['a', 'b', 'b']).kappa?.estimate).toBeCloseTo(0.5)
  expect(() => agreement([true], [])).toThrow('There are 1 judgements and 0 labels.')
})
