import { openapiComplaint, openapiIsThere } from '../scripts/openapi.fixture.ts'
import type { Exchange } from './tap.ts'

/** What of an exchange was held to the platform's description, and what is wrong. */
export interface Held {
  readonly answers: number
  readonly events: number
  readonly complaints: readonly string[]
}

/** What the endpoints answer with, and what their streams consist of, by the names of the description. */
const schemas: readonly (readonly [address: RegExp, answer: string, event?: string])[] = [
  [/^(POST|GET) \/v1\/responses(\/resp_\w+)?(\/cancel)?$/, 'Response', 'ResponseStreamEvent'],
  [/^POST \/v1\/responses\/input_tokens$/, 'TokenCountsResource'],
  [/^POST \/v1\/chat\/completions$/, 'CreateChatCompletionResponse', 'CreateChatCompletionStreamResponse'],
  [/^GET \/v1\/models$/, 'ListModelsResponse'],
  [/^(POST|GET) \/v1\/files(\/[\w-]+)?$/, 'OpenAIFile'],
  [/^(POST|GET) \/v1\/batches(\/\w+)?$/, 'Batch'],
]

/** Holds an answer, or each event of a stream, to the description. Where that is not there, nothing is held to it. */
export function heldToDescription({ method, path, status, contentType, answer }: Exchange): Held {
  if (!openapiIsThere) return { answers: 0, events: 0, complaints: [] }
  const address = `${method} ${path.split('?', 1)[0]}`
  const [, whole, event] = schemas.find(([pattern]) => pattern.test(address)) ?? []
  if (whole === undefined) return { answers: 0, events: 0, complaints: [`Nobody describes ${address}.`] }
  const reviver = (key: string, value: unknown): unknown =>
    value === null && (nullable.has(key) || full.has(whole)) ? undefined : value
  const complaint = (name: string, value: unknown): string[] => {
    const found = openapiComplaint(name, value)
    return found === undefined ? [] : [`${address} (${name}): ${JSON.stringify(value).slice(0, 300)}\n${found}`]
  }
  if (status >= 400) return { answers: 1, events: 0, complaints: complaint('ErrorResponse', JSON.parse(answer)) }
  if (!contentType.startsWith('text/event-stream'))
    return { answers: 1, events: 0, complaints: complaint(whole, JSON.parse(answer, reviver)) }
  const lines = answer.split('\n').filter((line) => line.startsWith('data: ') && line !== 'data: [DONE]')
  const events = lines.map((line): unknown => JSON.parse(line.slice('data: '.length), reviver))
  const complaints = events.flatMap((value) => complaint(event ?? whole, value))
  return { answers: 0, events: events.length, complaints }
}

/** The platform sends `null` in these places, and its description knows of no `null` there. */
const nullable = new Set(['user', 'usage', 'description'])

/** In these objects it sends `null` for all that is not there. */
const full = new Set(['Batch', 'OpenAIFile'])
