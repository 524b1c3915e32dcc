import { appendFileSync } from 'node:fs'

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
  const fetch = stubFetch((request) => {
    requests.push(request)
    const answer = answers[Math.min(requests.length, answers.length) - 1]
    if (!answer) throw new Error('Expected no request.')
    return respond(answer)
  })
  return { fetch, requests }
}

/** A fetch that reaches nothing. */
export function stubFetch(answer: (request: StubRequest) => Response | Promise<Response>): typeof globalThis.fetch {
  return async (address, init) => {
    const url = addressOf(address)
    const text = typeof init?.body === 'string' ? init.body : undefined
    if (text !== undefined) keepRequest(url, text)
    const body = text === undefined ? {} : (JSON.parse(text) as StubRequest['body'])
    return answer({ method: init?.method ?? 'GET', url, headers: new Headers(init?.headers), body })
  }
}

/** Keeps a request for the test run to hold to the platform's description, like those that reach a server. */
function keepRequest(url: string, body: string): void {
  const file = process.env['REPRISE_REQUESTS']
  if (file !== undefined) appendFileSync(file, `${JSON.stringify([url, body])}\n`)
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
