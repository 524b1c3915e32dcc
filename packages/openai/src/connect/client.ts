import { DefinitionError } from '@reprise/core'
import type { OpenAI } from 'openai'
import type { Timeouts } from './deadlines.ts'
import { azureClient, isAzure } from './azure.ts'
import { apiKeyOf, type Key } from './key.ts'
import { shownUrl } from './shown-url.ts'
import { isPlatform } from './platform.ts'
import { isHttpUrl } from './http-url.ts'
import { networkFetch } from './network.ts'

/** How a model's server is reached: by a client of one's own, or by what one is made of. */
export type Connection =
  | {
      readonly client: OpenAI
      readonly apiKey?: never
      readonly baseURL?: never
      readonly apiVersion?: never
      readonly fetch?: never
    }
  | {
      readonly client?: never
      /**
       * The key, or what gives it before each request; on Azure a function gives Entra tokens.
       *
       * @default the environment's `OPENAI_API_KEY`
       */
      readonly apiKey?: Key | undefined
      /**
       * On Azure the resource's address (`https://name.openai.azure.com`), with or without what follows it.
       *
       * @default the environment's `OPENAI_BASE_URL`, or OpenAI itself
       */
      readonly baseURL?: string | undefined
      /** Azure's dated API instead of its v1 API. */
      readonly apiVersion?: string
      /** @default the global one; undici's where a proxy is set or `timeouts` go beyond its five minutes */
      readonly fetch?: typeof globalThis.fetch
    }

/** A client, and whose API is behind it. */
export interface Connected {
  readonly client: OpenAI
  /** Whether this is OpenAI's own service, Azure's among them, and not a server that speaks like it. */
  readonly platform: boolean
}

/** A client that is made at the first use, since loading the SDK takes over 100 ms; a failure is not kept. */
export function lazyClient(connection: Connection, timeouts: Timeouts): () => Promise<Connected> {
  let connected: Promise<Connected> | undefined
  return () =>
    (connected ??= connect(connection, timeouts).catch((error: unknown) => {
      connected = undefined
      throw error
    }))
}

async function connect({ client, ...given }: Connection, timeouts: Timeouts): Promise<Connected> {
  if (client) return { client, platform: isPlatform(client.baseURL) || 'apiVersion' in client }
  const { apiKey, apiVersion, fetch = await networkFetch(timeouts) } = given
  const url = (given.baseURL || process.env['OPENAI_BASE_URL'])?.trim()
  if (url && !isHttpUrl(url)) throw badUrl(url)
  // Node's fetch takes none, and says so with the password.
  if (url && !given.fetch && hasPassword(url)) throw passwordUrl(url)
  // A server of one's own may want no key, but the SDK does.
  const key = apiKey || process.env['OPENAI_API_KEY'] || (url ? 'none' : undefined)
  if (!key) throw missingKey()
  const common = {
    ...(fetch ? { fetch } : {}),
    // What the SDK would log is in the errors that are thrown.
    logLevel: 'off',
  } as const
  const guardedKey = typeof key === 'function' ? () => apiKeyOf(key) : await apiKeyOf(key)
  if (url && (apiVersion !== undefined || isAzure(url)))
    return { client: await azureClient({ url, key: guardedKey, apiVersion, common }), platform: true }
  const { OpenAI } = await import('openai')
  const made = new OpenAI({ apiKey: guardedKey, ...(url ? { baseURL: url } : {}), ...common })
  return { client: made, platform: isPlatform(made.baseURL) }
}

function missingKey(): DefinitionError {
  const message =
    'No API key: openai() was given none and OPENAI_API_KEY is not set. ' +
    'Set OPENAI_API_KEY or pass openai({ apiKey }); for a server that needs no key, set OPENAI_BASE_URL or pass openai({ baseURL }).'
  return new DefinitionError({ code: 'missing_api_key', message })
}

function hasPassword(url: string): boolean {
  const { username, password } = new URL(url)
  return username !== '' || password !== ''
}

function passwordUrl(given: string): DefinitionError {
  const url = shownUrl(given)
  const message = `The address "${url}" of the model server holds a name or a password, and no request goes to such a one. Take them out of openai({ baseURL }) or OPENAI_BASE_URL, and pass openai({ apiKey }), or openai({ fetch }) that sends them.`
  return new DefinitionError({ code: 'bad_base_url', message, details: { url } })
}

function badUrl(given: string): DefinitionError {
  const url = shownUrl(given)
  const message = `"${url}" is no URL of a model server. Expected one such as http://127.0.0.1:8080/v1. Correct openai({ baseURL }) or OPENAI_BASE_URL.`
  return new DefinitionError({ code: 'bad_base_url', message, details: { url } })
}
