import { DefinitionError } from '@reprise/core'
import type { Timeouts } from '../ask/deadlines.ts'

/** How long Node's own fetch waits for the first byte, and between two. */
const NODE_WAITS_MS = 300_000

const PROXIES = ['https_proxy', 'http_proxy'] as const

/**
 * The fetch that a connection needs: one that goes through the proxies of the environment (`HTTPS_PROXY`,
 * `HTTP_PROXY`, `NO_PROXY`, in either case) and waits as long as `timeouts` say.
 *
 * @returns undefined where the global one does.
 * @throws DefinitionError with code `bad_proxy` where one of the variables is no address.
 */
export async function networkFetch(timeouts: Timeouts): Promise<typeof globalThis.fetch | undefined> {
  const waitMs = Math.max(...Object.values<number>({ ...timeouts }), NODE_WAITS_MS)
  const proxied = PROXIES.some((name) => process.env[name] || process.env[name.toUpperCase()])
  if (!proxied && waitMs === NODE_WAITS_MS) return undefined
  if (proxied) checkProxies()
  const { Agent, fetch } = await import('undici')
  // To undici 0 is for ever.
  const most = Number.isFinite(waitMs) ? Math.ceil(waitMs) : 0
  const waits = { headersTimeout: most, bodyTimeout: most }
  const dispatcher = proxied ? (await import('./proxy.ts')).proxyAgent(waits) : new Agent(waits)
  // Node's fetch is undici's: their types differ in name alone.
  const call = fetch as unknown as (input: unknown, init: object) => Promise<Response>
  return (input, init) => call(input, { ...init, dispatcher })
}

/** Tells whether a text is an address that requests can go to: `localhost:8080` is one of a scheme "localhost:". */
export function isHttpUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)
}

/** Others take an address without a scheme; undici throws "Invalid URL", and nobody learns of what. */
function checkProxies(): void {
  for (const lower of PROXIES) {
    const upper = lower.toUpperCase()
    const name = process.env[lower] === undefined ? upper : lower
    const address = process.env[name]
    if (!address || isHttpUrl(address)) continue
    const message = `The proxy of ${name} is no URL: ${JSON.stringify(hidePassword(address))}. Expected one such as http://127.0.0.1:3128. Correct or unset ${name}.`
    throw new DefinitionError({ code: 'bad_proxy', message, details: { name } })
  }
}

function hidePassword(address: string): string {
  return address.replace(/^.*@/, '…@')
}
