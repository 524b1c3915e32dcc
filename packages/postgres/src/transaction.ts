import { RepriseError } from '@reprise/core'
import type { Queryable } from './database.ts'
import { RolledBack } from './session.ts'
import type { Session } from './session.ts'

/** How long a transaction waits for a lock, and how long the server waits for a process that has stopped in the middle of one. */
const LOCK_TIMEOUT_MS = 10_000
const IDLE_TIMEOUT_MS = 10_000

/**
 * How long a commit waits for an answer, and whatever else claims a run: longer than for a lock, and not as long as a lease of
 * fifteen seconds. When it is asked for again, the store knows what was written after all.
 */
export const COMMIT_ANSWER_MS = 12_000

/** A process that has stopped keeps no lock for as long as a lease. */
const BEGIN = `begin isolation level read committed;
  set local lock_timeout = ${LOCK_TIMEOUT_MS}; set local idle_in_transaction_session_timeout = ${IDLE_TIMEOUT_MS}`

/** In a transaction that has failed, whatever comes after what failed. */
const FAILED_BEFORE = '25P02'

/** A transaction on one connection. What is asked need not be waited for: it is committed, or fails, as one. */
export class Transaction implements Queryable {
  readonly #session: Session
  readonly #failures: unknown[] = []

  /** Begins it: nothing waits for the answer. */
  constructor(session: Session) {
    this.#session = session
    void this.query(BEGIN).catch(() => undefined)
  }

  query<Row extends object>(text: string, values?: readonly unknown[]): Promise<readonly Row[]> {
    const asked = this.#session.query<Row>(text, values)
    asked.catch((thrown: unknown) => this.#failures.push(thrown))
    return asked
  }

  /** Takes it back. @returns what failed first of what was asked, or else what was thrown. */
  async undo(thrown: unknown): Promise<unknown> {
    await this.#session.rollback()
    return this.#failures.find((failure) => !isLater(failure)) ?? thrown
  }
}

/** Whether something failed only because of what had failed before it. */
function isLater(thrown: unknown): boolean {
  return thrown instanceof RolledBack || (RepriseError.is(thrown) && thrown.details['sqlState'] === FAILED_BEFORE)
}
