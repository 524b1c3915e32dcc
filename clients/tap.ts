import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

/** What went over the wire once. */
export interface Exchange {
  readonly method: string
  readonly path: string
  readonly sent: string
  readonly status: number
  readonly contentType: string
  readonly answer: string
}

/** A server that passes on what it is sent and what comes back, and keeps it. */
export async function tap(to: string) {
  const exchanges: Exchange[] = []
  const http = createServer((from, back) => {
    const pass = async (): Promise<void> => {
      const { method = '', url = '' } = from
      const bytes = await buffer(from)
      const headers = Object.entries(from.headers).filter(([name]) => !hopByHop.has(name)) as [string, string][]
      const answer = await fetch(new URL(url, to), { method, headers, ...(bytes.length > 0 && { body: bytes }) })
      const text = await answer.text()
      const contentType = answer.headers.get('content-type') ?? ''
      exchanges.push({ method, path: url, sent: bytes.toString(), status: answer.status, contentType, answer: text })
      for (const [name, value] of answer.headers) if (!hopByHop.has(name)) back.setHeader(name, value)
      back.writeHead(answer.status).end(text)
    }
    pass().catch((error: unknown) => back.destroy(error as Error))
  })
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  const { port } = http.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/v1`,
    exchanges,
    async [Symbol.asyncDispose]() {
      http.closeAllConnections()
      http.close()
      await once(http, 'close')
    },
  }
}

/** What concerns one connection alone. */
const hopByHop = new Set([
  'connection',
  'content-encoding',
  'content-length',
  'host',
  'keep-alive',
  'transfer-encoding',
])
