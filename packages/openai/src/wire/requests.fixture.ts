import type { AgentCard, InputPart, Item, ModelRequest } from '@reprise/core'
import type { RecordedStep } from './recordings.fixture.ts'

type Fields = Readonly<Record<string, unknown>>

function list(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? (value as Fields[]) : []
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** A recorded request as the runtime would make it; undefined where it says what the runtime cannot. */
export function requestOfStep({ reqBody }: RecordedStep): ModelRequest | undefined {
  const body = reqBody as Fields
  const { input, messages, tool_choice: choice, previous_response_id: previous } = body
  // Forcing a call, and what the service keeps, have their own price.
  if ((choice !== undefined && choice !== 'auto') || previous !== undefined) return undefined
  const said = typeof input === 'string' ? [{ role: 'user', content: input }] : [...list(messages), ...list(input)]
  const system = said.filter(({ role }) => role === 'system')
  const items = said.filter((one) => !system.includes(one)).map(toItems)
  if (system.length > 1 || items.includes(undefined)) return undefined
  const card = cardOf(body)
  const instructions = text(body['instructions']) || text(system[0]?.['content'])
  return card && { runId: 'recorded', card, instructions, items: items.flatMap((item) => item ?? []) }
}

function cardOf({ model, tools, response_format: chat, text: responses }: Fields): AgentCard | undefined {
  if (list(tools).some(({ type }) => type !== 'function')) return undefined
  const format = ((chat as Fields | undefined)?.['json_schema'] ?? (responses as Fields | undefined)?.['format']) as
    | Fields
    | undefined
  return {
    agent: 'recorded',
    version: 1,
    model: text(model),
    settings: {},
    maxOutputTokens: 256,
    tools: list(tools).map((tool) => {
      const { name, description, parameters } = (tool['function'] ?? tool) as Fields
      return { name: text(name), description: text(description), parameters: parameters ?? {} }
    }),
    output: format?.['schema'] ? { name: text(format['name']), schema: format['schema'] } : null,
  }
}

function toItems(said: Fields): Item[] | undefined {
  const { type, role, content, tool_calls: calls, call_id: callId, name, arguments: written, output } = said
  if (type === 'function_call')
    return [{ kind: 'call', callId: text(callId), name: text(name), arguments: text(written) }]
  if (type === 'function_call_output') return [{ kind: 'result', callId: text(callId), output: text(output) }]
  if (role === 'tool') return [{ kind: 'result', callId: text(said['tool_call_id']), output: text(content) }]
  if (role === 'user') return userItem(content)
  if (role !== 'assistant') return undefined
  const words =
    typeof content === 'string'
      ? content
      : list(content)
          .map((part) => text(part['text']))
          .join('')
  const made = list(calls).map((call): Item => {
    const { name: called, arguments: given } = call['function'] as Fields
    return { kind: 'call', callId: text(call['id']), name: text(called), arguments: text(given) }
  })
  return words === '' ? made : [{ kind: 'assistant', text: words }, ...made]
}

function userItem(content: unknown): Item[] | undefined {
  if (typeof content === 'string') return [{ kind: 'user', text: content }]
  const parts = list(content).map(toPart)
  return parts.includes(undefined)
    ? undefined
    : [{ kind: 'user', text: '', parts: parts.flatMap((part) => part ?? []) }]
}

function toPart({ type, text: words, image_url: image, detail }: Fields): InputPart | undefined {
  if (typeof words === 'string') return { kind: 'text', text: words }
  if (type !== 'image_url' && type !== 'input_image') return undefined
  const given = typeof image === 'object' && image !== null ? (image as Fields) : { url: image, detail }
  if (typeof given['url'] !== 'string' || !given['url'].startsWith('data:')) return undefined
  return { kind: 'image', url: given['url'], ...(given['detail'] === 'low' ? { detail: 'low' } : {}) }
}
