import { openapiComplaint, openapiIsThere } from '../../testing/src/fake-openai/openapi.fixture.ts'

/** What a service answers: a body in one piece, events, or an answer of any kind. */
export type StubAnswer = { readonly json: unknown } | { readonly events: readonly unknown[] } | Response

/** A request as it left. */
export interface StubRequest {
  readonly method: string
  readonly url: string
  readonly headers: Headers
  readonly body: Readonly<Record<string, unknown>>
}

/** A service in this process that gives its answers in turn, the last of them for ever. */
export interface StubService {
  readonly fetch: typeof globalThis.fetch
  readonly requests: readonly StubRequest[]
}

export function answering(...answers: readonly StubAnswer[]): StubService {
  const requests: StubRequest[] = []
  const fetch: typeof globalThis.fetch = async (url, init) => {
    const body = typeof init?.body === 'string' ? (JSON.parse(init.body) as StubRequest['body']) : {}
    requests.push({ method: init?.method ?? 'GET', url: addressOf(url), headers: new Headers(init?.headers), body })
    const answer = answers[Math.min(requests.length, answers.length) - 1]
    if (!answer) throw new Error('Expected no request.')
    return respond(answer)
  }
  return { fetch, requests }
}

/** The one request that a service took first. */
export function firstOf(requests: readonly StubRequest[]): StubRequest {
  const [request] = requests
  if (!request) throw new Error('Expected a request.')
  return request
}

/** The address that a fetch was given, in whatever form. */
export function addressOf(given: Parameters<typeof globalThis.fetch>[0]): string {
  return given instanceof Request ? given.url : given.toString()
}

function respond(answer: StubAnswer): Response {
  if (answer instanceof Response) return answer.clone()
  if ('json' in answer) return Response.json(answer.json)
  return eventStream(answer.events.map((event) => (typeof event === 'string' ? event : JSON.stringify(event))))
}

/** A stream of events with these data. */
export function eventStream(data: readonly string[], headers: Record<string, string> = {}): Response {
  const text = data.map((one) => `data: ${one}\n\n`).join('')
  return new Response(text, { headers: { 'content-type': 'text/event-stream', ...headers } })
}

type Described = 'CreateResponse' | 'CreateChatCompletionRequest' | 'InputMessageContentList'

/** Complains of what the platform's description does not allow; undefined also where that is not there. */
export function complaintOf(name: Described, body: unknown): string | undefined {
  return openapiIsThere ? openapiComplaint(name, body) : undefined
}
