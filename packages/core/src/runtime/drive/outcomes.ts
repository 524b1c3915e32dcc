import type { Engine } from '../../engine/engine.ts'
import { recordError } from '../../engine/record-error.ts'
import { isLetGo } from '../../engine/session/interruption.ts'
import { NO_TOTALS } from '../../journal/totals.ts'
import { DefinitionError, messageOf } from '../../values/errors.ts'
import { interruptedOutcome, type Outcome, outcomeOf, type Rest } from '../read/outcome.ts'
import { shownRow } from '../read/shown.ts'
import { newestContinuation, storedStanding } from '../read/stored.ts'
import { withDescendants } from '../read/used.ts'
import type { Lease } from './lease.ts'

/** What outcomes are found by. */
export interface OutcomesParts {
  readonly engine: Engine
  /** Aborts when the runtime is closed. */
  readonly closed: AbortSignal
  readonly lease: Pick<Lease, 'isFree'>
  /** What comes of a run that is driven or followed here. */
  readonly here: (runId: string) => Promise<Outcome> | undefined
  /** Takes a stored run up, or follows it where another process drives it. */
  readonly open: (runId: string) => Promise<void>
}

/** Tells how runs stand when nothing more happens to them here. */
export class Outcomes {
  readonly #parts: OutcomesParts
  /** Why runs were interrupted here, until they are driven again. */
  readonly #interruptions = new Map<string, Outcome & { readonly kind: 'waiting' }>()

  constructor(parts: OutcomesParts) {
    this.#parts = parts
  }

  /** Remembers that a run was interrupted: its row does not say so. */
  interrupted(runId: string, outcome: Outcome & { readonly kind: 'waiting' }): void {
    this.#interruptions.set(runId, outcome)
  }

  /** A run is driven again. */
  drivenAgain(runId: string): void {
    this.#interruptions.delete(runId)
  }

  /** How a run stands when nothing more happens to it here. Never throws. */
  async settled(runId: string): Promise<Outcome> {
    const outcome = await this.rested(runId)
    const { engine, closed } = this.#parts
    // Whoever closes the runtime may have closed its store.
    if (closed.aborted) return outcome
    try {
      // Summed where it is asked for: the run's own row and journal grow with none of it.
      const [used] = await engine.store.used([await newestContinuation(engine.store, runId)])
      return { ...outcome, totals: withDescendants(outcome.totals, used) }
    } catch (error) {
      engine.log.warn(
        `What the runs that came of the run "${runId}" have used is not in its totals: the store could not tell. ${messageOf(error)}`,
      )
      return outcome
    }
  }

  /** The same without what the runs below it have used: nothing is asked of the store for a run that is driven here. */
  async rested(runId: string): Promise<Outcome> {
    for (;;) {
      const here = this.#parts.here(runId)
      if (here) return here
      const outcome = await this.stored(runId)
      const before = outcome.kind === 'waiting' && outcome.waiting.kind === 'turn' ? outcome.waiting.runId : undefined
      if (before === undefined || !(await this.#comes(runId, before))) return outcome
    }
  }

  /** Waits until the turn before one of a session has ended; false where that rests, or the runtime is closed. */
  async #comes(runId: string, before: string): Promise<boolean> {
    const { engine, closed, here, open } = this.#parts
    try {
      const row = await engine.store.run(before)
      if (row?.endedAt === null && !here(before) && !STAYS.has(row.waiting?.kind)) await open(before)
      if (row?.endedAt === null && (await this.rested(before)).kind === 'waiting') return false
      if (closed.aborted) return false
      await open(runId)
      return true
    } catch (error) {
      engine.log.warn(`The run "${runId}" was not taken up once its turn had come: ${messageOf(error)}`)
      return false
    }
  }

  /** How a run stands as it is stored. Never throws. */
  async stored(runId: string): Promise<Outcome> {
    const { engine, lease } = this.#parts
    const { store } = engine
    try {
      const row = await store.run(runId)
      if (!row) throw new DefinitionError({ code: 'unknown_run', message: `There is no run "${runId}" in this store.` })
      const newest = await newestContinuation(store, runId)
      if (newest !== runId) return await this.rested(newest)
      const standing = await storedStanding(store, await shownRow(engine, row))
      const interruption = this.#interruptions.get(runId)
      if (!interruption || standing.ending || standing.waiting) return outcomeOf(standing)
      // Nobody has brought it further since, or whoever has taken it does just now.
      return lease.isFree(row) || wasLetGo(interruption.waiting) ? interruption : outcomeOf(standing)
    } catch (error) {
      return interruptedOutcome(recordError(error, 'interrupted'), NO_TOTALS)
    }
  }
}

/** What a run waits for that nobody ends by taking it up, and a turn that waits itself. */
const STAYS: ReadonlySet<string | undefined> = new Set(['approval', 'in-doubt', 'quarantined', 'turn'])

function wasLetGo(waiting: Rest): boolean {
  return waiting.kind === 'interrupted' && isLetGo(waiting.error)
}
