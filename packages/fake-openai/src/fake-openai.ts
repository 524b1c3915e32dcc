import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { systemClock } from '@reprise/core'
import { Batches } from './batches/batches.ts'
import { Files } from './files/files.ts'
import { Conversations } from './conversations/conversations.ts'
import { Ledger } from './billing/ledger.ts'
import { checkOptions } from './check-options.ts'
import { fakeFailed } from './http/fake-failed.ts'
import { endpointsOf } from './endpoints.ts'
import { ApiError } from './http/api-error.ts'
import { authorize } from './http/authorize.ts'
import { parseParameters } from './http/call.ts'
import { nestsTooDeep, tooDeep } from './http/depth.ts'
import { idMaker } from './http/ids.ts'
import { interner } from './http/intern.ts'
import { movableClock } from './http/movable-clock.ts'
import { beginProcessing } from './http/processing.ts'
import { readBytes } from './http/read-bytes.ts'
import { RequestLog } from './http/request-log.ts'
import { invalidUrl, router } from './http/routes.ts'
import { sendError } from './http/send.ts'
import { RateLimits } from './limits/rate-limits.ts'
import { serveModels } from './models/models.ts'
import type { FakeOpenAI, FakeOptions } from './options.ts'
import { loadTokenizer } from './prompt/tokenizer.ts'
import { Meter } from './prompt/usage.ts'
import { KeptResponses } from './reply/kept.ts'
import type { FakeScript } from './script/script.ts'
import { Service } from './service/service.ts'

/**
 * Starts a server on this machine that speaks OpenAI's API: Responses, Conversations, Chat Completions, Embeddings,
 * Moderations, Models, input token counts, Files and Batches. It accepts and refuses what the platform does, in the platform's words, counts tokens, prompt
 * caching, limits and money as it does, and replies by a script, which sees right requests alone. Disposing it drops
 * all connections.
 *
 * @throws RangeError where an option is out of its range, or names what there is not.
 * @example
 * ```ts
 * import { createRuntime, defineAgent } from '@reprise/core'
 * import { openai } from '@reprise/openai'
 * import { fakeOpenAI } from '@reprise/fake-openai'
 * import { memoryStore } from '@reprise/testing'
 *
 * const faults = [{ n: 1, fault: 'server_error' }] as const
 * await using fake = await fakeOpenAI(({ n }) => ({ text: `Answer ${n}.` }), { faults })
 * const desk = defineAgent({ name: 'desk', model: 'gpt-4.1-mini', instructions: 'You help the customers of a shop.' })
 * const models = openai({ apiKey: 'any', baseURL: fake.url })
 * await using runtime = createRuntime({ store: memoryStore(), models, definitions: [desk] })
 * const run = await runtime.start(desk, 'Do you ship to Norway?')
 * console.log(await run.result()) // Answer 2.
 * ```
 */
export async function fakeOpenAI(script: FakeScript, options: FakeOptions = {}): Promise<FakeOpenAI> {
  const behind = await makeBehind(script, options)
  const http = createServer((from, to) => {
    behind.serve(from, to).catch((error: unknown) => fail(to, error))
  })
  // A client may rest as long as it likes between two requests.
  http.keepAliveTimeout = 0
  http.listen(options.port ?? 0, '127.0.0.1')
  await once(http, 'listening')
  const { port } = http.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/v1`,
    get requests() {
      return behind.requests.all
    },
    faults: behind.service.faults,
    invoice: behind.invoice,
    [Symbol.asyncDispose]: () => close(http),
  }
}

/** All that stands behind the server's socket. */
async function makeBehind(script: FakeScript, options: FakeOptions) {
  const {
    apiKey,
    seed = 0,
    cacheMinTokens = 1024,
    limits: given = {},
    prices = {},
    faults: plan = [],
    keep = 1000,
  } = options
  const requests = new RequestLog(keep)
  const clock = movableClock(options.clock ?? systemClock)
  const limits = new RateLimits(given, clock)
  const ledger = new Ledger(prices)
  const meter = new Meter(await loadTokenizer(), cacheMinTokens)
  const models = serveModels([...Object.keys(prices), ...(options.models ?? [])])
  checkOptions(options, models.find)
  const files = new Files(clock)
  const conversations = new Conversations(clock)
  const service = new Service({ script, meter, limits, ledger, clock, plan, models, files, conversations })
  const kept = new KeptResponses({ most: keep, clock, charge: (parts) => service.charge(parts, 'live') })
  const idsOf = idMaker(seed)
  const batches = new Batches({ service, files, limits, kept, idsOf })
  const route = router(endpointsOf({ service, kept, files, batches, clock, invoice, keep }))
  const intern = interner()
  return { requests, service, invoice, serve }

  async function invoice() {
    await batches.settle()
    kept.settle()
    return ledger.invoice()
  }

  async function serve(from: IncomingMessage, to: ServerResponse): Promise<void> {
    const { method, path, query, headers, bytes, asked } = await readRequest(from)
    const id = idsOf(asked)
    to.setHeader('x-request-id', id('req'))
    const parsed = parseParameters(bytes.toString('utf8'))
    const isDeep = nestsTooDeep(parsed)
    const body = parsed && !isDeep ? intern(parsed) : parsed
    requests.add({ method, path, headers, ...(body && { body }) })
    if (path.startsWith('/v1')) {
      beginProcessing(to, clock)
      to.setHeader('openai-version', '2020-10-01')
      authorize(headers['authorization'], apiKey)
    }
    if (isDeep) throw tooDeep()
    await route({ method, path, query, headers, body, bytes, id, to })
  }
}

/** What came in; `asked` is what its ids follow from. */
async function readRequest(from: IncomingMessage) {
  const { method = '', url = '' } = from
  const { pathname: path, searchParams: query } = parseUrl(method, url)
  // Node gives a list for `set-cookie` alone.
  const headers = from.headers as Record<string, string>
  const bytes = await readBytes(from)
  const asked = `${method} ${url} ${withoutBoundary(bytes, headers['content-type'])}`
  return { method, path, query, headers, bytes, asked }
}

function parseUrl(method: string, url: string): URL {
  const parsed = URL.parse(url, 'http://fake')
  if (parsed) return parsed
  throw invalidUrl(`${method} ${url}`)
}

/** The border between the parts of a form is another one each time: ids must not follow from it. */
function withoutBoundary(bytes: Buffer, contentType = ''): string {
  const [, boundary = ''] = /boundary="?([^";]+)/.exec(contentType) ?? []
  const text = bytes.toString('latin1')
  return boundary === '' ? text : text.replaceAll(boundary, '')
}

/** Where the answer has begun, all that is left is to break it off. */
function fail(to: ServerResponse, error: unknown): void {
  if (to.headersSent) to.destroy()
  else sendError(to, error instanceof ApiError ? error : fakeFailed(error))
}

async function close(http: Server): Promise<void> {
  http.closeAllConnections()
  http.close()
  await once(http, 'close')
}
