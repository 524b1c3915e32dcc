import { type Dispatcher, EnvHttpProxyAgent, errors, Pool } from 'undici'
import type { Proxies } from './proxies.ts'

/** How long to wait for the first byte, and between two; 0 is for ever. */
interface Waits {
  readonly headersTimeout: number
  readonly bodyTimeout: number
}

/**
 * Goes through the proxies of the environment.
 *
 * undici takes a proxy that hangs up for a socket that was lost, and asks it again at once, for ever, hundreds of
 * times a second. It stops at any other error.
 */
export function proxyAgent(waits: Waits, proxies: Proxies): Dispatcher {
  return new EnvHttpProxyAgent({
    ...waits,
    ...proxies,
    clientFactory(proxy, options) {
      const pool = new Pool(proxy, options)
      const connect = pool.connect.bind(pool)
      return Object.assign(pool, {
        connect: async (to: Dispatcher.ConnectOptions) =>
          connect(to).catch((cause: unknown) => {
            throw cause instanceof errors.SocketError ? new Error('The proxy hung up.') : cause
          }),
      })
    },
  })
}
