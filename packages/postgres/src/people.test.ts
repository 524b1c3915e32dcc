// What people are asked, on Postgres: listed, told, answered once, allowed with other arguments and by several, and over.
import { createRuntime, defineAgent, defineTool } from '@reprise/core'
import { manualClock, scriptedModel } from '@reprise/testing'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { postgres } from './index.ts'
import { freshSchema, keptPool, serverUrl } from './testing.fixture.ts'

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined }
const key = (call: number) => `agent:0/turn:0/call:${call}`
const ana = { id: 'ana', source: 'oidc' }
const ben = { id: 'ben', source: 'oidc' }

it('what people are asked is listed and told, answered and allowed once, and over in time', async () => {
  const paid: string[] = []
  const pay = defineTool({
    name: 'pay',
    description: 'Pays.',
    input: z.object({ usd: z.number() }),
    output: z.object({ paid: z.number() }),
    effect: 'idempotent',
    approval: true,
    approvalTimeoutMs: 60_000,
    approvers: 2,
    execute: ({ usd }, { idempotencyKey }) => {
      paid.push(`${usd} ${idempotencyKey}`)
      return { paid: usd }
    },
  })
  const payment = defineTool({
    name: 'payment',
    description: 'Waits for a payment.',
    external: true,
    input: z.object({}),
    output: z.object({ usd: z.number() }),
    timeoutMs: 60_000,
  })
  const till = defineAgent({ name: 'till', model: 'm', instructions: '', tools: [pay, payment] })
  const models = scriptedModel(({ items }) => {
    if (items.some(({ kind }) => kind === 'result')) return { text: 'done' }
    return {
      calls: [
        { name: 'pay', arguments: { usd: 200 } },
        { name: 'payment', arguments: {} },
      ],
    }
  })
  const pool = keptPool(await serverUrl())
  const clock = manualClock()
  const told: string[] = []
  await using runtime = createRuntime({
    store: postgres(pool, { schema: freshSchema() }),
    models,
    definitions: [till],
    clock,
    log: quiet,
    onApproval: ({ id }) => void told.push(id),
  })
  for (const id of ['r', 'late'])
    expect(await (await runtime.start(till, 'go', { id })).outcome()).toMatchObject({ kind: 'waiting' })
  // Which of two that are asked at once is told first is chance.
  expect(told.toSorted()).toEqual([key(0), key(0), `late/${key(1)}`, `r/${key(1)}`])
  const { asks, next } = await runtime.approvals({ limit: 3 })
  expect(asks.map(({ runId, kind }) => `${runId} ${kind}`)).toEqual(['r approval', 'r answer', 'late approval'])
  expect((await runtime.approvals({ after: next ?? '' })).asks).toMatchObject([{ runId: 'late', kind: 'answer' }])

  await expect(runtime.approve('r', key(0), { by: 'ana' })).rejects.toMatchObject({ code: 'not_authenticated' })
  await (await runtime.approve('r', key(0), { by: ana, arguments: { usd: 150 } })).outcome()
  await (await runtime.approve('r', `${key(0)}#2`, { by: ben })).outcome()
  expect(paid).toEqual([`150 r/${key(0)}`])

  const id = `r/${key(1)}`
  const client = await pool.connect()
  await client.query('begin')
  await runtime.answer(id, { usd: 1 }, { by: 'bank', tx: client })
  await client.query('rollback')
  await client.query('begin')
  await runtime.answer(id, { usd: 2 }, { by: 'bank', tx: client })
  await client.query('commit')
  client.release()
  await expect(runtime.answer(id, { usd: 3 }, { by: 'another' })).rejects.toMatchObject({ code: 'answered' })
  expect(await (await runtime.resume('r')).result()).toBe('done')
  const returned = (await runtime.runs.entries('r')).filter(({ kind }) => kind === 'call.returned')
  expect(returned.map(({ body }) => body)).toMatchObject([
    { result: { paid: 150 } },
    { result: { usd: 2 }, by: 'bank' },
  ])

  await clock.advance(60_000)
  expect(await (await runtime.resume('late')).result()).toBe('done')
  const ends = (await runtime.runs.entries('late')).map(({ kind, body }) =>
    kind === 'approval.given' ? body.by : kind === 'call.failed' ? body.error.code : '',
  )
  expect(ends.filter((end) => end !== '').toSorted()).toEqual(['answer_expired', 'the clock'])
  for (const run of ['r', 'late']) expect((await runtime.replay(run)).status).toBe('matched')
})
