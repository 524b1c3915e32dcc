// What somebody's code threw: its stack is for whoever wrote it, and goes to the log and, where that is asked for, into
// the journal; no model is ever told one. Called wherever the engine runs code that is not its own. Credentials are
// masked here; secrets are redacted by the log and by the journal (invariant 10).
import type { RecordedError } from '../contracts/entry.ts'
import type { Logger } from '../contracts/clock.ts'
import { cut } from '../values/cut.ts'
import { isOf, messageOf, RepriseError, ToolError } from '../values/errors.ts'
import { maskCredentials } from '../values/mask.ts'
import type { Engine } from './engine.ts'
import { recordError } from './record-error.ts'

/** The longest stack that is logged or kept, in UTF-16 units. */
const LONGEST_STACK = 8_000

/** How many causes below an error are looked at. */
const MOST_CAUSES = 5

/** An error as a journal keeps it, with its stack where the runtime keeps stacks. */
export function recordThrown(
  { recordStacks }: Pick<Engine, 'recordStacks'>,
  thrown: unknown,
  code: string,
): RecordedError {
  const stack = recordStacks ? stackOf(thrown) : undefined
  return { ...recordError(thrown, code), ...(stack !== undefined && { stack }) }
}

/**
 * Logs what somebody's code threw, with its stack, or with its message where it is an error of Reprise's that is no word to
 * a model. Of a ToolError all is recorded, but for its cause.
 *
 * @param what as a sentence begins: `Tool "refund" of the run "r" threw`.
 */
export function logThrown(log: Logger, level: 'warn' | 'error', what: string, thrown: unknown): void {
  const said = stackOf(thrown) ?? (isOf(thrown, ToolError) ? undefined : messageOf(thrown))
  if (said !== undefined) log[level](`${what}: ${said}`)
}

/** A service or a disk that fails is no mistake in anybody's code. */
const OUTSIDE = new Set(['ModelError', 'StoreError'])

/** The stack of an error and of its causes, with credentials covered; undefined where none of them is somebody else's. */
export function stackOf(thrown: unknown): string | undefined {
  if (RepriseError.is(thrown) && OUTSIDE.has(thrown.name)) return undefined
  const stacks: string[] = []
  let error = thrown
  try {
    for (let depth = 0; depth <= MOST_CAUSES && isOf(error, Error); depth++) {
      // A stack may be anything that somebody has put there.
      const stack: unknown = RepriseError.is(error) ? undefined : error.stack
      if (typeof stack === 'string') stacks.push(stack)
      error = error.cause
    }
  } catch {
    // What throws when it is looked at says no more.
  }
  return stacks.length === 0 ? undefined : cut(maskCredentials(stacks.join('\nCaused by: ')), LONGEST_STACK)
}
