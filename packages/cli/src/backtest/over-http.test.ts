// A backtest over real HTTP, on an encrypted file: what leaves for the model, what that costs, and what is left of it.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createRuntime, defineAgent, defineTool } from '@reprise/core'
import { fakeOpenAI } from '@reprise/fake-openai'
import { openai } from '@reprise/openai'
import { sqlite } from '@reprise/store'
import { afterEach, expect, test } from 'vitest'
import { z } from 'zod'
import { tempFolder } from '../reprise.fixture.ts'

let frozen = false

afterEach(() => {
  frozen = false
})

const charge = defineTool({
  name: 'charge',
  description: 'Charges a card.',
  input: z.object({ card: z.string().meta({ secret: true }), usd: z.number() }),
  effect: 'idempotent',
  execute: ({ usd }) => {
    if (frozen) throw new Error('A tool ran')
    return { charged: usd }
  },
})
const till = defineAgent({ name: 'till', model: 'gpt-4.1-mini', instructions: 'Charge.', tools: [charge] })
const CARD = '4111 1111 1111 1111'

test('asks the service for the other model, at its price, with tokens for secrets, and writes nothing', async () => {
  const bodies: string[] = []
  await using fake = await fakeOpenAI(({ body }) => {
    bodies.push(JSON.stringify(body))
    if (body.input.some((item) => item.type === 'function_call_output')) return { text: 'Charged.' }
    const usd = body.model === 'gpt-4.1-mini' ? 30 : 31
    return { calls: [{ name: 'charge', arguments: { card: CARD, usd } }] }
  })
  const path = join(tempFolder(), 'till.db')
  const store = sqlite(path, { encryption: { key: Buffer.alloc(32, 7) } })
  const models = openai({ apiKey: 'any', baseURL: fake.url })
  await using runtime = createRuntime({ store, models, definitions: [till] })
  await (await runtime.start(till, 'Charge my card', { id: 'r' })).result()
  const before = JSON.stringify([await store.runs({}), await store.entries('r')])
  const secrets = (await store.secrets?.('r', 0))?.secrets
  frozen = true
  const asked = bodies.length
  const estimate = await runtime.estimateBacktest({ name: 'till' }, { model: 'gpt-4.1-nano' })
  expect([bodies.length, estimate.asks]).toEqual([asked, 2])
  const same = await runtime.backtest({ name: 'till' }, { model: 'gpt-4.1-mini', keep: true })
  expect(same.runs).toMatchObject([{ status: 'same', calls: { same: 1 } }])
  const { runs, all, asked: money } = await runtime.backtest({ name: 'till' }, { model: 'gpt-4.1-nano', keep: true })
  expect(runs).toMatchObject([{ status: 'parted', parted: { why: 'call not recorded' } }])
  expect(runs[0]?.calls.changes).toMatchObject([
    { kind: 'arguments', fields: [{ path: 'usd', recorded: 30, candidate: 31 }] },
  ])
  expect(bodies.at(-1)).toContain('"model":"gpt-4.1-nano"')
  expect(money).toMatchObject({ asks: 1, unpriced: 0 })
  expect(money.costNano).toBeGreaterThan(0)
  expect(money.costNano).toBeLessThanOrEqual(estimate.atMostNano ?? 0)
  expect(all.parted).toBe(1)
  for (const report of [same.runs, runs]) expect(JSON.stringify(report)).not.toContain('4111')
  expect(JSON.stringify([await store.runs({}), await store.entries('r')])).toBe(before)
  expect((await store.secrets?.('r', 0))?.secrets).toEqual(secrets)
  expect(readFileSync(path).includes('4111')).toBe(false)
})
