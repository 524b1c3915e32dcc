// What a signal must be to be sent to a run, and what is left of it.
import type { Message } from '../../contracts/entry.ts'
import type { RunRow } from '../../contracts/run.ts'
import type { Signal } from '../../define/signal.ts'
import { validate } from '../../schema/decode.ts'
import { explain } from '../../schema/explain.ts'
import { DefinitionError } from '../../values/errors.ts'
import { copyJson, findUnjson, type Json } from '../../values/json.ts'

/** How many signals may wait for one run that is not there. */
export const MOST_EARLY = 100

/** The body of a message that brings a signal. */
export function bodyOf(
  { name }: Signal,
  id: string,
  { payload }: { readonly payload: Json },
): { [K in keyof Message]: Message[K] } {
  return { signal: name, id, payload }
}

/** A secret is kept with its run. */
export function earlySecret(runId: string, { name }: Signal): DefinitionError {
  const message = `The signal "${name}" has a secret, which is kept with its run, and there is no run "${runId}" yet. Send it once the run is there, or with { create }.`
  return new DefinitionError({ code: 'early_secret', message, details: { runId } })
}

/** Too many wait for the run. */
export function tooEarly(runId: string, { name }: Signal): DefinitionError {
  const message = `The signal "${name}" cannot wait for the run "${runId}": ${MOST_EARLY} signals do, and it has not begun. Begin the run, or check the id.`
  return new DefinitionError({ code: 'early_full', message, details: { runId } })
}

/**
 * Holds a signal against its run and its schema.
 *
 * @throws DefinitionError when the run is no workflow's or has ended, or the payload breaks its schema.
 */
export function checkSignal(
  { id, kind, status, endedAt }: Pick<RunRow, 'id' | 'kind' | 'status' | 'endedAt'>,
  signal: Signal,
  payload: unknown,
): { readonly payload: Json; readonly secrets: readonly string[] } {
  const where = `The signal "${signal.name}" cannot be sent to the run "${id}"`
  if (kind !== 'workflow')
    throw new DefinitionError({
      code: 'bad_signal',
      message: `${where}: it is a run of ${kind === 'agent' ? 'an agent' : 'a team'}, and only workflows receive signals.`,
    })
  if (endedAt !== null) throw new DefinitionError({ code: 'run_ended', message: `${where}: it has ended (${status}).` })
  const decoded = validate(signal.payload, payload, where)
  if (!decoded.ok) throw new DefinitionError({ code: 'bad_signal', message: `${where}. ${explain(decoded.issues)}` })
  const lost = findUnjson(decoded.value)
  if (lost)
    throw new DefinitionError({
      code: 'bad_signal',
      message: `${where}: ${lost.path || 'its payload'} is ${lost.found}. Use plain JSON.`,
    })
  return { payload: copyJson(decoded.value) as Json, secrets: decoded.secrets }
}
