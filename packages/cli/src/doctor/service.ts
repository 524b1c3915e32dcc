import { messageOf } from '@reprise/core'
import type { Io } from '../line/io.ts'
import { type Finding, known, well, wrong } from './finding.ts'

const OPENAI = 'https://api.openai.com/v1'

/** How long a service is waited for. */
const PATIENCE_MS = 10_000

/**
 * Looks whether the environment says how a service is asked, and, where that is wanted, whether it answers and has the
 * models that agents ask for.
 */
export async function service(io: Io, models: readonly string[], online: boolean): Promise<readonly Finding[]> {
  const { OPENAI_API_KEY: key, OPENAI_BASE_URL: given } = io.env
  const base = (given?.trim() || OPENAI).replace(/\/+$/, '')
  const asked = models.length > 0 ? [well('models', `agents ask for ${models.join(', ')}`)] : []
  if (!online) return [...asked, environment(key, base)]
  const answered = await listModels(base, key)
  if (!Array.isArray(answered)) return [...asked, environment(key, base), answered as Finding]
  const missing = models.filter((model) => !answered.includes(model))
  return [
    ...asked,
    environment(key, base),
    well('service', `${base} answers, and has ${answered.length} models`),
    ...missing.map((model) =>
      wrong(
        'models',
        `${base} has no model "${model}"`,
        'Ask for one that it has, or give createRuntime({ models }) the model that answers to this name.',
      ),
    ),
  ]
}

function environment(key: string | undefined, base: string): Finding {
  if (key) return well('service', `OPENAI_API_KEY is set, for ${base}`)
  return known(
    'service',
    `OPENAI_API_KEY is not set, for ${base}`,
    'Set it, unless the config gives openai({ apiKey }) one, or asks no service that wants one.',
  )
}

async function listModels(base: string, key: string | undefined): Promise<readonly string[] | Finding> {
  const url = `${base}/models`
  try {
    const response = await fetch(url, {
      headers: key ? { authorization: `Bearer ${key}` } : {},
      signal: AbortSignal.timeout(PATIENCE_MS),
    })
    if (response.status === 401 || response.status === 403)
      return wrong(
        'service',
        `${url} refuses the key (${response.status})`,
        'Put a key of that service into OPENAI_API_KEY.',
      )
    if (!response.ok)
      return wrong(
        'service',
        `${url} answers ${response.status}`,
        'Check OPENAI_BASE_URL: it ends with /v1 for most services.',
      )
    return namesIn(await response.json())
  } catch (error) {
    const why = error instanceof Error && error.cause !== undefined ? messageOf(error.cause) : messageOf(error)
    return wrong(
      'service',
      `${url} does not answer: ${why}`,
      'Check OPENAI_BASE_URL, and the way there from this machine.',
    )
  }
}

/** Whatever else a service answers names no model. */
function namesIn(body: unknown): readonly string[] {
  const list = typeof body === 'object' && body !== null && 'data' in body ? body.data : []
  if (!Array.isArray(list)) return []
  return list.flatMap((model: unknown) =>
    typeof model === 'object' && model !== null && 'id' in model && typeof model.id === 'string' ? model.id : [],
  )
}
