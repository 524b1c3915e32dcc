// Golden files of runs with a history of their own, and files that came to harm.
import { memoryStore, scriptedModel } from '@reprise/testing'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createRuntime, defineAgent, defineTool } from '../src/index.ts'
import { errorOf, exported, served, textOf } from './golden.fixture.ts'

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined }
const models = scriptedModel(({ items }) => ({ text: `heard ${items.length}` }))
const clerk = (version: number) => defineAgent({ name: 'clerk', model: 'm', instructions: 'Help.', version })

describe('a golden file', () => {
  it('of a fork under a newer version of its definition is imported again', async () => {
    const store = memoryStore()
    const first = clerk(1)
    await using one = createRuntime({ store, models, definitions: [first], log: quiet })
    await (await one.start(first, 'go', { id: 'r' })).result()
    await using two = createRuntime({ store, models, definitions: [clerk(2)], log: quiet })
    await (await two.fork('r', { at: 1, id: 'f', edit: { kind: 'input', input: 'no' } })).result()
    const text = await textOf(two.export(['r', 'f']))
    await using there = createRuntime({ store: memoryStore(), models, definitions: [clerk(2)], log: quiet })
    expect((await there.import([text])).runs).toEqual(['r', 'f'])
    expect(await there.replay('f')).toMatchObject({ status: 'matched' })
    expect(await textOf(there.export(['r', 'f']))).toBe(text)
  })

  it('has no secret that a tag of its run has', async () => {
    const charge = defineTool({
      name: 'charge',
      description: 'Charges a card.',
      input: z.object({ card: z.string().meta({ secret: true }) }),
      effect: 'idempotent',
      execute: () => `charged`,
    })
    const till = defineAgent({ name: 'till', model: 'm', instructions: 'Charge.', tools: [charge] })
    const charging = scriptedModel(({ items }) =>
      items.length === 1 ? { calls: [{ name: 'charge', arguments: { card: '4111 1111' } }] } : { text: 'done' },
    )
    await using runtime = createRuntime({ store: memoryStore(), models: charging, definitions: [till], log: quiet })
    await (await runtime.start(till, 'go', { id: 'r', tags: ['card 4111 1111'] })).result()
    expect(await errorOf(textOf(runtime.export('r')))).toMatchObject({
      code: 'secret_in_clear',
      message:
        'The run "r" cannot be exported: its tags hold a secret in the clear. Start runs without secrets in their tags, tenants, users, concurrency keys and ids.',
    })
  })

  it('that was cut off within a sign, or is no UTF-8, is refused with its line', async () => {
    const bytes = new TextEncoder().encode((await exported(await served())).replace('paid', 'pa\u00e9'))
    const at = bytes.findIndex((byte) => byte === 0xc3) + 1
    await using runtime = createRuntime({ store: memoryStore(), models, definitions: [], log: quiet })
    expect((await errorOf(runtime.import([bytes.subarray(0, at)]))).message).toMatch(
      /^Line \d+ of the golden file cannot be taken: the file ends within a sign\. It was cut off/,
    )
    const broken = bytes.map((byte, index) => (index === at ? 0x20 : byte))
    expect((await errorOf(runtime.import([broken]))).message).toMatch(
      'Line 1 of the golden file cannot be taken: it, or a line soon after it, is no UTF-8.',
    )
  })
})
