import type { RunWrite, WriteResult } from '@reprise/core'
import { AtOnce } from './at-once.ts'
import { isConstraint } from './errors.ts'
import { Handle, lost, unkept } from './handle.ts'
import type { PoolDatabase } from './pool-database.ts'
import type { Session } from './session.ts'
import { COMMIT_ANSWER_MS, Transaction } from './transaction.ts'
import type { Writer } from './writer.ts'

/** What the tool's part of a transaction does. */
type Effect = (handle: Handle) => Promise<RunWrite>

/** An effect, and the run that it is part of. */
interface Effort {
  readonly runId: string
  readonly epoch: number
  readonly effect: Effect
}

/** Runs the effects of transactional tools, each on a connection of its own. */
export class Transactions {
  readonly #db: PoolDatabase
  readonly #writer: Writer
  readonly #atOnce: AtOnce

  /**
   * @param most how many effects run at a time: they may take long, and commits and heartbeats do not wait for them, also where
   * all have the connections of one pool.
   */
  constructor(db: PoolDatabase, writer: Writer, most: number) {
    this.#db = db
    this.#writer = writer
    this.#atOnce = new AtOnce(most)
  }

  /**
   * As the store's. The run's row is locked first, so that nobody takes the run while the effect runs; what else this process
   * writes of the run waits here, since there it would hold up all that is committed with it.
   */
  transact(runId: string, epoch: number, effect: Effect): Promise<WriteResult> {
    const lent = (session: Session): Promise<WriteResult> => this.#begin(session, { runId, epoch, effect })
    return this.#writer.inTurn([runId], () => this.#atOnce.run(() => this.#db.lend(lent, COMMIT_ANSWER_MS)))
  }

  async #begin(session: Session, effort: Effort): Promise<WriteResult> {
    const tx = new Transaction(session)
    try {
      const result = await this.#transact(session, tx, effort)
      if (result.kind !== 'written') await session.rollback()
      return result
    } catch (thrown) {
      throw await tx.undo(thrown)
    }
  }

  async #transact(session: Session, tx: Transaction, { runId, epoch, effect }: Effort): Promise<WriteResult> {
    const [found] = await tx.query<{ pid: number }>(
      `select pg_backend_pid() as pid from ${this.#db.tables.runs} where id = $1 and epoch = $2 and erased_at is null for no key update`,
      [runId, epoch],
    )
    if (found === undefined) return { kind: 'stale' }
    const write = await this.#lend(session, found.pid, effect)
    const written = await this.#writer.writeIn(tx, [write])
    const [result = { kind: 'stale' } as const] = await Promise.all(written.results)
    if (result.kind !== 'written') return result
    await session.settle()
    // What failed of the journal's own part is said by whoever takes the transaction back.
    const isWhole = session.isInTransaction
    try {
      await session.commit()
    } catch (thrown) {
      throw isWhole && isConstraint(thrown) ? unkept() : thrown
    }
    await this.#writer.settle(written)
    return result
  }

  async #lend(session: Session, pid: number, effect: Effect): Promise<RunWrite> {
    const handle = new Handle(session, this.#db.name)
    let write: RunWrite
    try {
      write = await effect(handle)
    } catch (thrown) {
      const failure = handle.failure ?? session.broken
      // One that was aborted may wait for a statement still, and the server would go on with it, and keep what it has locked.
      if (session.isBusy) {
        await this.#db.query('select pg_cancel_backend($1)', [pid]).catch(() => undefined)
        session.abandon()
      }
      await handle.end()
      // Where the store failed, the tool could not help it, whatever it threw then.
      throw failure ?? thrown
    }
    await handle.end()
    // A tool may have caught the failure that undid everything, or not have asked since.
    if (!session.isInTransaction) throw handle.failure ?? session.broken ?? lost()
    return write
  }
}
