// What a model is told of a call that failed: a sentence, and never a stack. run-tool.ts calls this before the failure
// is recorded, so that a replay reads the same words whatever `onError` says by then. Nothing is written here.
import type { AnyTool, CallContext } from '../../define/tool.ts'
import { cut } from '../../values/cut.ts'
import { isOf, messageOf, RepriseError, ToolError } from '../../values/errors.ts'
import { maskCredentials } from '../../values/mask.ts'
import type { Engine } from '../engine.ts'

/** How much of somebody else's error a model is told at most, in UTF-16 units. */
const LONGEST_LINE = 1_000

/**
 * A ToolError is written for the model, and is told as it is. Any other error is not, and may hold what it failed with: of
 * it the name and the first line are told, with credentials covered, unless the tool or the runtime says otherwise.
 *
 * @param message of the error as it is recorded.
 */
export function tellError(
  { onError, log }: Pick<Engine, 'onError' | 'log'>,
  tool: AnyTool,
  { runId, idempotencyKey }: CallContext,
  attempt: number,
  error: unknown,
  message: string,
): string {
  if (isOf(error, ToolError)) return message
  const say = tool.onError ?? onError
  try {
    const said: unknown = say?.(error, { tool: tool.name, runId, idempotencyKey, attempt })
    if (typeof said === 'string' && said !== '') return said.toWellFormed()
    if (said !== undefined) log.warn(`onError of tool "${tool.name}" gave no text, but ${typeof said}: ${DEFAULT}`)
  } catch (thrown) {
    log.warn(`onError of tool "${tool.name}" threw: ${messageOf(thrown)}. ${DEFAULT}`)
  }
  return maskCredentials(RepriseError.is(error) ? message : firstLine(error, message))
}

const DEFAULT = 'The model is told what it is told without one.'

function firstLine(error: unknown, message: string): string {
  const [line = ''] = message.trimStart().split(/[\r\n]/, 1)
  const name = nameOf(error)
  return cut(name === undefined ? line : `${name}: ${line}`, LONGEST_LINE)
}

/** The name of an error where it says something. */
function nameOf(error: unknown): string | undefined {
  try {
    const name: unknown = isOf(error, Error) ? error.name : undefined
    return typeof name === 'string' && /^\w+$/.test(name) && name !== 'Error' ? name : undefined
  } catch {
    return undefined
  }
}
