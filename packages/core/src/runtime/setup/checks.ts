import { badArgument, checkOptions } from '../../define/argument.ts'
import { isContinuationId } from '../../journal/continuations.ts'
import { DefinitionError } from '../../values/errors.ts'
import { isRunId } from '../../values/ids.ts'

/**
 * Checks the id that a new run is to have.
 *
 * @throws DefinitionError with code `bad_run_id`.
 */
export function checkRunId(id: string): void {
  const shown = JSON.stringify(id)
  if (typeof id !== 'string' || !isRunId(id))
    throw badId(`A run cannot have the id ${shown}. Use 1 to 200 printable characters without spaces.`)
  if (isContinuationId(id))
    throw badId(
      `A run cannot have the id ${shown}: one that ends in "~" and a number is given to a run that goes on in another's place. Use another end.`,
    )
}

/**
 * Checks that a session may have an id.
 *
 * @throws DefinitionError with code `bad_session_id`.
 */
export function checkSessionId(id: string): void {
  if (typeof id === 'string' && isRunId(id) && !id.includes('/') && id.length <= MOST_OF_SESSION) return
  const message = `A session cannot have the id ${JSON.stringify(id)}. Use 1 to ${MOST_OF_SESSION} printable characters without spaces and without "/".`
  throw new DefinitionError({ code: 'bad_session_id', message })
}

/** A message's id comes after it. */
const MOST_OF_SESSION = 120

/**
 * Checks that a message to a session may have an id.
 *
 * @throws DefinitionError with code `bad_run_id`.
 */
export function checkMessageId(sessionId: string, id: string): void {
  if (typeof id === 'string' && id !== '' && isRunId(`${sessionId}/${id}`)) return
  throw badId(
    `A message to the session "${sessionId}" cannot have the id ${JSON.stringify(id)}. Use printable characters without spaces: with the session's id, 199 at most.`,
  )
}

/**
 * Checks how long tools are waited for when a runtime closes.
 *
 * @throws DefinitionError with code `bad_number`.
 */
export function checkGrace(ms: number): void {
  if (Number.isFinite(ms) && ms >= 0) return
  const message = `createRuntime was given closeGraceMs: ${String(ms)}. It must be 0 milliseconds or more, and finite.`
  throw new DefinitionError({ code: 'bad_number', message })
}

/**
 * Checks what somebody says of a call in doubt.
 *
 * @throws DefinitionError where a program without types says neither that it happened nor that it did not.
 */
export function checkResolution(what: string, resolution: { readonly happened: unknown }): void {
  const expected = 'Give it { happened: true, result } or { happened: false }.'
  checkOptions(`${what} was given resolution`, resolution, expected)
  if (typeof resolution.happened === 'boolean') return
  throw badArgument(`${what} was given happened`, resolution.happened, expected)
}

/** What is no id of an ask. */
export function badAnswerId(id: unknown): DefinitionError {
  return badArgument(
    'runtime.answer was given id',
    id,
    "Give it the id that the run's waiting names: RUN/agent:0/turn:0/call:0.",
  )
}

function badId(message: string): DefinitionError {
  return new DefinitionError({ code: 'bad_run_id', message })
}
