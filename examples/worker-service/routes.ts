import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { messageOf, metricsText, RepriseError, type Runtime } from '@reprise/core'

/** What the service is asked: the probes, the metrics, and orders to ship. */
export function serverFor(runtime: Runtime, ship: (order: string) => Promise<void>): Server {
  return createServer((request, response) => {
    answer(runtime, ship, request).then(
      ({ status, body }) => send(response, status, body),
      (error: unknown) => {
        const isRefused = RepriseError.is(error) && error.code.startsWith('bad_')
        send(response, isRefused ? 400 : 503, { error: messageOf(error) })
      },
    )
  })
}

interface Answer {
  readonly status: number
  readonly body: string | object
}

async function answer(
  runtime: Runtime,
  ship: (order: string) => Promise<void>,
  { method = '', url = '' }: IncomingMessage,
): Promise<Answer> {
  const [path = ''] = url.split('?')
  const [, order] = /^\/orders\/([\w.-]+)$/.exec(path) ?? []
  if (method === 'POST' && order !== undefined) {
    // Once it is answered, the order is shipped, whatever happens to this process.
    await ship(order)
    return { status: 202, body: { order } }
  }
  if (method !== 'GET') return { status: 405, body: { error: `There is no ${method} ${path}.` } }
  switch (path) {
    case '/livez': {
      const health = await runtime.health()
      return { status: health.live ? 200 : 503, body: health }
    }
    case '/readyz': {
      const health = await runtime.health()
      return { status: health.ready ? 200 : 503, body: health }
    }
    case '/queue':
      return { status: 200, body: await runtime.queue({ byDefinition: true }) }
    case '/metrics': {
      const [queue, health] = await Promise.all([runtime.queue({ byDefinition: true }), runtime.health()])
      return { status: 200, body: metricsText({ queue, health }) }
    }
    default:
      return { status: 404, body: { error: `There is no ${path}.` } }
  }
}

function send(response: ServerResponse, status: number, body: string | object): void {
  const isText = typeof body === 'string'
  const type = isText ? 'text/plain; version=0.0.4; charset=utf-8' : 'application/json'
  response.writeHead(status, { 'content-type': type, connection: 'close' })
  response.end(isText ? body : `${JSON.stringify(body)}\n`)
}
