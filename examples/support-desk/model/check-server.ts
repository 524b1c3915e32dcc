import { z } from 'zod'
import { Complaint } from '../complaint.ts'

const TIMEOUT_MS = 10_000

const ModelList = z.object({ data: z.array(z.object({ id: z.string() })) })

/**
 * Asks a server for its models before anything is begun, so that what is wrong with it is said at once. A server that
 * has no list to give is taken as it is.
 *
 * @throws Complaint when the server cannot be reached, refuses the key, or does not serve the model.
 */
export async function checkServer(url: string, key: string | undefined, model: string): Promise<void> {
  if (!URL.canParse(url))
    throw new Complaint(`OPENAI_BASE_URL is "${url}", which is no URL. Give one such as http://127.0.0.1:8080/v1.`)
  if (!key && new URL(url).hostname === 'api.openai.com') {
    throw new Complaint(
      `OPENAI_API_KEY is not set, and ${url} wants one. Set it, or unset OPENAI_BASE_URL: then a written part answers.`,
    )
  }
  const response = await askForModels(url, key)
  if (response.status === 401 || response.status === 403) {
    throw new Complaint(`The server at ${url} refuses the key (${response.status}). Check OPENAI_API_KEY.`)
  }
  const list = ModelList.safeParse(response.ok ? await response.json().catch(() => undefined) : undefined)
  if (!list.success) return
  const names = list.data.data.map(({ id }) => id)
  if (names.includes(model)) return
  const some =
    names.length > 8 ? `${names.slice(0, 8).join(', ')} and ${names.length - 8} more` : names.join(', ') || 'none'
  throw new Complaint(
    `The server at ${url} does not serve the model "${model}". It has: ${some}. Set REPRISE_MODEL to one of them.`,
  )
}

async function askForModels(url: string, key: string | undefined): Promise<Response> {
  try {
    // A server of one's own may want no key, but some want the header.
    const headers = { authorization: `Bearer ${key || 'none'}` }
    return await fetch(`${url}/models`, { headers, signal: AbortSignal.timeout(TIMEOUT_MS) })
  } catch (error) {
    throw new Complaint(
      `The server at ${url} cannot be reached (${reason(error)}). Start it, or check OPENAI_BASE_URL and the network.`,
    )
  }
}

function reason(error: unknown): string {
  const cause: unknown = error instanceof Error && error.cause !== undefined ? error.cause : error
  if (cause instanceof Error) return 'code' in cause ? String(cause.code) : cause.message
  return String(cause)
}
