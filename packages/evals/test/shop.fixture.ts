// A shop whose agent the tests evaluate: it looks an order up, refunds it, and answers with a total.
import { after, createRuntime, defineAgent, defineTool, type Model, type ModelReply, type Store } from '@reprise/core'
import type { Eval } from '@reprise/evals'
import { manualClock, type ModelScript, type ScriptedAnswer, scriptedModel } from '@reprise/testing'
import { z } from 'zod'

const input = z.object({ id: z.string(), note: z.string().optional() })

/** How often tools acted on the world. */
export const world = { looks: 0, refunds: 0 }

export const look = defineTool({
  name: 'look',
  description: 'Looks an order up.',
  input,
  effect: 'read',
  execute: ({ id }) => {
    world.looks++
    return { id, price: Number(id) }
  },
})

export const refund = defineTool({
  name: 'refund',
  description: 'Refunds an order.',
  input,
  effect: 'idempotent',
  execute: ({ id }) => {
    world.refunds++
    return `refunded ${id}`
  },
})

export const desk = defineAgent({
  name: 'desk',
  model: 'gpt-4.1-mini',
  instructions: 'Serve the customer.',
  tools: [look, refund],
  rules: [after(refund, look)],
  output: z.object({ total: z.number() }),
})

/** A reply of known price. */
export function priced(
  { text, calls = [] }: { readonly text?: string; readonly calls?: readonly { name: string; arguments: object }[] },
  costNano: number | null = 1_000_000,
): ModelReply {
  return {
    items: [
      ...(text === undefined ? [] : [{ kind: 'assistant' as const, text }]),
      ...calls.map(({ name, arguments: given }, at) => ({
        kind: 'call' as const,
        callId: `${name}-${at}-${JSON.stringify(given)}`,
        name,
        arguments: JSON.stringify(given),
      })),
    ],
    finish: 'stop',
    model: 'gpt-4.1-mini-2025-04-14',
    usage: { inputTokens: 100, cachedTokens: 0, outputTokens: 10, reasoningTokens: 0 },
    ...(costNano !== null && { costNano }),
  }
}

/** What a customer has said, and how often the model was told a result since. */
export function asked(request: Parameters<ModelScript>[0]) {
  const [first] = request.items
  const said = first?.kind === 'user' ? first.text : ''
  const results = request.items.flatMap((item) => (item.kind === 'result' ? [item.output] : []))
  return { said, results, repeat: Number(request.runId.split(':').at(-1)) }
}

/** Looks the order up that the customer names, refunds it, and answers with the price. */
export const served: ModelScript = (request) => {
  const { said, results } = asked(request)
  const id = /\d+/.exec(said)?.[0] ?? '0'
  if (results.length === 0) return priced({ calls: [{ name: 'look', arguments: { id } }] })
  if (results.length === 1) return priced({ calls: [{ name: 'refund', arguments: { id } }] })
  return priced({ text: `{"total":${id}}` })
}

export function open(evaluation: Eval, store: Store, script: ModelScript | readonly ScriptedAnswer[] = served) {
  const model = scriptedModel(script)
  return { model, runtime: runtimeOf(evaluation, store, model) }
}

function runtimeOf({ definitions }: Eval, store: Store, models: Model) {
  const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined }
  return createRuntime({ store, models, definitions, clock: manualClock({ now: Date.UTC(2026, 10, 30) }), log: quiet })
}
