// An error as a journal and a row keep it. Pure: what its details hold beside JSON is said as JSON can say it
// (invariant 7).
import type { RecordedError } from '../contracts/entry.ts'
import { messageOf, RepriseError } from '../values/errors.ts'
import type { JsonObject } from '../values/json.ts'
import { toJson } from '../values/to-json.ts'

/** An error as a journal keeps it: what is not ours gets a code that says where it came from. */
export function recordError(error: unknown, code: string): RecordedError {
  const message = messageOf(error) || `An error without a message (${code})`
  if (!RepriseError.is(error)) return { code, message }
  // Whoever threw it may have put more into the details than JSON can say; of an object that says an object.
  return { code: error.code, message, details: toJson(error.details).json as JsonObject }
}
