import { ModelError } from '@reprise/core'

/** A key, or what gives one before each request. */
export type Key = string | (() => Promise<string>)

/**
 * The key to the service itself, as it is now.
 *
 * @throws ModelError where there is none that can be sent.
 */
export async function apiKeyOf(key: Key): Promise<string> {
  return cleanKey(await keyOf('apiKey', key))
}

/**
 * A key as it is now.
 *
 * @param option of `openai`, by which it was given.
 * @throws ModelError where there is none.
 */
export async function keyOf(option: string, key: Key): Promise<string> {
  if (typeof key === 'string') return key
  try {
    return await key()
  } catch (cause) {
    const message = `openai({ ${option} }) gave no key: ${String(cause)}. Expected a promise of text. Check where the key comes from.`
    throw new ModelError({ code: 'api_key_failed', message, retryable: true, mendable: true, cause })
  }
}

/**
 * A key without the white space around it, as a file of it has at its end.
 *
 * @throws ModelError where no header can carry it; the key itself is not said.
 */
function cleanKey(given: unknown): string {
  const key = typeof given === 'string' ? given.trim() : ''
  if (/^[\x21-\x7e]+$/.test(key)) return key
  const found = typeof given === 'string' ? (key === '' ? 'empty' : 'more than one word of ASCII') : `a ${typeof given}`
  const message = `The API key cannot be sent: it is ${found}. Expected one word of ASCII, which is all that a header carries. Correct openai({ apiKey }) or OPENAI_API_KEY.`
  throw new ModelError({ code: 'bad_api_key', message, mendable: true })
}
