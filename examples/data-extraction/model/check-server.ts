import { messageOf } from '@reprise/core'
import { Complaint } from '../complaint.ts'

const TIMEOUT_MS = 10_000

/**
 * Asks a server for its models before anything is begun, so that what is wrong with it is said at once.
 *
 * @throws Complaint when the server cannot be reached, or refuses the key.
 */
export async function checkServer(url: string, key: string | undefined): Promise<void> {
  if (!URL.canParse(url))
    throw new Complaint(`OPENAI_BASE_URL is "${url}", which is no URL. Give one such as http://127.0.0.1:8080/v1.`)
  const status = await statusOf(`${url}/models`, key || 'none').catch((error: unknown) => {
    const cause = error instanceof Error ? error.cause : undefined
    const why = cause instanceof Error && 'code' in cause ? String(cause.code) : messageOf(error)
    throw new Complaint(
      `The server at ${url} cannot be reached (${why}). Start it, or check OPENAI_BASE_URL and the network.`,
    )
  })
  if (status !== 401 && status !== 403) return
  throw new Complaint(`The server at ${url} refuses the key (${status}). Check OPENAI_API_KEY.`)
}

async function statusOf(url: string, key: string): Promise<number> {
  const response = await fetch(url, {
    // A server of one's own may want no key, but some want the header.
    headers: { authorization: `Bearer ${key}` },
    signal: AbortSignal.timeout(TIMEOUT_MS),
  })
  await response.body?.cancel()
  return response.status
}
