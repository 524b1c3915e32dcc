// What kept this process from bringing a run further is written into the run's row when the run is given up: who looks
// finds out why, and a worker tries again after a pause that grows. give-up.ts and the sessions call this. It only
// makes what is shown; no entry is made of it, so the journal says nothing of it.
import type { Interrupted, RecordedError } from '../../contracts/entry.ts'
import type { RunRow } from '../../contracts/run.ts'
import { RUN_KEY } from '../../journal/keys.ts'
import { CancelledError, RepriseError } from '../../values/errors.ts'
import type { InterruptedChild } from '../children.ts'
import type { Engine } from '../engine.ts'
import { recordError } from '../record-error.ts'

/** The first pause before a worker tries again, in milliseconds: it doubles with each, up to the longest. */
const FIRST_PAUSE_MS = 2_000
const LONGEST_PAUSE_MS = 300_000

const STOPPED = 'runtime_stopped'

/** Tells whether nothing is wrong with a run: whoever drove it was stopped, or has lost it to somebody else. */
export function isLetGo({ code }: Pick<RecordedError, 'code'>): boolean {
  return code === STOPPED || code === 'run_lost'
}

/**
 * What a run waits for that was interrupted.
 *
 * @param before the run's row when it was taken: how often it was interrupted in a row stands there.
 * @param further whether it got any further since then.
 */
export function interruption(
  { clock, random }: Engine,
  { waiting }: Pick<RunRow, 'waiting'>,
  thrown: unknown,
  further: boolean,
): Interrupted {
  const before = waiting?.kind === 'interrupted' && !further ? waiting.times : 0
  const times = before + 1
  const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** Math.min(before, 30), LONGEST_PAUSE_MS)
  // Runs that were interrupted together are not all tried together again.
  const until = clock.now() + Math.ceil((pauseMs * (1 + random())) / 2)
  const error = recordError(thrown, 'interrupted')
  return { kind: 'interrupted', key: RUN_KEY, error, until, times, mendable: isMendable(thrown) }
}

/** What a run waits for whose runtime was closed: anybody goes on with it at once. */
export function stopped({ clock }: Pick<Engine, 'clock'>): Interrupted {
  const error = { code: STOPPED, message: 'The runtime was stopped. Resume the run to go on.' }
  return { kind: 'interrupted', key: RUN_KEY, error, until: clock.now(), times: 0, mendable: true }
}

/** Why what is still under way is aborted when its runtime is closed. */
export function closedError(): CancelledError {
  return new CancelledError({ code: STOPPED, message: 'The runtime was closed.' })
}

/** A store that is busy or full mends by itself, or by its operator. */
function isMendable(thrown: unknown): boolean {
  if (!RepriseError.is(thrown)) return false
  return thrown.mendable || (thrown.name === 'StoreError' && thrown.retryable)
}

/**
 * What a run waits for that has nothing left to do but to try children again that were interrupted. It names the child
 * that it began with, however deep below.
 */
export function interruptedBy(
  engine: Engine,
  before: Pick<RunRow, 'waiting'>,
  children: readonly (InterruptedChild & { readonly runId: string })[],
  further: boolean,
): Interrupted {
  const [first] = children
  if (!first) throw new Error('A run that no child has interrupted')
  const { code, message, details } = first.error
  const named = typeof details?.['interrupted'] === 'string'
  const thrown = new RepriseError({
    code,
    message: named ? message : `Its child run "${first.runId}" was interrupted: ${message}`,
    details: named ? details : { ...details, interrupted: first.runId },
    mendable: children.every(({ mendable }) => mendable),
  })
  return interruption(engine, before, thrown, further)
}

/** How a child stands that could not be begun or taken up for a reason that is not the program's. */
export function interruptedChild(thrown: unknown): InterruptedChild {
  return { kind: 'interrupted', error: recordError(thrown, 'interrupted'), mendable: isMendable(thrown) }
}
