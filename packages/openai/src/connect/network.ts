import type { Timeouts } from '../ask/deadlines.ts'

/** How long Node's own fetch waits for the first byte, and between two. */
const NODE_WAITS_MS = 300_000

/**
 * The fetch that a connection needs: one that goes through the proxies of the environment (`HTTPS_PROXY`,
 * `HTTP_PROXY`, `NO_PROXY`, in either case) and waits as long as `timeouts` say.
 *
 * @returns undefined where the global one does.
 */
export async function networkFetch(timeouts: Timeouts): Promise<typeof globalThis.fetch | undefined> {
  const waitMs = Math.max(...Object.values<number>({ ...timeouts }), NODE_WAITS_MS)
  const proxied = ['https_proxy', 'http_proxy'].some((name) => process.env[name] || process.env[name.toUpperCase()])
  if (!proxied && waitMs === NODE_WAITS_MS) return undefined
  const { Agent, fetch } = await import('undici')
  // To undici 0 is for ever.
  const most = Number.isFinite(waitMs) ? Math.ceil(waitMs) : 0
  const waits = { headersTimeout: most, bodyTimeout: most }
  const dispatcher = proxied ? (await import('./proxy.ts')).proxyAgent(waits) : new Agent(waits)
  // Node's fetch is undici's: their types differ in name alone.
  const call = fetch as unknown as (input: unknown, init: object) => Promise<Response>
  return (input, init) => call(input, { ...init, dispatcher })
}
