import type { RecordedError } from '../contracts/entry.ts'
import { messageOf, RepriseError } from '../words/errors.ts'
import { findUnjson } from '../words/json.ts'

/** An error as a journal keeps it: what is not ours gets a code that says where it came from. */
export function recordError(error: unknown, code: string): RecordedError {
  const message = messageOf(error) || `An error without a message (${code})`
  if (!RepriseError.is(error)) return { code, message }
  const { details } = error
  // Whoever threw it may have put more into the details than JSON can say.
  return findUnjson(details) ? { code: error.code, message } : { code: error.code, message, details }
}
