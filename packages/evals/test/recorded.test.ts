import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRuntime, defineAgent, defineTool, defineWorkflow, type Runtime } from '@reprise/core'
import { defineEval, exact, fromRuns, heedsRefusals, noneUnrecorded, runEval, toolsFromRuns } from '@reprise/evals'
import { memoryStore, type ModelScript, scriptedModel } from '@reprise/testing'
import { beforeEach, expect, test } from 'vitest'
import { z } from 'zod'
import { asked, desk, open, priced, served, world } from './shop.fixture.ts'

beforeEach(() => {
  world.looks = 0
  world.refunds = 0
})

/** A shop with two runs of the desk. */
async function recorded(): Promise<Runtime> {
  const runtime = createRuntime({ store: memoryStore(), models: scriptedModel(served), definitions: [desk] })
  for (const id of ['12', '30'])
    await (await runtime.start(desk, `Order ${id} arrived broken`, { id: `ticket-${id}`, tags: ['web'] })).outcome()
  return runtime
}

function tickets(shop: Runtime, live: 'none' | 'read' = 'none') {
  return defineEval({
    name: 'tickets',
    data: fromRuns(shop, { tag: 'web' }),
    task: desk,
    tools: toolsFromRuns(shop, { tag: 'web' }, { live }),
    scorers: { exact: exact(), recorded: noneUnrecorded() },
  })
}

test('rows are drawn from runs, and tools answer as they did there, without acting on the world', async () => {
  await using shop = await recorded()
  expect(world).toEqual({ looks: 2, refunds: 2 })
  const evaluation = tickets(shop)
  // Arguments in another order, with a null and a blank more.
  const other: ModelScript = (request, nth, signal) => {
    const { said, results } = asked(request)
    if (results.length > 0) return served(request, nth, signal)
    return { calls: [{ name: 'look', arguments: `{ "note": null,  "id": "${/\d+/.exec(said)?.[0]}" }` }] }
  }
  const { result } = await runEval(evaluation, { runtime: open(evaluation, memoryStore(), other).runtime })
  expect(result.rows.map(({ id, trials }) => [id, trials[0]?.scores])).toEqual([
    ['ticket-12', { exact: 1, recorded: 1 }],
    ['ticket-30', { exact: 1, recorded: 1 }],
  ])
  expect(world).toEqual({ looks: 2, refunds: 2 })
})

test('what is not recorded is refused, and the model is told so', async () => {
  await using shop = await recorded()
  const evaluation = tickets(shop)
  const lost: ModelScript = (request) => {
    const { results } = asked(request)
    if (results.length === 0) return priced({ calls: [{ name: 'look', arguments: { id: '99' } }] })
    return priced({ text: JSON.stringify({ total: results[0]?.length }) })
  }
  const { runtime } = open(evaluation, memoryStore(), lost)
  const { result } = await runEval(evaluation, { runtime })
  const [row] = result.rows
  expect(row?.trials[0]?.scores).toEqual({ exact: 0, recorded: 0 })
  expect(row?.trials[0]?.why['recorded']).toBe('look: Nothing is recorded of look with {"id":"99"}. Go on without it.')
  expect(world.looks).toBe(2)

  const live = tickets(shop, 'read')
  const again = await runEval(live, { runtime: open(live, memoryStore(), lost).runtime })
  expect(again.result.rows[0]?.trials[0]?.scores).toEqual({ exact: 0, recorded: 1 })
  expect(world.looks).toBe(4)
})

test('a call that is made again gets the answers in their order, of the run that the row is drawn from', async () => {
  let stock = 0
  const count = defineTool({
    name: 'count',
    description: 'Counts the stock.',
    input: z.object({}),
    effect: 'read',
    execute: () => ++stock,
  })
  const clerk = defineAgent({ name: 'clerk', model: 'gpt-4.1-mini', instructions: 'Count.', tools: [count] })
  const counting: ModelScript = (request) => {
    const { results, said } = asked(request)
    return results.length < Number(said)
      ? priced({ calls: [{ name: 'count', arguments: {} }] })
      : priced({ text: results.join(' ') })
  }
  await using shop = createRuntime({ store: memoryStore(), models: scriptedModel(counting), definitions: [clerk] })
  for (const id of ['a', 'b']) await (await shop.start(clerk, '2', { id })).outcome()
  const evaluation = defineEval({
    name: 'stock',
    data: fromRuns(shop, {}),
    task: clerk,
    tools: toolsFromRuns(shop, {}),
    scorers: { exact: exact() },
  })
  const { result } = await runEval(evaluation, { runtime: open(evaluation, memoryStore(), counting).runtime })
  expect(result.rows.map(({ id, trials }) => [id, trials[0]?.scores])).toEqual([
    ['a', { exact: 1 }],
    ['b', { exact: 1 }],
  ])
  expect(stock).toBe(4)
})

test('agents of a workflow are answered from what is recorded too', async () => {
  const nightly = defineWorkflow({
    name: 'nightly',
    input: z.object({ order: z.string() }),
    run: async (ctx, { order }) => (await ctx.agent(desk, `Order ${order} arrived broken`)).total,
  })
  await using shop = createRuntime({
    store: memoryStore(),
    models: scriptedModel(served),
    definitions: [nightly, desk],
  })
  await (await shop.start(nightly, { order: '12' }, { id: 'n' })).outcome()
  expect(world).toEqual({ looks: 1, refunds: 1 })
  const evaluation = defineEval({
    name: 'nights',
    data: fromRuns(shop, { name: 'nightly' }),
    task: nightly,
    definitions: [desk],
    tools: toolsFromRuns(shop, { name: 'nightly' }),
    scorers: { exact: exact(), recorded: noneUnrecorded() },
  })
  const { result } = await runEval(evaluation, { runtime: open(evaluation, memoryStore()).runtime })
  expect(result.rows[0]?.trials[0]?.scores).toEqual({ exact: 1, recorded: 1 })
  expect(world).toEqual({ looks: 1, refunds: 1 })
})

test('an evaluation does not draw its own trials, nor what was erased', async () => {
  const store = memoryStore()
  const shop = createRuntime({ store, models: scriptedModel(served), definitions: [desk] })
  for (const id of ['12', '30']) await (await shop.start(desk, `Order ${id} arrived broken`, { id })).outcome()
  await shop.erase('30', { by: 'ana' })
  const evaluation = defineEval({
    name: 'tickets',
    data: fromRuns(shop, { name: 'desk' }),
    task: desk,
    tools: toolsFromRuns(shop, { name: 'desk' }),
    scorers: { exact: exact() },
  })
  const { runtime } = open(evaluation, store)
  for (const label of ['one', 'two'])
    expect((await runEval(evaluation, { runtime, label })).result.rows.map(({ id }) => id)).toEqual(['12'])
  expect(await fromRuns(shop, { tag: 'eval:tickets' })()).toHaveLength(2)
  await shop.close()
})

test('what people said is drawn too: a refused call, and what should have come of a run', async () => {
  const refund = defineTool({
    name: 'refund',
    description: 'Refunds.',
    input: z.object({ usd: z.number() }),
    effect: 'idempotent',
    approval: true,
    execute: () => 'refunded',
  })
  const cashier = defineAgent({ name: 'cashier', model: 'gpt-4.1-mini', instructions: 'Refund.', tools: [refund] })
  const generous: ModelScript = (request) =>
    asked(request).results.length === 0
      ? priced({ calls: [{ name: 'refund', arguments: { usd: 500 } }] })
      : priced({ text: 'You get it.' })
  await using shop = createRuntime({ store: memoryStore(), models: scriptedModel(generous), definitions: [cashier] })
  const run = await shop.start(cashier, 'My lamp is broken', { id: 'c' })
  const outcome = await run.outcome()
  if (outcome.kind !== 'waiting' || outcome.waiting.kind !== 'approval') throw new Error('It does not wait.')
  await shop.reject('c', outcome.waiting.id, { by: 'ana', reason: 'Far too much' })
  await run.outcome()

  const rows = await fromRuns(shop, { name: 'cashier' }, { corrections: { c: 'You get $30.' } })()
  expect(rows).toEqual([
    {
      id: 'c',
      input: 'My lamp is broken',
      expected: 'You get $30.',
      recorded: 'c',
      corrections: [
        {
          kind: 'refused',
          tool: 'refund',
          arguments: { usd: 500 },
          by: 'ana',
          reason: expect.stringContaining('Far too much') as string,
        },
      ],
    },
  ])
  expect(await fromRuns(shop, { name: 'cashier' }, { pick: () => undefined })()).toEqual([])

  const file = join(mkdtempSync(join(tmpdir(), 'reprise-evals-')), 'corrections.jsonl')
  writeFileSync(file, '{"run":"c","expected":"You get $30."}\n')
  expect(await fromRuns(shop, {}, { corrections: file })()).toEqual(rows)
  expect(
    (await fromRuns(shop, {}, { corrections: ({ id }) => `not ${id}` })()).map(({ expected }) => expected),
  ).toEqual(['not c'])
  writeFileSync(file, '\n{"run":"c"}\n')
  await expect(fromRuns(shop, {}, { corrections: file })()).rejects.toThrow(
    'Line 2 of corrections.jsonl is no correction. Give {"run": "ticket-4711", "expected": ...}.',
  )

  const evaluation = defineEval({
    name: 'refunds',
    data: rows,
    task: cashier,
    scorers: { exact: exact(), heeds: heedsRefusals() },
  })
  const { result } = await runEval(evaluation, { runtime: open(evaluation, memoryStore(), generous).runtime })
  expect(result.rows[0]?.trials[0]).toMatchObject({ outcome: 'waiting', scores: { exact: 0, heeds: 0 } })
})
