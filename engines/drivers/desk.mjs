// What the drivers of both engines work with: a model by turns, which may take its time, and what it was asked.
import { createRuntime } from '@reprise/core'
import { memoryStore, scriptedModel } from '@reprise/testing'
import { desk } from '../desk.ts'

/**
 * A runtime of the desk. Its model refunds, and then answers.
 *
 * @param options.usd what is refunded: above 100 somebody must allow it.
 * @param options.thinks what the model does before it answers, by the turn.
 */
export function deskOf({ usd = 30, thinks = async () => undefined, store = memoryStore() } = {}) {
  const asked = []
  const models = scriptedModel(async ({ items }) => {
    const turn = items.filter(({ kind }) => kind === 'call').length
    asked.push(turn)
    await thinks(turn)
    if (turn > 0) return { text: `You get $${usd} back.` }
    return { calls: [{ name: 'refund_order', arguments: { orderId: '4711', usd } }] }
  })
  return { runtime: createRuntime({ store, models, definitions: [desk] }), asked }
}

/** The kinds of a run's entries. */
export async function kindsOf(runtime, id) {
  return (await runtime.runs.entries(id)).map(({ kind }) => kind)
}
