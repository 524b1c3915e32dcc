import { request as requestHttp, Agent as HttpAgent, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http'
import { request as requestHttps, Agent as HttpsAgent } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { ToolError } from '@reprise/core'

/** What is asked of a server. */
export interface Ask {
  readonly method: 'GET' | 'POST'
  readonly headers: OutgoingHttpHeaders
  readonly body?: string
}

// Agents of its own: the global ones may be told by the environment to ask a proxy, which resolves names itself.
const http = new HttpAgent({ keepAlive: false })
const https = new HttpsAgent({ keepAlive: false })

/**
 * Sends one request to one of these addresses, whatever the name would resolve to now. Certificates are held against
 * the name.
 *
 * @returns the response as soon as its head is there.
 */
export function send(url: URL, addresses: readonly string[], ask: Ask, signal: AbortSignal): Promise<IncomingMessage> {
  const { method, headers, body } = ask
  const lookup = pinned(addresses)
  const sending =
    url.protocol === 'https:'
      ? requestHttps(url, { method, headers, signal, lookup, agent: https })
      : requestHttp(url, { method, headers, signal, lookup, agent: http })
  return new Promise((resolve, reject) => {
    sending.on('response', resolve)
    sending.on('error', reject)
    // Without a listener Node hangs up and says nothing.
    sending.on('upgrade', ({ statusCode }, socket) => {
      socket.destroy()
      reject(switched(url, statusCode))
    })
    sending.on('close', () => reject(new Error(`The request to ${url.href} was closed without an answer.`)))
    sending.end(body)
  })
}

function switched(url: URL, status: number | undefined): ToolError {
  return new ToolError({
    code: 'protocol_refused',
    message: `${url.href} answered ${status ?? 101}: it wants to speak another protocol than HTTP. Go on without it, or use another URL.`,
    details: { url: url.href },
  })
}

function pinned(addresses: readonly string[]): LookupFunction {
  const all = addresses.map((address) => ({ address, family: isIP(address) }))
  return (_host, { all: wantsAll }, answer) => {
    if (wantsAll) answer(null, all)
    else answer(null, all[0]?.address ?? '', all[0]?.family)
  }
}
