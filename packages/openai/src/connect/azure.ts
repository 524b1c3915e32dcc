import type { ClientOptions, OpenAI } from 'openai'

/** What a client for Azure is made of. */
export interface AzureParts {
  readonly url: string
  readonly key: string | (() => Promise<string>)
  readonly apiVersion: string | undefined
  readonly common: Pick<ClientOptions, 'fetch' | 'logLevel'>
}

/** Tells whether an address is one of Azure's model service, in any of its clouds. */
export function isAzure(url: string): boolean {
  return /\.(openai|services\.ai|cognitiveservices)\.azure\.(com|us|cn)$/.test(new URL(url).hostname)
}

/**
 * A client for Azure: its v1 API, which needs no version, or a dated one.
 * A text is a key and goes out as `api-key`; a function gives Entra tokens.
 */
export async function azureClient({ url, key, apiVersion, common }: AzureParts): Promise<OpenAI> {
  const { AzureOpenAI, OpenAI } = await import('openai')
  const baseURL = azureBase(url, apiVersion)
  if (apiVersion !== undefined && !isV1(baseURL)) {
    const credential = typeof key === 'function' ? { azureADTokenProvider: key } : { apiKey: key }
    return new AzureOpenAI({ baseURL, apiVersion, ...credential, ...common })
  }
  return new OpenAI({
    baseURL,
    apiKey: key,
    ...(apiVersion === undefined ? {} : { defaultQuery: { 'api-version': apiVersion } }),
    ...(typeof key === 'string' ? { defaultHeaders: { 'api-key': key, authorization: null } } : {}),
    ...common,
  })
}

/** The base of the API from any address that Azure's pages show: of the resource, of the API, of one deployment. */
export function azureBase(url: string, apiVersion: string | undefined): string {
  const { origin, pathname } = new URL(url)
  const path = pathname.replace(/\/(chat\/completions|responses)?\/*$/, '')
  if (isV1(path) || path.includes('/deployments/')) return origin + path
  const root = path.endsWith('/openai') ? path : `${path}/openai`
  return origin + (apiVersion === undefined ? `${root}/v1` : root)
}

function isV1(path: string): boolean {
  return path.endsWith('/openai/v1')
}
