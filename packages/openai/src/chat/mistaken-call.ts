import type { CallItem, ModelReply } from '@reprise/core'
import type { ReplyContext } from '../dialect/dialect.ts'

/** How Groq calls an answer of the model's that is no right call of a tool: it refuses to give it. */
const CODE = 'tool_use_failed'

/**
 * The reply of a model whose server refuses to give it, since its call breaks a tool's schema: the call as it was
 * written, so that the runtime tells the model what is wrong with it.
 *
 * @returns undefined for any other error, and where the call cannot be read.
 */
export function mistakenCall(thrown: unknown, context: ReplyContext): ModelReply | undefined {
  const error = bodyOf(thrown)
  if (error?.code !== CODE || typeof error.failed_generation !== 'string') return undefined
  const items = callsIn(error.failed_generation)
  return items.length > 0 ? { items, finish: 'stop', model: context.model } : undefined
}

interface FailedGeneration {
  readonly code?: unknown
  readonly failed_generation?: unknown
}

function bodyOf(thrown: unknown): FailedGeneration | undefined {
  if (!(thrown instanceof Error) || !('error' in thrown)) return undefined
  return typeof thrown.error === 'object' && thrown.error !== null ? thrown.error : undefined
}

/** A call or a list of calls as JSON, or `<function=name>{...}</function>` as Llama writes it. */
function callsIn(text: string): readonly CallItem[] {
  const tagged = /<function=([\w-]+)>?\s*(\{[\s\S]*\})/.exec(text)
  const found = tagged ? [{ name: tagged[1], arguments: tagged[2] }] : [parse(text)].flat()
  return found.flatMap(toCall)
}

function toCall(found: unknown): CallItem[] {
  if (typeof found !== 'object' || found === null || !('name' in found) || typeof found.name !== 'string') return []
  const given = 'arguments' in found ? found.arguments : 'parameters' in found ? found.parameters : {}
  return [
    {
      kind: 'call',
      callId: '',
      name: found.name,
      arguments: typeof given === 'string' ? given : JSON.stringify(given),
    },
  ]
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
