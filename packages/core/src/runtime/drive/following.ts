import type { RunRow } from '../../contracts/run.ts'
import { HEARTBEAT_MS } from '../../engine/lease/heartbeats.ts'
import type { Engine } from '../../engine/engine.ts'
import { recordError } from '../../engine/record-error.ts'
import { interruptedOutcome, type Outcome } from '../read/outcome.ts'

/** What following a run leads to. */
export interface FollowingParts {
  readonly engine: Engine
  /** Aborts when the runtime is closed. */
  readonly closed: AbortSignal
  /** Takes a run up here where nobody drives it any more; gives what is driven here by now. */
  readonly takeFreed: (row: RunRow) => Promise<{ readonly settled: Promise<Outcome> } | undefined>
  /** How a run stands that nobody is to be waited for. */
  readonly stands: (runId: string) => Promise<Outcome>
}

/** Follows runs that other processes drive, and takes them up when these are gone. */
export class Following {
  readonly #parts: FollowingParts
  readonly #outcomes = new Map<string, Promise<Outcome>>()

  constructor(parts: FollowingParts) {
    this.#parts = parts
  }

  /** How a run stands once it is followed no more; undefined where it is not followed. */
  outcomeOf(runId: string): Promise<Outcome> | undefined {
    return this.#outcomes.get(runId)
  }

  /** Resolves when nothing is followed any more. */
  async ended(): Promise<void> {
    await Promise.all(this.#outcomes.values())
  }

  /** Follows a run from now on. */
  begin({ id, totals }: RunRow): void {
    const outcome = this.#watch(id)
      .catch((error: unknown) => interruptedOutcome(recordError(error, 'interrupted'), totals))
      .finally(() => this.#outcomes.delete(id))
    this.#outcomes.set(id, outcome)
  }

  async #watch(runId: string): Promise<Outcome> {
    const { engine, closed, takeFreed, stands } = this.#parts
    for (;;) {
      await engine.clock.sleep(HEARTBEAT_MS, closed)
      const row = await engine.store.run(runId)
      if (!row || row.endedAt !== null || (row.waiting && row.owner === null)) return stands(runId)
      const here = await takeFreed(row)
      if (here) return here.settled
    }
  }
}
