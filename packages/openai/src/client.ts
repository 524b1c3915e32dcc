import { ModelError } from '@reprise/core'
import type { OpenAI } from 'openai'

/** How a model's server is reached: by a client of one's own, or by what one is made of. */
export type Connection =
  | { readonly client: OpenAI; readonly apiKey?: never; readonly baseURL?: never; readonly fetch?: never }
  | {
      readonly client?: never
      /** The key, or what gives it before each request. @default the environment's `OPENAI_API_KEY` */
      readonly apiKey?: string | (() => Promise<string>) | undefined
      /** @default the environment's `OPENAI_BASE_URL`, or OpenAI itself */
      readonly baseURL?: string | undefined
      readonly fetch?: typeof globalThis.fetch
    }

/** A client that is made at the first use, since loading the SDK takes over 100 ms; a failure is not kept. */
export function lazyClient(connection: Connection): () => Promise<OpenAI> {
  let client: Promise<OpenAI> | undefined
  return () =>
    (client ??= connect(connection).catch((error: unknown) => {
      client = undefined
      throw error
    }))
}

async function connect({ client, apiKey, baseURL, fetch }: Connection): Promise<OpenAI> {
  if (client) return client
  const url = baseURL || process.env['OPENAI_BASE_URL']
  if (url && !URL.canParse(url)) throw badUrl(url)
  // A server of one's own may want no key, but the SDK does.
  const key = apiKey || process.env['OPENAI_API_KEY'] || (url ? 'none' : undefined)
  if (!key) throw missingKey()
  const { OpenAI } = await import('openai')
  return new OpenAI({
    apiKey: typeof key === 'function' ? guarded(key) : key,
    ...(url ? { baseURL: url } : {}),
    ...(fetch ? { fetch } : {}),
    // What the SDK would log is in the errors that are thrown.
    logLevel: 'off',
  })
}

function guarded(key: () => Promise<string>): () => Promise<string> {
  return async () => {
    try {
      return await key()
    } catch (cause) {
      const message = `openai({ apiKey }) gave no key: ${String(cause)}. Expected a promise of text. Check where the key comes from.`
      throw new ModelError({ code: 'api_key_failed', message, retryable: true, cause })
    }
  }
}

function missingKey(): ModelError {
  const message =
    'No API key: openai() was given none and OPENAI_API_KEY is not set. ' +
    'Set OPENAI_API_KEY or pass openai({ apiKey }); for a server that needs no key, set OPENAI_BASE_URL or pass openai({ baseURL }).'
  return new ModelError({ code: 'missing_api_key', message })
}

function badUrl(url: string): ModelError {
  const message = `"${url}" is no URL of a model server. Expected one such as http://127.0.0.1:8080/v1. Correct openai({ baseURL }) or OPENAI_BASE_URL.`
  return new ModelError({ code: 'bad_base_url', message, details: { url } })
}
