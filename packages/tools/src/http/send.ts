import { request as requestHttp, Agent as HttpAgent, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http'
import { request as requestHttps, Agent as HttpsAgent } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'

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
    sending.end(body)
  })
}

function pinned(addresses: readonly string[]): LookupFunction {
  const all = addresses.map((address) => ({ address, family: isIP(address) }))
  return (_host, { all: wantsAll }, answer) => {
    if (wantsAll) answer(null, all)
    else answer(null, all[0]?.address ?? '', all[0]?.family)
  }
}
