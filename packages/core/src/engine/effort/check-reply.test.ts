import { memoryStore } from '@reprise/testing'
import { expect, it } from 'vitest'
import { createRuntime, defineAgent, type Model, ModelError, type ModelReply } from '../../index.ts'

const agent = defineAgent({ name: 'agent', model: 'm', instructions: '', retry: { attempts: 1 } })
const usage = { inputTokens: 10, cachedTokens: 0, outputTokens: 2, reasoningTokens: 0 }
const whole: ModelReply = { items: [{ kind: 'assistant', text: 'hi' }], finish: 'stop', model: 'm', usage, costNano: 5 }

/** Asks a model of somebody's own once, and gives what came of it. */
async function asked(reply: unknown, thrown?: ModelError) {
  const models: Model = {
    async *ask() {
      if (thrown) throw thrown
      yield { kind: 'reply', reply: reply as ModelReply }
    },
  }
  const lines: string[] = []
  const push = (line: string): unknown => lines.push(line)
  const log = { info: push, warn: push, error: push }
  await using runtime = createRuntime({ store: memoryStore(), models, definitions: [agent], log })
  const outcome = await (await runtime.start(agent, 'go', { id: 'r' })).outcome()
  const { inputTokens, costNano, unpriced } = (await runtime.runs.get('r')).totals
  return { outcome, totals: { inputTokens, costNano, unpriced }, lines }
}

it.each([
  ['a text', 'hi', 'it is "hi"'],
  ['no items', { ...whole, items: undefined }, 'items is nothing'],
  ['an unknown end', { ...whole, finish: 'done' }, 'finish is "done"'],
  ['an item that is none', { ...whole, items: [null] }, 'items[0] is null'],
  ['an item of no kind', { ...whole, items: [{ kind: 'constructor' }] }, 'items[0].kind is "constructor"'],
  ['words that are no text', { ...whole, items: [{ kind: 'assistant', text: 5 }] }, 'items[0].text is the number 5'],
  [
    'a call whose id is a number',
    { ...whole, items: [...whole.items, { kind: 'call', callId: 7, name: 'f', arguments: '{}' }] },
    'items[1].callId is the number 7',
  ],
  [
    'arguments that are an object',
    { ...whole, items: [{ kind: 'call', callId: 'a', name: 'f', arguments: {} }] },
    'items[0].arguments is an object',
  ],
])('a reply with %s ends its run with the place', async (_, reply, wrong) => {
  const { outcome } = await asked(reply)
  expect(outcome).toMatchObject({
    kind: 'failed',
    error: {
      code: 'bad_reply',
      message: `The model gave a reply that cannot be taken: ${wrong}. It must be a ModelReply: mend the model.`,
    },
  })
})

it.each([
  ['a part of a nano-dollar', { costNano: 0.5 }, 10],
  ['less than nothing', { costNano: -5 }, 10],
  ['more than can be counted', { costNano: 1e300 }, 10],
  ['a bigint', { costNano: 5n }, 10],
  ['tokens as text', { usage: { ...usage, inputTokens: '12' } }, 0],
  ['tokens that are no number', { usage: { ...usage, outputTokens: Number.NaN } }, 0],
])('figures of %s are not added up, and make the ask one of unknown price', async (_, figures, inputTokens) => {
  const totals = { inputTokens, costNano: 0, unpriced: 1 }
  const replied = await asked({ ...whole, ...figures })
  expect(replied).toMatchObject({ outcome: { kind: 'completed', output: 'hi' }, totals })
  expect(replied.lines).toEqual([expect.stringContaining('what cannot be added up')])
  const spent = { usage, costNano: 5, ...figures } as ModelError['spent']
  const failed = await asked(undefined, new ModelError({ code: 'down', message: 'It is down.', spent }))
  expect(failed).toMatchObject({ outcome: { kind: 'failed' }, totals })
})

it('figures that can be added up are', async () => {
  expect(await asked(whole)).toMatchObject({ totals: { inputTokens: 10, costNano: 5, unpriced: 0 }, lines: [] })
})
