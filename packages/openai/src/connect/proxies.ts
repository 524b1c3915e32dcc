import { BlockList, isIP } from 'node:net'
import { DefinitionError } from '@reprise/core'
import { isHttpUrl } from './http-url.ts'
import { shownUrl } from './shown-url.ts'

/** The proxies of the environment, each with a scheme; absent where none is set. */
export interface Proxies {
  readonly httpProxy?: string
  readonly httpsProxy?: string
}

/**
 * Reads `HTTP_PROXY` and `HTTPS_PROXY`, in either case. An address without a scheme is one of `http:`, as curl takes it.
 *
 * @throws DefinitionError with code `bad_proxy` where one of them is no address that requests can go to.
 */
export function readProxies(env: NodeJS.ProcessEnv = process.env): Proxies {
  const httpProxy = readProxy('http_proxy', env)
  const httpsProxy = readProxy('https_proxy', env)
  return { ...(httpProxy !== undefined && { httpProxy }), ...(httpsProxy !== undefined && { httpsProxy }) }
}

/**
 * Tells which addresses `NO_PROXY` takes out by their range (`10.0.0.0/8`, `fd00::/8`): undici knows its names alone.
 *
 * @returns undefined where it has no range.
 */
export function readRanges(env: NodeJS.ProcessEnv = process.env): ((url: string) => boolean) | undefined {
  const ranges = new BlockList()
  for (const range of (env['no_proxy'] ?? env['NO_PROXY'] ?? '').split(/[\s,]+/)) {
    const [address = '', bits = ''] = range.split('/')
    const family = isIP(address)
    const most = family === 4 ? 32 : 128
    if (family !== 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= most)
      ranges.addSubnet(address, Number(bits), family === 4 ? 'ipv4' : 'ipv6')
  }
  if (ranges.rules.length === 0) return undefined
  return (url) => {
    const host = new URL(url).hostname.replace(/^\[|\]$/g, '')
    const family = isIP(host)
    return family !== 0 && ranges.check(host, family === 4 ? 'ipv4' : 'ipv6')
  }
}

function readProxy(lower: string, env: NodeJS.ProcessEnv): string | undefined {
  const upper = lower.toUpperCase()
  const name = env[lower] === undefined ? upper : lower
  const address = env[name]?.trim()
  if (!address) return undefined
  const whole = address.includes('://') ? address : `http://${address}`
  if (isHttpUrl(whole)) return whole
  const message = `The proxy of ${name} is no URL: ${JSON.stringify(shownUrl(address))}. Expected one such as http://127.0.0.1:3128. Correct or unset ${name}.`
  throw new DefinitionError({ code: 'bad_proxy', message, details: { name } })
}
