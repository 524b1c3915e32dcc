// What both kinds of run have in common while they are driven: the loop, its end, and how it is told of messages, of a
// stop and of a new owner. session.ts and workflow-session.ts say what one round of the loop does; runtime/drive/driver.ts
// calls `drive`. It keeps invariant 8: each round asks whether the run is still this owner's, and nothing begins before
// the lease is known to hold.
import type { EndedBy } from '../../agent/state/cancel.ts'
import type { Draft } from '../../contracts/entry.ts'
import type { RunRow } from '../../contracts/run.ts'
import type { InboxMessage } from '../../contracts/message.ts'
import type { RunWrite } from '../../contracts/write.ts'
import type { Used } from '../../contracts/totals.ts'
import { CancelledError, type RepriseError } from '../../values/errors.ts'
import { deadlineError } from '../../journal/late.ts'
import { lostError } from '../commit/lost.ts'
import type { InFlight } from '../effort/in-flight.ts'
import type { Engine } from '../engine.ts'
import { sleepUntil } from '../effort/sleep-until.ts'
import { CANCEL_GRACE_MS } from '../grace.ts'
import type { JournalWriter } from '../journal-writer.ts'
import { ChildMail } from '../messages/child-mail.ts'
import { insteadOf, rewindOf, rewoundDraft, tooLate } from '../messages/rewind.ts'
import { parentMessage } from '../messages/parent-message.ts'
import type { Driven } from './driven.ts'
import { giveUp } from './give-up.ts'
import { closedError } from './interruption.ts'
import { isShownOtherwise, rowOf, type Standing } from './row.ts'

/** What every session is made of. */
export interface RunParts {
  readonly row: RunRow
  readonly writer: JournalWriter
  /** Whether the run is given up while it waits for long: a worker takes it up again. @default false */
  readonly worked?: boolean
}

/** Why a run is not driven any further. */
export type Ending =
  /** `dedupe` is the mark of the message that said so, where one did. */
  | { readonly kind: 'cancel'; readonly by: EndedBy; readonly dedupe?: string }
  | { readonly kind: 'stop' }
  | { readonly kind: 'lost'; readonly error: RepriseError }

/** Gives the child that a run goes on with at a key, where that has not ended. */
type ChildAt = (key: string) => string | undefined

/** One run being driven. */
export abstract class RunSession<Landing> implements Driven {
  protected readonly engine: Engine
  protected readonly row: RunRow
  protected readonly writer: JournalWriter
  protected readonly worked: boolean
  protected readonly childMail: ChildMail
  /** Whether messages lie in the inbox that were not read. */
  protected mail = false
  protected ending: Ending | undefined
  /** Children that the run goes on without, and why: they are told once that is written. */
  #left: { readonly runId: string; readonly reason: string }[] = []
  /** What the run's row shows. */
  #shown: Pick<RunRow, 'status' | 'waiting' | 'waits'>

  protected constructor(engine: Engine, { row, writer, worked = false }: RunParts) {
    this.engine = engine
    this.row = row
    this.writer = writer
    this.worked = worked
    this.childMail = new ChildMail(writer)
    this.#shown = row
  }

  abstract get totals(): Used

  /**
   * Goes over what came before this owner took the run up.
   *
   * @throws DivergenceError where a workflow's code goes another way.
   */
  abstract catchUp(): Promise<void>

  /** What is under way. */
  protected abstract get inFlight(): InFlight<Landing>

  /** Does what comes before the first round. */
  protected abstract enter(): Promise<void>

  /**
   * Does what can be done now, and takes what comes back.
   *
   * @returns how the run stands, where nothing is left to do here.
   */
  protected abstract round(): Promise<Standing | undefined>

  /** Lets go of all that the session holds. */
  protected abstract leave(): void

  /** Looks again at the children that were interrupted. */
  protected abstract wake(): void

  notify(): void {
    this.mail = true
    this.inFlight.nudge()
  }

  retry(): void {
    this.wake()
    this.inFlight.nudge()
  }

  stop(): void {
    this.ending ??= { kind: 'stop' }
    void this.inFlight.end(this.engine.closeGraceMs, closedError, this.engine.few)
  }

  leaseLost(error: RepriseError = lostError(this.row.id)): void {
    this.ending = { kind: 'lost', error }
    this.inFlight.abort(error)
    this.inFlight.nudge()
  }

  drop(): void {
    this.inFlight.halt()
    this.leave()
  }

  async drive(): Promise<Standing> {
    const driven = new AbortController()
    void this.#heedDeadline(driven.signal)
    try {
      await this.enter()
      for (;;) {
        if (this.engine.turns.isOver()) await this.engine.turns.next()
        if (this.ending?.kind === 'lost') throw this.ending.error
        const standing = await this.round()
        if (standing) return standing
      }
    } catch (error) {
      this.inFlight.abort(error)
      return await giveUp(this.engine, this.row, this.writer, this.totals, error)
    } finally {
      driven.abort()
      this.drop()
    }
  }

  async #heedDeadline(driven: AbortSignal): Promise<void> {
    const { deadlineAt } = this.row
    if (deadlineAt === null) return
    await sleepUntil(this.engine.clock, deadlineAt, driven).catch(() => undefined)
    if (!driven.aborted && !this.ending) this.#endBy({ kind: 'cancel', by: deadlineError(deadlineAt) })
  }

  /**
   * Waits until what led to the next efforts is committed and the lease is known to hold.
   *
   * @returns whether the run is still this owner's: else nothing may begin.
   */
  protected async mayBegin(): Promise<boolean> {
    await this.writer.fence()
    await this.writer.loadSecrets()
    return this.ending?.kind !== 'lost'
  }

  /** Writes what was taken, and the row where it is to show something else. */
  protected async write(
    standing: Standing,
    release: boolean,
    begins?: Pick<RunWrite, 'begins'>,
  ): ReturnType<JournalWriter['write']> {
    const row = isShownOtherwise(this.#shown, standing) ? rowOf(standing, this.engine.clock.now()) : undefined
    const message = row?.endedAt ? parentMessage(this.row, row.endedAt) : undefined
    if (row) this.#shown = row
    const result = await this.writer.write({
      ...(row && { row }),
      ...(release && { release }),
      ...(message && { messages: [message] }),
      ...begins,
    })
    if (this.#left.length > 0)
      for (const { runId, reason } of this.#left.splice(0)) await this.engine.children.cancel(runId, reason)
    return result
  }

  /**
   * What lies in the inbox, one after the other, without the words that point to a run that was deleted meanwhile: it would never
   * come. One that the run is to go on with is held before it is looked at, so that it stays until that is written down.
   *
   * @param childAt as `rewind` takes it.
   */
  protected async *messages(childAt: ChildAt): AsyncGenerator<InboxMessage> {
    const { store, log } = this.engine
    for (const message of await store.inbox(this.row.id)) {
      const word = message.kind === 'rewind' ? rewindOf(message) : undefined
      if (word && childAt(word.key) === word.from) await this.writer.hold(word.to, word.key)
      if (!word || (await store.run(word.to))) yield message
      else {
        log.warn(
          `The run "${this.row.id}" was told to go on with "${word.to}", which was deleted meanwhile: it stays as it is.`,
        )
        this.writer.consume(message.dedupe)
      }
    }
  }

  /**
   * Gives the entry of a message that points the run to another child, where it still goes on with the one that is meant.
   *
   * @param childAt the child that the run goes on with at a key, where that has not ended.
   */
  protected rewind(message: InboxMessage, childAt: ChildAt): Draft | undefined {
    this.writer.consume(message.dedupe)
    const draft = rewoundDraft(message, childAt)
    if (draft) this.#left.push({ runId: draft.body.from, reason: insteadOf(draft.body.to) })
    else this.engine.log.warn(tooLate(this.row.id, message))
    return draft
  }

  /** Ends what is under way for a message that cancels the run, which stays in the inbox until that is written. */
  protected cancel({ body, dedupe }: InboxMessage): void {
    if (this.ending?.kind !== 'cancel')
      this.#endBy({ kind: 'cancel', by: typeof body === 'string' ? body : '', dedupe })
  }

  #endBy(ending: Extract<Ending, { kind: 'cancel' }>): void {
    this.ending = ending
    const message = `The run "${this.row.id}" was cancelled: ${typeof ending.by === 'string' ? ending.by : ending.by.message}`
    const error = new CancelledError({ code: 'run_cancelled', message })
    this.cancelling(error)
    this.inFlight.abort(error)
    void this.inFlight.end(CANCEL_GRACE_MS, () => error, this.engine.few)
  }

  /** Is told of a cancel before what is under way is. */
  protected cancelling(_error: CancelledError): void {}
}

/** What the children of a run are told that is ended. */
export function reasonOf(by: EndedBy): string {
  return typeof by === 'string' ? by : `its parent was late: ${by.message}`
}
