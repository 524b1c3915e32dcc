import { faultNamed } from '../script/fault-kinds.ts'
import { ApiError } from '../http/api-error.ts'
import type { FakeAnswer } from '../script/script.ts'
import { scriptThrew, testsMistake } from '../http/script-threw.ts'

/**
 * Asks a script, and holds what it gives to being an answer: nobody compiles a test that is written in JavaScript.
 *
 * @param n which request it is asked about, as complaints name it.
 * @throws ApiError where it throws, or gives something else.
 */
export async function askScript(ask: () => FakeAnswer | Promise<FakeAnswer>, n: number): Promise<FakeAnswer> {
  let said: unknown
  try {
    said = await ask()
  } catch (error) {
    throw error instanceof ApiError ? error : scriptThrew(error)
  }
  if (typeof said !== 'object' || said === null || Array.isArray(said)) throw noAnswer(said, n)
  if ('fault' in said && said.fault !== undefined) faultNamed(said.fault, testsMistake)
  return said
}

function noAnswer(said: unknown, n: number): ApiError {
  const shown = typeof said === 'string' || Array.isArray(said) ? JSON.stringify(said) : String(said)
  return testsMistake(
    `The script gave ${shown} to request ${n}. It must give a reply, as { text: 'Hello' }, or { error } or { hang: true }.`,
  )
}
