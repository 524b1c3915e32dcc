// A database that comes to be as it was earlier, while what runs have done outside of it stays. `npm run drill` plays all ways.
import { createRuntime, defineAgent, defineTool } from '@reprise/core'
import { scriptedModel } from '@reprise/testing'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { drill } from './drill.fixture.ts'
import { byFailover, byLog } from './drill-ways.fixture.ts'
import { postgres } from './postgres.ts'
import { restored } from './restored.ts'
import { asAdmin, freshSchema, keysUrl, serverUrl } from './testing.fixture.ts'

test('a call that may have been made after the moment that was restored is not made again before a person has looked', async () => {
  const [url, schema] = [await serverUrl(), freshSchema()]
  const letters: string[] = []
  const write = defineTool({
    name: 'write',
    description: 'Writes a letter.',
    input: z.object({}),
    effect: 'once',
    execute: (_input, { idempotencyKey }) => void letters.push(idempotencyKey),
  })
  const courier = defineAgent({ name: 'courier', model: 'm', instructions: '', tools: [write] })
  const saved = ['runs', 'entries']
  const models = scriptedModel(async ({ items }) => {
    if (items.some(({ kind }) => kind === 'result')) return { text: 'done' }
    for (const name of saved)
      await asAdmin(`create table if not exists ${schema}.${name}_saved as table ${schema}.${name}`)
    return { calls: [{ name: 'write', arguments: {} }] }
  })
  const open = () => createRuntime({ store: postgres(url, { schema }), models, definitions: [courier] })
  {
    await using runtime = open()
    await (await runtime.start(courier, 'go', { id: 'r' })).result()
  }
  for (const name of saved)
    await asAdmin(
      `truncate ${schema}.${name}; insert into ${schema}.${name} overriding system value table ${schema}.${name}_saved`,
    )
  expect(await restored(url, { schema, by: 'ana' })).toEqual({ parked: ['r'] })

  await using runtime = open()
  const worker = runtime.work()
  await runtime.enqueue(courier, 'go', { id: 'later' })
  await (await runtime.resume('later')).result()
  await worker.stop()
  expect(letters).toEqual(['r/agent:0/turn:0/call:0', 'later/agent:0/turn:0/call:0'])
  await runtime.unquarantine('r', { by: 'ana' })
  await (await runtime.resume('r')).result()
  expect(letters).toEqual(['r/agent:0/turn:0/call:0', 'later/agent:0/turn:0/call:0', 'r/agent:0/turn:0/call:0'])
})

test(
  'of runs on a log that is replayed to a moment, those with calls that may not be made twice wait for a person, and all else goes on',
  { tags: 'slow' },
  async () => {
    const drilled = await drill(byLog, { runs: 8, keys: await keysUrl(), livesOn: false, isDeclared: true })
    expect(drilled).toMatchObject({ parked: ['courier'], doubled: [], complaints: [] })
    expect(drilled.cancelled).toBeGreaterThan(0)
    expect(drilled.lost).toBeGreaterThan(0)
  },
)

test(
  'a failover that lost commits is noticed by the processes that live on, though nobody declares it',
  { tags: 'slow' },
  async () => {
    const drilled = await drill(byFailover, { runs: 8, keys: await keysUrl(), livesOn: true, isDeclared: false })
    expect(drilled).toMatchObject({ doubled: [], complaints: [] })
    expect(drilled.parked).toContain('courier')
    expect(drilled.lost).toBeGreaterThan(0)
    expect(drilled.said).toContainEqual(expect.stringContaining('it lacks what it had acknowledged to a process'))
  },
)
