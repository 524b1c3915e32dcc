import type { IncomingMessage } from 'node:http'
import { ToolError } from '@reprise/core'
import { ENCODINGS } from './body.ts'
import { allowedUrl, mayCarryHeaders } from './hosts.ts'
import { addressesOf, type Policy } from './policy.ts'
import { type Ask, send } from './send.ts'

const MAX_REDIRECTS = 5

/** What every request says of itself. */
const STANDARD = {
  accept: 'text/html, application/json, text/*;q=0.9, */*;q=0.1',
  'accept-encoding': ENCODINGS,
  'user-agent': 'reprise-tools',
}

/** A response, and the URL that it came from in the end. */
export interface Answered {
  readonly url: URL
  readonly response: IncomingMessage
}

/**
 * Asks, and follows redirects: each target is held against the list and its addresses like the first. The tool's own
 * headers go to no other origin, and over http only to a host that is listed as `http://…`.
 *
 * @param own the headers that the tool was made with.
 * @throws ToolError when a target is refused, or after five redirects.
 */
export async function follow(
  text: string,
  ask: Ask,
  own: Readonly<Record<string, string>>,
  policy: Policy,
  signal: AbortSignal,
): Promise<Answered> {
  const first = allowedUrl(text, policy.hosts)
  let [url, next] = [first, ask]
  for (let count = 0; ; count++) {
    const carries = url.origin === first.origin && mayCarryHeaders(url, policy.hosts)
    const headers = { ...STANDARD, ...next.headers, ...(carries && own) }
    const response = await send(url, await addressesOf(url, policy), { ...next, headers }, signal)
    const target = targetOf(response)
    if (target === undefined) return { url, response }
    response.destroy()
    if (count === MAX_REDIRECTS) throw refuse(first, `was redirected more than ${MAX_REDIRECTS} times`)
    const from = url
    url = redirected(from, target, policy)
    next = nextAsk(next, response.statusCode)
  }
}

function targetOf({ statusCode, headers }: IncomingMessage): string | undefined {
  return [301, 302, 303, 307, 308].includes(statusCode ?? 0) ? headers.location : undefined
}

function redirected(from: URL, target: string, { hosts }: Policy): URL {
  let url: URL
  try {
    url = allowedUrl(target, hosts, from)
  } catch (error) {
    throw error instanceof ToolError ? refuse(from, `redirects to where this tool may not go: ${error.message}`) : error
  }
  if (from.protocol === 'https:' && url.protocol === 'http:') throw refuse(from, `redirects from https to ${url.href}`)
  return url
}

/** 307 and 308 ask for the same again; after the others one looks at what is there (RFC 9110, 15.4). */
function nextAsk(ask: Ask, status: number | undefined): Ask {
  return status === 307 || status === 308 ? ask : { method: 'GET', headers: {} }
}

function refuse(url: URL, why: string): ToolError {
  return new ToolError({
    code: 'redirect_refused',
    message: `${url.href} ${why}${why.endsWith('.') ? '' : '. Use another URL.'}`,
    details: { url: url.href },
  })
}
