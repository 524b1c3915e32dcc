// Drives one workflow run that this runtime owns: its code runs again over what is recorded (workflow/execution.ts),
// and what it asks for beyond that is done (workflow-efforts.ts) and written down before the code is told: that is a
// round of run-session.ts's loop. The same invariants bind as for an agent run: 2 (a step begins, and a loser is
// ended, when what led to it is committed), 3 (an entry that the code does not ask for is a divergence), 8 (one owner;
// the next round begins under this one's epoch) and 9 (few commits).
import { endDraft } from '../../agent/state/cancel.ts'
import type { Draft, Entry, Message, Waiting, WorkflowStart } from '../../contracts/entry.ts'
import type { InboxMessage } from '../../contracts/message.ts'
import type { Used } from '../../contracts/totals.ts'
import type { AnyWorkflow } from '../../define/any-workflow.ts'
import { type Divergence, divergenceError } from '../../journal/divergence.ts'
import { RUN_KEY } from '../../journal/keys.ts'
import { continuationBefore } from '../../journal/continuations.ts'
import { endBlocked } from '../../journal/blocked-effect.ts'
import { CancelledError, type DivergenceError, StoreError } from '../../values/errors.ts'
import { Code, type Finished } from '../../workflow/code.ts'
import type { Begun } from '../../workflow/execution.ts'
import type { Op } from '../../workflow/op.ts'
import { said } from '../../workflow/unsaid.ts'
import type { NextContinuation } from '../children.ts'
import type { Engine } from '../engine.ts'
import { HeardSignals } from './heard-signals.ts'
import { interruptedBy, stopped } from './interruption.ts'
import type { InFlight } from '../effort/in-flight.ts'
import { redactedLog } from '../effort/redacted-log.ts'
import { lostError } from '../commit/lost.ts'
import { recordError } from '../record-error.ts'
import { restingFor, type Standing } from './row.ts'
import { type RunParts, RunSession } from './run-session.ts'
import { logThrown, stackOf } from '../thrown.ts'
import { messageDraft, patchDraft, raceWon } from './workflow-drafts.ts'
import { type Landing, WorkflowEfforts } from './workflow-efforts.ts'
import { foldWorkflow, NEW_WORKFLOW } from './workflow-standing.ts'

/** What a workflow session is made of. */
export interface WorkflowParts extends RunParts {
  readonly workflow: AnyWorkflow
  /** All entries so far, the first among them. */
  readonly entries: readonly Entry[]
}

/** One workflow run being driven. */
export class WorkflowSession extends RunSession<Landing> {
  readonly #workflow: AnyWorkflow
  readonly #depth: number
  /** How many turns are left to the runs below it. */
  #turnsLeft: number
  readonly #efforts: WorkflowEfforts
  readonly #code: Code
  readonly #heard = new HeardSignals()
  /** Operations of branches that have lost: they are ended once what made them lose is written (invariant 2). */
  #cancelled: Op[] = []
  #standing: Standing = NEW_WORKFLOW
  /** Of the newest entry. */
  #seq = -1
  #begun = false
  /** Whether the inbox was read: at first, that of the round before is read too. */
  #hasRead = false
  /** The run that goes on in the place of this one, and begins with the next write. */
  #next: NextContinuation | undefined

  constructor(engine: Engine, parts: WorkflowParts) {
    super(engine, parts)
    this.mail = true
    this.#workflow = parts.workflow
    const start = startOf(parts)
    this.#depth = start.depth ?? 0
    this.#turnsLeft = start.turnsLeft ?? Infinity
    this.#code = new Code(parts.row.id, parts.workflow, start, {
      asked: () => this.inFlight.nudge(),
      cancelled: (op) => this.#cancelled.push(op),
      late: (key) => this.#complainOf(key),
      patched: (key) => this.#take(patchDraft(key)),
    })
    for (const entry of parts.entries) this.#note(entry)
    const { execution } = this.#code
    const run = { ...parts.row, effects: execution.effects, depth: this.#depth, worked: this.worked }
    this.#efforts = new WorkflowEfforts(
      engine,
      run,
      () => this.#turnsLeft,
      (key) => execution.rewoundAt(key),
    )
  }

  get totals(): Used {
    return this.#standing.totals
  }

  protected get inFlight(): InFlight<Landing> {
    return this.#efforts.inFlight
  }

  override stop(): void {
    this.#efforts.waitNoLonger()
    super.stop()
  }

  protected wake(): void {
    this.#efforts.wake()
  }

  /**
   * Runs the code over what is recorded.
   *
   * @throws DivergenceError where it goes another way.
   */
  async catchUp(): Promise<void> {
    this.#begun = true
    void this.#code.begin().then(() => this.inFlight.nudge())
    await this.#tell()
  }

  protected async enter(): Promise<void> {
    await this.writer.loadSecrets()
    if (!this.#begun) await this.catchUp()
  }

  protected leave(): void {
    this.#efforts.close()
    this.#code.abandon()
  }

  protected async round(): Promise<Standing | undefined> {
    if (this.mail) await this.#readMail()
    await this.#tell()
    this.#settle()
    this.#takeCancel()
    const idle = this.#isIdle()
    // What came of a child that could not be looked at is still to be heard.
    if (idle && !this.ending && this.#efforts.stuck.size === 0) this.childMail.consume()
    await this.#write(idle)
    if (idle) return this.#standing
    // A race that is won just now is told first, so that nothing is begun for its losers.
    if (this.#code.execution.replaying) return undefined
    if (!(await this.mayBegin())) return undefined
    this.#endCancelled()
    if (!this.ending) this.#launch()
    await this.#land()
    return undefined
  }

  /** Tells the code what is recorded, and finds out where it goes another way. */
  async #tell(): Promise<void> {
    const { execution } = this.#code
    const stray = await execution.tell()
    if (execution.divergence) throw this.#diverged(execution.divergence)
    if (stray) throw this.#diverged(this.#code.strayed(stray))
  }

  #diverged(divergence: Divergence): DivergenceError {
    return divergenceError(this.row.id, this.#workflow, divergence)
  }

  /** Writes what follows at once: a race that is won, the end of the code. */
  #settle(): void {
    const { execution, finished } = this.#code
    for (const { op } of execution.pending()) {
      if (op.kind === 'race') this.#take(raceWon(op))
    }
    if (!finished) return
    // What nobody awaits any more is ended, and has ended before the run does.
    if (finished.kind !== 'ended' || finished.draft.kind === 'run.failed') execution.cancelUnder('', ended())
    if (this.#efforts.size > 0 || this.#cancelled.length > 0) return
    if (this.#standing.ending || execution.replaying || this.ending?.kind === 'cancel') return
    this.#take(finished.kind === 'ended' ? this.#endOf(finished) : this.#continue(finished))
  }

  #endOf({ draft, thrown }: Extract<Finished, { kind: 'ended' }>): Draft {
    if (draft.kind !== 'run.failed') return draft
    const log = redactedLog(this.engine.log, this.writer.secrets)
    logThrown(log, 'error', `Workflow "${this.#workflow.name}" of the run "${this.row.id}" failed`, thrown)
    const stack = this.engine.recordStacks ? stackOf(thrown) : undefined
    if (stack === undefined) return draft
    return { ...draft, body: { ...draft.body, error: { ...draft.body.error, stack } } }
  }

  #continue({ input, inputDigest, after }: Extract<Finished, { kind: 'continued' }>): Draft {
    try {
      const { unheard, effects } = this.#code.execution
      const next = this.engine.children.continueAs({
        row: this.row,
        workflow: this.#workflow,
        input,
        worked: this.worked,
        unheard,
        effects,
        depth: this.#depth,
        turnsLeft: this.#turnsLeft,
      })
      this.#next = next
      return {
        kind: 'run.completed',
        key: RUN_KEY,
        attempt: 1,
        body: { output: null, continuedAs: next.runId, asked: inputDigest, ...said(after) },
      }
    } catch (error) {
      const body = { outcome: 'failed', error: recordError(error, 'continue_failed') } as const
      return { kind: 'run.failed', key: RUN_KEY, attempt: 1, body }
    }
  }

  #take(draft: Draft): void {
    if (draft.kind === 'child.ended') this.childMail.consume(draft.key)
    this.#note(this.writer.add(draft))
  }

  /** Counts an entry, and gives it to the code. */
  #note(entry: Entry): void {
    this.#seq = entry.seq
    this.#standing = foldWorkflow(this.#standing, entry)
    if (entry.kind === 'child.ended') this.#turnsLeft = Math.max(0, this.#turnsLeft - entry.body.totals.turns)
    if (entry.kind === 'message.received') this.#heard.add(entry.body.signal, entry.body.id)
    this.#code.execution.feed(entry)
  }

  /** Nothing is left to do here: it has ended, is to stop, or waits for others alone. */
  #isIdle(): boolean {
    // What is to be written now is told to the code next, and may lead on.
    if (this.#efforts.isBusy || this.#cancelled.length > 0 || this.#code.execution.replaying) return false
    if (this.#standing.ending) return true
    if (this.#endBlocked()) return true
    const { execution, finished } = this.#code
    const mine = execution.pending().filter(({ op }) => execution.blockedEffect(op) === undefined)
    const { stuck } = this.#efforts
    const others = mine.filter(({ op }) => !stuck.has(op.key))
    const waiting = this.#efforts.waitingFor(others)
    if (stuck.size > 0 && !finished && !this.ending && (waiting || others.length === 0)) {
      this.#showStuck(others)
      return true
    }
    if (waiting && !finished) {
      // That it sleeps stands in the journal already, by its timers; that something failed, by that.
      const isSaid = waiting.kind === 'timer' || waiting.kind === 'retry' || this.#standing.waiting !== null
      if (!isSaid) this.#take({ kind: 'run.waiting', key: RUN_KEY, attempt: 1, body: { waiting } })
      this.#standing = { ...restingFor(this.#standing, this.#efforts.waitsFor(others)), waiting }
      return true
    }
    if (!this.ending) return false
    if (this.ending.kind === 'stop' && !this.#standing.waiting)
      this.#standing = { ...this.#standing, waiting: stopped(this.engine) }
    return true
  }

  /** All that is left to do is to try children again that were interrupted: when, stands in the run's row alone. */
  #showStuck(others: readonly Begun[]): void {
    const interrupted = interruptedBy(this.engine, this.row, [...this.#efforts.stuck.values()], this.writer.isFurther)
    const waits = [this.writer.secrets.redact<Waiting>(interrupted), ...this.#efforts.waitsFor(others)]
    this.#standing = restingFor(this.#standing, waits)
  }

  /** All that is left to do is what the run may not. */
  #endBlocked(): boolean {
    const { execution, finished } = this.#code
    const blocked = execution.pending().map(({ op }) => ({ key: op.key, what: execution.blockedEffect(op) }))
    const [first] = blocked
    if (this.ending || finished || first?.what === undefined) return false
    if (!blocked.every(({ what }) => what !== undefined)) return false
    const body = endBlocked(first.what, first.key, this.#seq + 1)
    this.#take({ kind: 'run.failed', key: RUN_KEY, attempt: 1, body })
    return true
  }

  async #write(release: boolean): Promise<void> {
    const standing = this.#standing
    const next = await this.#unbegun()
    const result = await this.write(standing, release, next && { begins: [next.beginning] })
    // Somebody else has begun the next round: only who owns this one may.
    if (result === 'exists') throw lostError(this.row.id)
    next?.drive()
  }

  /** The round that is to begin with this write, under this one's epoch (invariant 8); releases before wrote it apart. */
  async #unbegun(): Promise<NextContinuation | undefined> {
    const next = this.#next
    this.#next = undefined
    return next && ((await this.engine.store.run(next.runId)) ? undefined : next)
  }

  /** What must be written before it begins goes out when the loop comes by again. */
  #launch(): void {
    for (const begun of this.#code.execution.pending()) {
      if (this.#code.execution.blockedEffect(begun.op) !== undefined) continue
      const draft = this.#efforts.begin(begun)
      if (!draft) continue
      this.#take(draft)
      this.inFlight.nudge()
    }
  }

  #endCancelled(): void {
    const cancelled = this.#cancelled
    this.#cancelled = []
    for (const op of cancelled) this.#efforts.cancel(op)
    if (cancelled.length > 0) this.inFlight.nudge()
  }

  async #land(): Promise<void> {
    for (const draft of await this.#efforts.landings()) if (!this.#code.execution.isClosed(draft.key)) this.#take(draft)
    this.writer.keep()
  }

  async #readMail(): Promise<void> {
    const before = this.#hasRead ? undefined : continuationBefore(this.row.id)
    this.#hasRead = true
    this.mail = false
    // What came just when the round before ended lies there, and stays there.
    const left = before === undefined ? [] : await this.engine.store.inbox(before)
    for (const message of left) if (message.kind !== 'child') this.#hear(message)
    for await (const message of this.messages((key) => this.#code.execution.childAt(key))) {
      if (message.kind === 'child') this.childMail.add(message.dedupe)
      else if (message.kind !== 'cancel' && message.kind !== 'rewind') this.writer.consume(message.dedupe)
      this.#hear(message)
      this.writer.keep()
    }
  }

  #hear(message: InboxMessage): void {
    const { kind, body } = message
    if (kind === 'child' || kind === 'rewind') this.#efforts.wake()
    if (this.#standing.ending) return
    const rewound = kind === 'rewind' && this.rewind(message, (key) => this.#code.execution.childAt(key))
    if (rewound) this.#take(rewound)
    if (kind === 'cancel') this.cancel(message)
    if (kind !== 'signal') return
    // Only the runtime writes these bodies.
    const said = body as unknown as Message
    if (this.#heard.has(said.signal, said.id)) return
    this.#take(messageDraft(said, this.#heard.count(said.signal)))
  }

  protected override cancelling(error: CancelledError): void {
    this.#code.cancel(error)
  }

  /** What a failed run leaves behind may well go on for a while. */
  #complainOf(late: string): void {
    const { finished } = this.#code
    if (finished?.kind === 'ended' && finished.draft.kind === 'run.failed') return
    this.engine.log.error(
      `The workflow "${this.#workflow.name}" asked for ${late} after it had ended, run "${this.row.id}", so it is not done. Await all that it begins before it returns.`,
    )
  }

  /** The children are settled first; the message leaves the inbox together with what it led to. */
  #takeCancel(): void {
    if (this.ending?.kind !== 'cancel' || this.#efforts.size > 0 || this.#cancelled.length > 0) return
    if (this.#standing.ending) return
    if (this.ending.dedupe !== undefined) this.writer.consume(this.ending.dedupe)
    this.#take(endDraft(this.ending.by))
  }
}

function startOf({ row, entries: [first] }: WorkflowParts): WorkflowStart {
  if (first?.kind === 'run.started' && 'seed' in first.body) return first.body
  throw new StoreError({
    code: 'not_a_workflow',
    message: `The journal of the run "${row.id}" does not begin as a workflow's. Check that this is the right store.`,
  })
}

function ended(): CancelledError {
  return new CancelledError({ code: 'workflow_ended', message: 'The workflow has ended.' })
}
