import type { AgentCard, Item, Model, ModelEvent, ModelReply, ModelRequest } from '@reprise/core'
import { ModelError } from '@reprise/core'

/** An agent with two tools. */
export const card: AgentCard = {
  agent: 'shop',
  version: 1,
  model: 'gpt-4.1-mini',
  settings: {},
  maxOutputTokens: 256,
  tools: ['find_order', 'refund_order'].map((name) => ({
    name,
    description: `Does ${name}.`,
    parameters: {
      type: 'object',
      properties: { id: { type: 'string' } },
      required: ['id'],
      additionalProperties: false,
    },
  })),
  output: null,
}

export function requestOf(
  items: readonly Item[] = [{ kind: 'user', text: 'Hi' }],
  more: Partial<ModelRequest> = {},
): ModelRequest {
  return { runId: 'run-1', card, instructions: 'Be kind.', items, ...more }
}

/** All that a model says to one ask. */
export async function collect(
  model: Model,
  request = requestOf(),
  signal = new AbortController().signal,
): Promise<{ deltas: string[]; reply: ModelReply; events: ModelEvent[] }> {
  const events = await Array.fromAsync(model.ask(request, signal))
  const deltas = events.flatMap((event) => (event.kind === 'text' ? event.delta : []))
  const replies = events.flatMap((event) => (event.kind === 'reply' ? event.reply : []))
  const [reply, ...more] = replies
  if (!reply || more.length > 0) throw new Error(`Expected one reply, got ${replies.length}.`)
  return { deltas, reply, events }
}

/** The ModelError that an ask ends with. */
export async function failureOf(model: Model, request = requestOf(), signal?: AbortSignal): Promise<ModelError> {
  const thrown = await collect(model, request, signal).then(
    ({ reply }) => new Error(`Expected a failure, got ${JSON.stringify(reply)}.`),
    (error: unknown) => error,
  )
  if (thrown instanceof ModelError) return thrown
  throw thrown
}
