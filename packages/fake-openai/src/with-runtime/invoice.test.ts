// What a run says it cost, beside what the service charged, under every fault.
import { createRuntime, defineAgent, type Logger } from '@reprise/core'
import { openai } from '@reprise/openai'
import { memoryStore } from '@reprise/testing'
import { describe, expect, test } from 'vitest'
import { fakeOpenAI } from '../fake-openai.ts'
import { faultKinds } from '../script/fault-kinds.ts'

const log: Logger = { info: () => undefined, warn: () => undefined, error: () => undefined }
const agent = defineAgent({
  name: 'a',
  model: 'gpt-4.1-mini',
  instructions: 'You are kind. '.repeat(50),
  retry: { attempts: 3, baseMs: 1, maxMs: 2 },
})
/** These take long, or for ever: what is charged by then is a matter of time. */
const slow = ['slow', 'stall', 'hang', 'rate_limit_exceeded']
/** What breaks where nobody has counted. */
const guessed = ['reset', 'cut_stream', 'end_stream']

async function costOf(api: 'chat' | 'responses', fault: (typeof faultKinds)[number]) {
  await using fake = await fakeOpenAI(() => ({ text: 'one two three four five six' }), { faults: [{ n: 1, fault }] })
  const models = openai({ api, apiKey: 'k', baseURL: fake.url })
  await using runtime = createRuntime({ store: memoryStore(), models, definitions: [agent], log })
  const { totals } = await (await runtime.start(agent, 'Hi')).outcome()
  return { totals, charged: (await fake.invoice()).costNano }
}

describe.for(['responses', 'chat'] as const)('what a run cost over %s', (api) => {
  test.for(faultKinds.filter((kind) => !slow.includes(kind)))(
    'is what was charged, or says by how much it may be less: %s',
    async (fault) => {
      const { totals, charged } = await costOf(api, fault)
      const { costNano, estimated = 0, unpriced } = totals
      expect(unpriced).toBe(0)
      expect(costNano - estimated).toBeLessThanOrEqual(charged)
      expect(costNano).toBeGreaterThanOrEqual(charged)
      // Chat Completions end with usage, and a stream that is cut there has said the rest.
      if (!guessed.includes(fault)) expect({ costNano, estimated }).toEqual({ costNano: charged, estimated: 0 })
      else if (api === 'responses') expect(estimated).toBeGreaterThan(0)
    },
  )
})
