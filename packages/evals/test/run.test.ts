import { defineWorkflow } from '@reprise/core'
import {
  callsInOrder,
  constraint,
  costAtMost,
  defineEval,
  exact,
  fields,
  latencyAtMost,
  noRulesBroken,
  runEval,
  turnsAtMost,
} from '@reprise/evals'
import { Crash, crashing, memoryStore } from '@reprise/testing'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { asked, desk, open, priced, served, world } from './shop.fixture.ts'

const data = [
  { id: 'lamp', input: 'Order 12 arrived broken', expected: { total: 12 } },
  { id: 'chair', input: 'Order 30 arrived broken', expected: { total: 31 } },
]

function tickets(repeat = 2) {
  return defineEval({
    name: 'tickets',
    data,
    task: desk,
    scorers: {
      exact: exact(),
      near: fields({ total: { tolerance: 1 } }),
      calls: callsInOrder([{ name: 'look' }, { name: 'refund', arguments: { id: '12' } }]),
      rules: noRulesBroken(),
      even: constraint((output: { total: number }) => output.total % 2 === 0),
      cheap: costAtMost(0.002),
      quick: latencyAtMost(0),
      short: turnsAtMost(3),
      long: ({ run }) => run.entries.length > 100,
    },
    success: ['exact', 'rules'],
    repeat,
  })
}

test('each repeat of each row is a run, which every scorer scores', async () => {
  const evaluation = tickets()
  const { model, runtime } = open(evaluation, memoryStore())
  const { result, report } = await runEval(evaluation, { runtime })
  expect(model.requests).toBe(12)
  expect(result.rows.map(({ id, trials }) => [id, trials.map(({ scores }) => scores)])).toEqual([
    [
      'lamp',
      [
        { exact: 1, near: 1, calls: 1, rules: 1, even: 1, cheap: 0, quick: 1, short: 1, long: 0 },
        { exact: 1, near: 1, calls: 1, rules: 1, even: 1, cheap: 0, quick: 1, short: 1, long: 0 },
      ],
    ],
    [
      'chair',
      [
        { exact: 0, near: 1, calls: 0.5, rules: 1, even: 1, cheap: 0, quick: 1, short: 1, long: 0 },
        { exact: 0, near: 1, calls: 0.5, rules: 1, even: 1, cheap: 0, quick: 1, short: 1, long: 0 },
      ],
    ],
  ])
  expect(result.rows[1]?.trials[0]?.why).toEqual({
    exact: 'expected {"total":31}, and it is {"total":30}',
    calls: '1 of 2 wanted calls in order; made: look({"id":"30"}), refund({"id":"30"})',
    cheap: 'it cost $0.003000',
  })
  expect(report.scores.map(({ name, mean }) => [name, mean?.estimate])).toEqual([
    ['exact', 0.5],
    ['near', 1],
    ['calls', 0.75],
    ['rules', 1],
    ['even', 1],
    ['cheap', 0],
    ['quick', 1],
    ['short', 1],
    ['long', 0],
  ])
  expect(report.measures.map(({ name, mean }) => [name, mean?.estimate])).toEqual([
    ['costUsd', 0.003],
    ['latencyMs', 0],
    ['turns', 3],
    ['inputTokens', 300],
    ['outputTokens', 30],
  ])
  expect(report.passHat.map(({ name, mean }) => [name, mean?.estimate])).toEqual([
    ['passHat1', 0.5],
    ['passHat2', 0.5],
  ])
  const { run = '' } = result.rows[0]?.trials[1] ?? {}
  expect(run).toMatch(/^eval:tickets:[\w-]{12}:lamp:2$/)
  expect((await runtime.replay(run)).divergence).toBe(null)
  expect((await runtime.runs.list({ tag: 'eval:tickets' })).length).toBe(4)
})

test('the same evaluation again asks nobody, until something in it is another', async () => {
  const store = memoryStore()
  const evaluation = tickets()
  const first = open(evaluation, store)
  const { result } = await runEval(evaluation, { runtime: first.runtime })
  const again = open(evaluation, store)
  expect((await runEval(evaluation, { runtime: again.runtime })).result).toEqual(result)
  expect(again.model.requests).toBe(0)

  await runEval(evaluation, { runtime: again.runtime, label: 'once more' })
  expect(again.model.requests).toBe(12)

  const kinder = defineEval({
    name: 'tickets',
    data,
    task: { ...desk, instructions: () => 'Be kind.' },
    scorers: { exact: exact() },
  })
  const third = open(kinder, store)
  await runEval(kinder, { runtime: third.runtime })
  expect(third.model.requests).toBe(6)
})

test('one that dies after any write of its journals comes to the same, and asks nothing twice', async () => {
  const evaluation = tickets(1)
  const whole = open(evaluation, memoryStore())
  const { result } = await runEval(evaluation, { runtime: whole.runtime, concurrency: 1 })
  const counted = crashing(memoryStore(), { at: Infinity, side: 'after' })
  await runEval(evaluation, { runtime: open(evaluation, counted).runtime, concurrency: 1 })
  expect(counted.commits).toBeGreaterThan(8)
  for (let at = 1; at <= counted.commits; at++) {
    const kept = memoryStore()
    const dying = open(evaluation, crashing(kept, { at, side: 'after' }))
    const died = await runEval(evaluation, { runtime: dying.runtime, concurrency: 1 }).then(
      ({ result }) => result.unfinished.length > 0 || at === counted.commits,
      (error: unknown) => error instanceof Crash || String(error).includes('This process is dead'),
    )
    expect(died, `write ${at}`).toBe(true)
    const next = open(evaluation, kept)
    const after = await runEval(evaluation, { runtime: next.runtime, concurrency: 1 })
    // How long a run took that stood still in between is not known.
    if (at === 3) expect(after.result.rows.map(({ trials }) => trials[0]?.measures.latencyMs)).toEqual([null, 0])
    const timeless = ({ rows }: typeof result) =>
      rows.map(({ trials }) =>
        trials.map(({ run, scores, measures }) => [run, { ...scores, quick: 0 }, { ...measures, latencyMs: 0 }]),
      )
    expect(timeless(after.result), `write ${at}`).toEqual(timeless(result))
    expect(dying.model.requests + next.model.requests, `write ${at}`).toBe(whole.model.requests)
  }
})

test('a function and a workflow are tasks like an agent, and their runs are kept', async () => {
  const double = defineEval({
    name: 'double',
    data: [{ id: 'two', input: 2, expected: 4 }],
    task: (n: number) => n * 2,
    scorers: { exact: exact() },
  })
  const { runtime } = open(double, memoryStore())
  const { result } = await runEval(double, { runtime })
  expect(result.rows[0]?.trials[0]).toMatchObject({ scores: { exact: 1 }, measures: { costUsd: 0, turns: 0 } })

  const both = defineWorkflow({
    name: 'both',
    input: z.object({ orders: z.array(z.string()) }),
    async run(ctx, { orders }) {
      const totals = await ctx.map(orders, (order, ctx) => ctx.agent(desk, `Order ${order} arrived broken`))
      return totals.reduce((sum, { total }) => sum + total, 0)
    },
  })
  const sums = defineEval({
    name: 'sums',
    data: [{ id: 'two', input: { orders: ['1', '2'] }, expected: 3 }],
    task: both,
    definitions: [desk],
    scorers: {
      exact: exact(),
      calls: callsInOrder([
        { name: 'refund', arguments: { id: '1' } },
        { name: 'look', arguments: { id: '2' } },
      ]),
    },
  })
  const summed = await runEval(sums, { runtime: open(sums, memoryStore()).runtime })
  expect(summed.result.rows[0]?.trials[0]).toMatchObject({
    scores: { exact: 1, calls: 1 },
    measures: { costUsd: 0.006, turns: 6 },
  })
})

test('an output is what is expected whatever the order of its keys, and where null stands for nothing', async () => {
  const evaluation = defineEval({
    name: 'odd',
    data: [{ id: 'a', input: 1, expected: { list: [{ n: 1 }], text: 'x' } }],
    task: () => ({ text: 'x', list: [{ n: 1, note: null }], gone: null }),
    scorers: { exact: exact(), fields: fields(['list.0.n', 'text', 'list.1.n']) },
  })
  const { result } = await runEval(evaluation, { runtime: open(evaluation, memoryStore()).runtime })
  expect(result.rows[0]?.trials[0]?.scores).toEqual({ exact: 1, fields: 1 })
})

test('a price that is not known is no zero', async () => {
  const evaluation = defineEval({
    name: 'unpriced',
    data,
    task: desk,
    scorers: { cheap: costAtMost(1) },
    gates: { costUsd: { max: 1 } },
  })
  const { runtime } = open(evaluation, memoryStore(), (request) => {
    const { said } = asked(request)
    return priced({ text: '{"total":1}' }, said.includes('12') ? null : 5_000_000)
  })
  const { report, result } = await runEval(evaluation, { runtime })
  expect(result.rows.map(({ trials }) => trials[0]?.measures.costUsd)).toEqual([null, 0.005])
  expect(report.scores[0]).toMatchObject({ unknown: 1, mean: { estimate: 1, n: 1 } })
  expect(report.gates).toEqual([
    { gate: 'costUsd', ok: false, told: 'costUsd is to be at most 1, and 1 trial has no known price' },
  ])
})

test('a run that fails scores nothing, and one that could not be run makes the evaluation unfinished', async () => {
  const evaluation = tickets(1)
  const { runtime } = open(evaluation, memoryStore(), (request, nth, signal) =>
    asked(request).said.includes('12') ? { refusal: 'No.' } : served(request, nth, signal),
  )
  const { result } = await runEval(evaluation, { runtime })
  expect(result.rows[0]?.trials[0]).toMatchObject({ outcome: 'refused', scores: { exact: 0, even: 0 }, success: false })

  const other = open(evaluation, memoryStore())
  await other.runtime.close()
  await expect(runEval(evaluation, { runtime: other.runtime })).rejects.toThrow('closed')
})

test('rows that cannot be are told by their number and their id', async () => {
  const run = async (rows: readonly object[]) => {
    const evaluation = defineEval({ name: 'odd', data: rows as typeof data, task: desk, scorers: { exact: exact() } })
    await runEval(evaluation, { runtime: open(evaluation, memoryStore()).runtime })
  }
  await expect(run([])).rejects.toThrow('The evaluation "odd" has no rows: its data is an empty list.')
  await expect(
    run([
      { id: 'a', input: 'x' },
      { id: 'a b', input: 'x' },
    ]),
  ).rejects.toThrow(
    'Row 2 of the evaluation "odd" has the id "a b". Give 1 to 64 printable ASCII characters without spaces.',
  )
  await expect(run([{ id: 'a' }])).rejects.toThrow('Row 1 of the evaluation "odd" ("a") has no input.')
  await expect(
    run([
      { id: 'a', input: 'x' },
      { id: 'a', input: 'y' },
    ]),
  ).rejects.toThrow('Rows 1 and 2 of the evaluation "odd" have the same id "a". Give each its own.')
  await expect(run([{ id: 'a', input: { text: 1 } }])).rejects.toThrow('Row "a" of the evaluation "odd": ')
})

test('tools act on the world unless somebody answers in their place', async () => {
  world.looks = 0
  const evaluation = tickets(1)
  await runEval(evaluation, { runtime: open(evaluation, memoryStore()).runtime })
  expect(world.looks).toBe(2)
})
