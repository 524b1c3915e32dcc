import type { RecordedStep } from './recordings.fixture.ts'

/** A call as either API says it. */
export interface WireCallRecord {
  readonly id: string
  readonly name: string
  readonly arguments: string
}

/** How a recorded reply ended. */
export type Ending =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'calls' }
  | { readonly kind: 'cut short'; readonly text: string }
  | { readonly kind: 'error'; readonly code: string }

/** What a recorded reply said, whichever API it came by. */
export interface StepReply {
  readonly calls: readonly WireCallRecord[]
  readonly ending: Ending
  readonly inputTokens: number | undefined
}

type Fields = Readonly<Record<string, unknown>>

function fields(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {}
}

function list(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.map(fields) : []
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** Which API a step speaks; undefined where it asks no model. */
export function apiOf({ path, reqBody }: RecordedStep): 'responses' | 'chat' | undefined {
  if (typeof reqBody !== 'object') return undefined
  if (path === '/v1/responses') return 'responses'
  return path === '/v1/chat/completions' ? 'chat' : undefined
}

/** The outputs of calls that a request carries, by call id; of Chat Completions or of the Responses API. */
export function outputsIn(body: unknown): Map<string, string> {
  const { input, messages } = fields(body)
  const told = [
    ...list(input)
      .filter(({ type }) => type === 'function_call_output')
      .map(({ call_id: id, output }) => [id, output]),
    ...list(messages)
      .filter(({ role }) => role === 'tool')
      .map(({ tool_call_id: id, content }) => [id, content]),
  ]
  return new Map(told.map(([id, output]) => [text(id), typeof output === 'string' ? output : JSON.stringify(output)]))
}

/** The calls that a request carries back. */
export function callsIn(body: unknown): readonly WireCallRecord[] {
  const { input, messages } = fields(body)
  return [
    ...list(input)
      .filter(({ type }) => type === 'function_call')
      .map(responsesCall),
    ...list(messages).flatMap(({ tool_calls: calls }) => list(calls).map(chatCall)),
  ]
}

/** What a step's reply said. */
export function replyOf(step: RecordedStep): StepReply {
  const body = fields(step.respJson ?? foldStream(step.respText ?? ''))
  if (step.status !== 200)
    return { calls: [], ending: { kind: 'error', code: text(fields(body['error'])['code']) }, inputTokens: undefined }
  return 'choices' in body ? chatReply(body) : responsesReply(body)
}

function responsesReply({ output, status, usage }: Fields): StepReply {
  const items = list(output)
  const calls = items.filter(({ type }) => type === 'function_call').map(responsesCall)
  const words = items.flatMap(({ content, type }) =>
    type === 'message' ? list(content).map((part) => text(part['text'])) : [],
  )
  return {
    calls,
    ending: endingOf(status === 'incomplete', calls, words.join('')),
    inputTokens: count(fields(usage)['input_tokens']),
  }
}

function chatReply({ choices, usage }: Fields): StepReply {
  const choice = list(choices)[0] ?? {}
  const { content, tool_calls: made } = fields(choice['message'])
  const calls = list(made).map(chatCall)
  const short = choice['finish_reason'] === 'length'
  return { calls, ending: endingOf(short, calls, text(content)), inputTokens: count(fields(usage)['prompt_tokens']) }
}

function endingOf(short: boolean, calls: readonly unknown[], words: string): Ending {
  if (short) return { kind: 'cut short', text: words }
  return calls.length > 0 ? { kind: 'calls' } : { kind: 'text', text: words }
}

function count(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined
}

function responsesCall({ call_id: id, name, arguments: written }: Fields): WireCallRecord {
  return { id: text(id), name: text(name), arguments: text(written) }
}

function chatCall({ id, function: call }: Fields): WireCallRecord {
  const { name, arguments: written } = fields(call)
  return { id: text(id), name: text(name), arguments: text(written) }
}

/** The object that a recorded stream folds to, by the simplest means that these recordings allow. */
function foldStream(sse: string): Fields {
  const events = sse
    .split('\n')
    .filter((line) => line.startsWith('data: {'))
    .map((line) => fields(JSON.parse(line.slice(6))))
  const last = events.findLast(({ type }) => type === 'response.completed' || type === 'response.incomplete')
  if (last) return fields(last['response'])
  const deltas = events.flatMap(({ choices }) => list(choices).map(({ delta }) => fields(delta)))
  const calls: { id: string; function: { name: string; arguments: string } }[] = []
  for (const piece of deltas.flatMap(({ tool_calls: pieces }) => list(pieces))) {
    const { name, arguments: written } = fields(piece['function'])
    if (piece['id']) calls.push({ id: text(piece['id']), function: { name: text(name), arguments: '' } })
    const call = calls.at(-1)
    if (call) call.function.arguments += text(written)
  }
  const finish = events.flatMap(({ choices }) => list(choices).map((choice) => choice['finish_reason']))
  return {
    choices: [
      {
        message: { content: deltas.map(({ content }) => text(content)).join(''), tool_calls: calls },
        finish_reason: finish.findLast((reason) => typeof reason === 'string'),
      },
    ],
    usage: events.findLast(({ usage }) => usage)?.['usage'],
  }
}
