import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { messageOf } from '@reprise/core'
import { ApiError } from './http/api-error.ts'
import { authorize } from './http/authorize.ts'
import { idMaker } from './http/ids.ts'
import { interner } from './http/intern.ts'
import { listModels, retrieveModel } from './models/models.ts'
import { responsesEndpoint } from './responses/responses.ts'
import type { FakeScript } from './script.ts'
import { sendError, sendJson } from './http/send.ts'
import { loadTokenizer } from './prompt/tokenizer.ts'
import { Meter } from './prompt/usage.ts'
import { type Parameters, parseParameters } from './validate/validate.ts'

/** What a fake may be told. */
export interface FakeOptions {
  /** The one key that is taken. @default any */
  readonly apiKey?: string
  /** Ids follow from it. @default 0 */
  readonly seed?: number
  /** The shortest prefix that the prompt cache takes, in tokens. @default 1024 */
  readonly cacheMinTokens?: number
}

/** A request as it came in. */
export interface FakeRequest {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  /** The parsed body; absent where there was none, or none that is a JSON object. */
  readonly body?: Parameters
}

/** A server that is running. */
export interface FakeOpenAI extends AsyncDisposable {
  /** What a client takes as its base URL: `http://127.0.0.1:…/v1`. */
  readonly url: string
  /** Every request so far, in the order in which they came. */
  readonly requests: readonly FakeRequest[]
}

type Serve = (from: IncomingMessage, to: ServerResponse) => Promise<void>

/**
 * Starts a server on this machine that speaks OpenAI's API: the Responses API, and the list of models.
 * It accepts and refuses what the platform does, in the platform's words, counts tokens and prompt caching as it does,
 * and replies by a script, which sees right requests alone. Disposing it drops all connections.
 */
export async function fakeOpenAI(script: FakeScript, options: FakeOptions = {}): Promise<FakeOpenAI> {
  const requests: FakeRequest[] = []
  const serve = await server(script, options, requests)
  const http = createServer((from, to) => {
    serve(from, to).catch((error: unknown) => sendError(to, error instanceof ApiError ? error : scriptThrew(error)))
  })
  // A client may rest as long as it likes between two requests.
  http.keepAliveTimeout = 0
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  const { port } = http.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}/v1`, requests, [Symbol.asyncDispose]: () => close(http) }
}

async function server(script: FakeScript, options: FakeOptions, requests: FakeRequest[]): Promise<Serve> {
  const { apiKey, seed = 0, cacheMinTokens = 1024 } = options
  const answerResponses = responsesEndpoint(script, new Meter(await loadTokenizer(), cacheMinTokens))
  const makeIds = idMaker(seed)
  const intern = interner()
  return async (from, to) => {
    const { method = '', url: path = '' } = from
    // Node gives a list for `set-cookie` alone.
    const headers = from.headers as Record<string, string>
    const sent = await text(from)
    const id = makeIds(`${method} ${path} ${sent}`)
    to.setHeader('x-request-id', id('req'))
    const parsed = parseParameters(sent)
    const body = parsed && intern(parsed)
    requests.push({ method, path, headers, ...(body && { body }) })
    authorize(headers['authorization'], apiKey)
    if (method === 'POST' && path === '/v1/responses') return answerResponses(to, { body, headers, id })
    if (method === 'GET' && path === '/v1/models') return sendJson(to, 200, listModels())
    const model = method === 'GET' ? path.match(/^\/v1\/models\/([^/]+)$/)?.[1] : undefined
    if (model !== undefined) return sendJson(to, 200, retrieveModel(decodeURIComponent(model)))
    throw new ApiError(`Invalid URL (${method} ${path})`, { status: 404 })
  }
}

/** A script that throws is a mistake in a test: it is told, and not tried again. */
function scriptThrew(error: unknown): ApiError {
  return new ApiError(`The script threw: ${messageOf(error)}`, { status: 500, headers: { 'x-should-retry': 'false' } })
}

async function close(http: Server): Promise<void> {
  http.closeAllConnections()
  http.close()
  await once(http, 'close')
}
