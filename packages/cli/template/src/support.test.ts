import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRuntime } from '@reprise/core'
import { memoryStore, scriptedModel } from '@reprise/testing'
import { support } from './support.ts'

await test('an order is looked up before the customer is answered', async () => {
  const models = scriptedModel([
    { calls: [{ name: 'find_order', arguments: { orderId: '4711' } }] },
    { text: '{ "resolution": "solved", "reply": "It is on its way." }' },
  ])
  const runtime = createRuntime({ store: memoryStore(), models, definitions: [support] })
  const run = await runtime.start(support, 'Where is my order 4711?')
  assert.deepEqual(await run.result(), { resolution: 'solved', reply: 'It is on its way.' })

  const entries = await runtime.runs.entries(run.id)
  const found = entries.flatMap((entry) => (entry.kind === 'call.returned' ? [entry.body.result] : []))
  assert.deepEqual(found, [{ orderId: '4711', status: 'shipped' }])
  assert.equal((await runtime.replay(run.id)).status, 'matched')
  await runtime.close()
})
