import { defineEval, type EvalResult, exact, keepResult, lastOf, passHat, readKept, reportOf } from '@reprise/evals'
import { expect, test } from 'vitest'
import { desk } from './shop.fixture.ts'

/** A result with rows of trials that went well (1) or not (0). */
function resultOf(rows: Readonly<Record<string, readonly (0 | 1)[]>>, set = 'now'): EvalResult {
  return {
    format: 1,
    name: 'words',
    set,
    at: 0,
    repeat: Math.max(...Object.values(rows).map((row) => row.length)),
    scorers: ['exact'],
    unfinished: [],
    rows: Object.entries(rows).map(([id, trials]) => ({
      id,
      asked: id,
      trials: trials.map((score, at) => ({
        run: `${id}-${at}`,
        at: 0,
        outcome: 'completed',
        scores: { exact: score },
        why: {},
        measures: { costUsd: 0.01, latencyMs: 10, turns: 1, inputTokens: 1, outputTokens: 1 },
        success: score === 1,
        spentUsd: 0.01,
      })),
    })),
  }
}

test('pass^k is the share of all draws of k trials that went well together', () => {
  // Each way to draw k of a row's trials, one by one.
  const drawn = (trials: readonly number[], k: number): readonly (readonly number[])[] =>
    k === 0 ? [[]] : trials.flatMap((first, at) => drawn(trials.slice(at + 1), k - 1).map((rest) => [first, ...rest]))
  const rows = [
    [1, 1, 0, 1, 0],
    [1, 1, 1, 1, 1],
    [0, 0, 0, 0, 0],
    [0, 1, 0, 0, 0],
    [1, 1, 1, 1, 0],
  ]
  for (const k of [1, 2, 3, 4, 5]) {
    const shares = rows.map((row) => {
      const all = drawn(row, k)
      return all.filter((some) => some.every((it) => it === 1)).length / all.length
    })
    const tried = rows.map((row) => ({ trials: row.length, successes: row.filter((it) => it === 1).length }))
    expect(passHat(tried, k)).toBeCloseTo(shares.reduce((sum, share) => sum + share, 0) / rows.length, 12)
  }
  expect(passHat([{ trials: 2, successes: 2 }], 3)).toBeUndefined()
})

test('a change is told over the rows that both asked the same, and whether it may be chance', () => {
  const last = resultOf({ a: [0, 0], b: [1, 1], gone: [1, 1] }, 'last')
  const now = resultOf({ a: [1, 1], b: [1, 0], fresh: [0, 0] })
  const reworded = { ...last, rows: last.rows.map((row) => (row.id === 'a' ? { ...row, asked: 'otherwise' } : row)) }
  expect(reportOf(now, {}, reworded).compared).toBe(1)
  const { scores, compared, passHat } = reportOf(now, {}, last)
  expect(compared).toBe(2)
  expect(scores[0]?.mean?.estimate).toBeCloseTo(0.5)
  expect(scores[0]?.change?.difference.estimate).toBeCloseTo(0.25)
  expect(scores[0]?.change?.test).toEqual({ up: 1, down: 1, p: 1 })
  expect(passHat[1]?.change?.difference.estimate).toBeCloseTo(0)
})

test('a gate says what it wants and what is', () => {
  const gates = {
    exact: { min: 0.9 },
    passHat2: { min: 0.5, max: 1 },
    costUsd: { max: 0.02 },
    noWorseThan: 'last',
  } as const
  expect(reportOf(resultOf({ a: [1, 1], b: [1, 0] }), gates)).toMatchObject({
    ok: false,
    gates: [
      { gate: 'exact', ok: false, told: 'exact is to be at least 0.9, and is 0.75' },
      { gate: 'passHat2', ok: true, told: 'passHat2 is to be at least 0.5 and at most 1, and is 0.5' },
      { gate: 'costUsd', ok: true, told: 'costUsd is to be at most 0.02, and is 0.01' },
      { gate: 'noWorseThan', ok: true, told: 'there is no last result to be worse than' },
    ],
  })
})

test('worse than the last is what chance hardly does, or more than was said', () => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g']
  const all = (score: 0 | 1, count: number) =>
    Object.fromEntries(names.map((name, at) => [name, [at < count ? score : 1] as const]))
  const last = resultOf(all(1, 7), 'last')
  const told = (fallen: number, gates: Parameters<typeof reportOf>[1]) =>
    reportOf(resultOf(all(0, fallen)), gates, last).gates[0]
  expect(told(5, { noWorseThan: 'last' })).toMatchObject({ ok: true })
  expect(told(6, { noWorseThan: 'last' })).toEqual({
    gate: 'noWorseThan',
    ok: false,
    told: 'exact fell by 0.8571, which is hardly chance (p 0.03125)',
  })
  expect(told(1, { noWorseThan: { last: true, by: 0.1 } })).toMatchObject({
    told: 'exact fell by 0.1429, more than 0.1',
  })
  expect(told(1, { noWorseThan: { last: true, by: 0.2 } })).toMatchObject({ ok: true })
})

test('two results are kept, so that the same one again is compared with the one before', () => {
  const [first, second, third] = ['1', '2', '3'].map((set) => resultOf({ a: [1] }, set)) as [
    EvalResult,
    EvalResult,
    EvalResult,
  ]
  const kept = keepResult(keepResult(readKept('', 'x'), first), second)
  expect(lastOf(kept, second)?.set).toBe('1')
  expect(lastOf(keepResult(kept, second), second)?.set).toBe('1')
  expect(lastOf(kept, third)?.set).toBe('2')
  expect(keepResult(kept, third).results.map(({ set }) => set)).toEqual(['2', '3'])
  expect(readKept(JSON.stringify(kept), 'x')).toEqual(kept)
  expect(() => readKept('{"format":2}', 'words.eval.json')).toThrow(
    'words.eval.json holds no results of an evaluation in the format 1. Delete it, or name another file.',
  )
})

test('an evaluation that cannot be is refused in words', () => {
  const define = (more: object) => () =>
    defineEval({ name: 'words', data: [], task: desk, scorers: { exact: exact() }, ...more })
  expect(define({ name: 'two words' })).toThrow('An evaluation has the name "two words".')
  expect(define({ repeat: 0 })).toThrow('Evaluation "words" has repeat 0. Give a whole number of 1 to 100.')
  expect(define({ scorers: {} })).toThrow('Evaluation "words" has no scorers.')
  expect(define({ scorers: { turns: exact() } })).toThrow(
    '"turns" is measured in any case. Call the scorer something else.',
  )
  expect(define({ success: ['exakt'] })).toThrow('success names "exakt". Its scorers are: exact.')
  expect(define({ gates: { exakt: { min: 1 } } })).toThrow(
    'Evaluation "words": the gate "exakt" is about nothing that is measured. There are: exact, costUsd, latencyMs, turns, inputTokens, outputTokens, passHat1 to passHat1, noWorseThan.',
  )
  expect(define({ gates: { passHat4: { min: 1 } } })).toThrow(
    'the gate passHat4 needs 4 repeats, and each row is repeated 1 times. Raise repeat.',
  )
  expect(define({ gates: { exact: {} } })).toThrow('Give { min } or { max }, or both, as numbers.')
  expect(define({ gates: { noWorseThan: 'first' } })).toThrow("Give 'last', or { last: true, by: 0.02 }.")
})
