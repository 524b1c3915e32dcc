import type { Timeouts } from './deadlines.ts'

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
  const { Agent, fetch } = await import('undici')
  // To undici 0 is for ever.
  const most = Number.isFinite(waitMs) ? Math.ceil(waitMs) : 0
  const waits = { headersTimeout: most, bodyTimeout: most }
  const direct = new Agent(waits)
  // Node's fetch is undici's: their types differ in name alone.
  const call = fetch as unknown as (input: unknown, init: object) => Promise<Response>
  if (!proxied) return (input, init) => call(input, { ...init, dispatcher: direct })
  const { readProxies, readRanges } = await import('./proxies.ts')
  const through = (await import('./proxy.ts')).proxyAgent(waits, readProxies())
  const isPast = readRanges()
  return (input, init) => {
    const url = input instanceof Request ? input.url : String(input)
    return call(input, { ...init, dispatcher: isPast?.(url) ? direct : through })
  }
}
