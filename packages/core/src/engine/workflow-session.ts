// Drives one workflow run that this runtime owns: its code runs again over what is recorded, and what it asks for beyond
// that is done and written down. The same invariants bind as for an agent run: 2 (barrier), 8 (one owner), 9 (few commits).
import type { Draft, Entry, Waiting, WorkflowStart } from '../contracts/entry.ts'
import type { RunRow, RunStatus } from '../contracts/run.ts'
import type { Totals } from '../contracts/totals.ts'
import type { AnyWorkflow } from '../define/workflow.ts'
import { RUN_KEY } from '../journal/keys.ts'
import { CancelledError, StoreError } from '../words/errors.ts'
import type { Json } from '../words/json.ts'
import type { Begun, Execution } from '../workflow/execution.ts'
import type { Op } from '../workflow/op.ts'
import { Code } from '../workflow/code.ts'
import type { ChildStanding } from './children.ts'
import { divergenceError } from './divergence.ts'
import type { Driven } from './driven.ts'
import type { Engine } from './engine.ts'
import { Flight } from './flight.ts'
import { CANCEL_GRACE_MS, CLOSE_GRACE_MS } from './grace.ts'
import type { JournalWriter } from './journal-writer.ts'
import { lostError } from './lost.ts'
import { rowOf, type Standing, statusOf } from './row.ts'
import { runStep } from './run-step.ts'
import { addTotals, NO_TOTALS } from '../journal/totals.ts'

/** What a workflow session is made of. */
export interface WorkflowParts {
  readonly row: RunRow
  readonly workflow: AnyWorkflow
  /** All entries so far, the first among them. */
  readonly entries: readonly Entry[]
  readonly writer: JournalWriter
}

type Landing = Draft | { readonly kind: 'rests'; readonly key: string; readonly runId: string }

type Ending =
  | { readonly kind: 'cancel'; readonly reason: string; readonly dedupe: string }
  | { readonly kind: 'stop' }
  | { readonly kind: 'lost' }

/** One workflow run being driven. */
export class WorkflowSession implements Driven {
  readonly #engine: Engine
  readonly #parts: WorkflowParts
  readonly #flight: Flight<Landing>
  readonly #code: Code
  readonly #execution: Execution
  readonly #aborts = new Map<string, AbortController>()
  /** Children that wait for somebody, by key. */
  readonly #resting = new Map<string, string>()
  readonly #messages = new Map<string, number>()
  #standing: Standing
  #status: RunStatus
  #mail = true
  #ending: Ending | undefined
  /** What must be durable together with the next write. */
  #beside: Promise<void> | undefined

  constructor(engine: Engine, parts: WorkflowParts) {
    this.#engine = engine
    this.#parts = parts
    this.#flight = new Flight(engine.clock)
    this.#code = new Code(parts.row.id, parts.workflow, startOf(parts), (key) => this.#take(patch(key)))
    this.#execution = this.#code.execution
    this.#execution.onAsk = () => this.#flight.nudge()
    this.#execution.onCancel = (op) => this.#cancelOp(op)
    this.#standing = { ending: null, waiting: null, totals: NO_TOTALS }
    this.#status = parts.row.status
    for (const entry of parts.entries) this.#note(entry)
  }

  get totals(): Totals {
    return this.#standing.totals
  }

  poke(): void {
    this.#mail = true
    this.#flight.nudge()
  }

  stop(): void {
    this.#ending ??= { kind: 'stop' }
    const reason = new CancelledError({ code: 'runtime_stopped', message: 'The runtime was closed.' })
    void this.#flight.end(CLOSE_GRACE_MS, reason)
  }

  lose(): void {
    this.#ending = { kind: 'lost' }
    this.#flight.abort(lostError(this.#parts.row.id))
    this.#flight.nudge()
  }

  async drive(): Promise<Standing> {
    try {
      void this.#code.begin().then(() => this.#flight.nudge())
      for (;;) {
        if (this.#ending?.kind === 'lost') throw lostError(this.#parts.row.id)
        if (this.#mail) await this.#readMail()
        await this.#tell()
        this.#settle()
        if (this.#ending?.kind === 'cancel' && this.#flight.size === 0) this.#takeCancel(this.#ending)
        const idle = this.#isIdle()
        await this.#write(idle)
        if (idle) return this.#standing
        if (!this.#ending) for (const begun of this.#execution.pending()) this.#launch(begun)
        await this.#land()
      }
    } catch (error) {
      this.#flight.abort(error)
      await this.#parts.writer.abandon()
      throw error
    } finally {
      this.#flight.close()
      this.#code.abandon()
    }
  }

  /** Tells the code what is recorded, and finds out where it goes another way. */
  async #tell(): Promise<void> {
    const stray = await this.#execution.tell()
    if (this.#execution.divergence) throw this.#execution.divergence
    if (stray) throw divergenceError(this.#parts.row.id, this.#code.strayed(stray))
  }

  /** Writes what follows at once: a race that is won, the end of the code. */
  #settle(): void {
    for (const { op } of this.#execution.pending()) {
      if (op.kind === 'race') this.#take({ kind: 'race.won', key: op.key, attempt: 1, body: { branch: op.branch } })
    }
    const { finished } = this.#code
    // What was cancelled has ended before the run does.
    if (
      !finished ||
      this.#flight.size > 0 ||
      this.#standing.ending ||
      this.#execution.replaying ||
      this.#ending?.kind === 'cancel'
    )
      return
    if (finished.kind === 'continued') {
      const next = this.#engine.children.continueAs(this.#parts.row, this.#parts.workflow, finished.input)
      this.#beside = next.written
      this.#take({ kind: 'run.completed', key: RUN_KEY, attempt: 1, body: { output: null, continuedAs: next.runId } })
    } else this.#take(finished.draft)
  }

  #take(draft: Draft): void {
    this.#note(this.#parts.writer.add(draft))
  }

  /** Counts an entry, and gives it to the code. */
  #note(entry: Entry): void {
    this.#execution.feed(entry)
    const { totals } = this.#standing
    switch (entry.kind) {
      case 'child.ended':
        this.#standing = { ...this.#standing, waiting: null, totals: addTotals(totals, entry.body.totals) }
        return
      case 'step.returned':
        this.#standing = { ...this.#standing, totals: { ...totals, calls: totals.calls + 1 } }
        return
      case 'run.waiting':
        this.#standing = { ...this.#standing, waiting: entry.body.waiting }
        return
      case 'message.received':
        this.#standing = { ...this.#standing, waiting: null }
        this.#messages.set(entry.body.signal, (this.#messages.get(entry.body.signal) ?? 0) + 1)
        return
      case 'run.completed':
        this.#end({ kind: 'completed', ...entry.body })
        return
      case 'run.failed': {
        const { outcome, ...rest } = entry.body
        this.#end({ kind: outcome, ...rest })
        return
      }
      case 'run.cancelled':
        this.#end({ kind: 'cancelled', reason: entry.body.reason })
        return
      default:
        return
    }
  }

  #end(ending: Standing['ending']): void {
    this.#standing = { ...this.#standing, ending, waiting: null }
  }

  /** Nothing is left to do here: it has ended, is to stop, or waits for others alone. */
  #isIdle(): boolean {
    if (this.#flight.size > 0) return false
    if (this.#standing.ending) return true
    const pending = this.#execution.pending()
    if (this.#ending) {
      this.#restUntil(pending)
      return true
    }
    const waiting = pending.map(({ op }) => this.#waitingFor(op))
    const [first] = waiting
    if (!first || this.#code.finished || !waiting.every((wait) => wait !== undefined)) return false
    if (!this.#standing.waiting) this.#take({ kind: 'run.waiting', key: RUN_KEY, attempt: 1, body: { waiting: first } })
    return true
  }

  /** A run that is given up while it sleeps is not taken up before its time. */
  #restUntil(pending: readonly Begun[]): void {
    const ends = pending.flatMap(({ op, at }) =>
      op.kind === 'timer' && at !== null ? [{ key: op.key, until: at }] : [],
    )
    const [first] = ends.toSorted((one, other) => one.until - other.until)
    if (!first || pending.some(({ op }) => op.kind === 'step' || op.kind === 'child')) return
    this.#standing = { ...this.#standing, waiting: { kind: 'timer', ...first } }
  }

  /** What an operation waits for that only somebody else can bring about; undefined where it goes on by itself. */
  #waitingFor(op: Op): Waiting | undefined {
    if (op.kind === 'receive') return { kind: 'signal', key: op.key, signal: op.signal }
    const runId = this.#resting.get(op.key)
    return runId === undefined ? undefined : { kind: 'child', key: op.key, runId }
  }

  async #write(release: boolean): Promise<void> {
    const status = statusOf(this.#standing)
    const row = status === this.#status ? undefined : rowOf(this.#standing, this.#engine.clock.now())
    this.#status = status
    const written = this.#parts.writer.write({ ...(row && { row }), ...(release && { release }) })
    await Promise.all([written, this.#beside])
  }

  #launch({ op, attempt, at, started }: Begun): void {
    switch (op.kind) {
      case 'step':
        if (at !== null && at > this.#engine.clock.now()) this.#flight.waitUntil(op.key, at)
        else this.#begin(op.key, (signal) => runStep(this.#engine, this.#parts.row.id, op, attempt, signal))
        return
      case 'timer':
        this.#launchTimer(op, at)
        return
      case 'child':
        if (this.#resting.has(op.key)) return
        if (started) this.#flight.begin(op.key, () => this.#runChild(op))
        else
          this.#takeAndLook({
            kind: 'child.started',
            key: op.key,
            attempt: 1,
            body: { name: op.definition.name, runId: op.runId, asked: op.asked },
          })
        return
      case 'receive':
      case 'race':
        return
      default:
        op satisfies never
    }
  }

  #launchTimer({ key, ms }: Extract<Op, { kind: 'timer' }>, at: number | null): void {
    if (at === null) {
      this.#takeAndLook({ kind: 'timer.set', key, attempt: 1, body: { until: this.#engine.clock.now() + ms } })
      return
    }
    this.#begin(key, async (signal) => {
      if (at > this.#engine.clock.now())
        await this.#engine.clock.sleep(at - this.#engine.clock.now(), AbortSignal.any([signal, this.#flight.halted]))
      return { kind: 'timer.fired', key, attempt: 1, body: { until: at } }
    })
  }

  /** What is begun is written first: it goes out when the loop comes by again. */
  #takeAndLook(draft: Draft): void {
    this.#take(draft)
    this.#flight.nudge()
  }

  /** Begins what ends, for the run, as soon as its branch is cancelled: what it still does is not heard any more. */
  #begin(key: string, effort: (signal: AbortSignal) => Promise<Landing | undefined>): void {
    if (this.#flight.has(key)) return
    const { promise: cancelled, resolve } = Promise.withResolvers<undefined>()
    const abort = new AbortController()
    abort.signal.addEventListener('abort', () => resolve(undefined), { once: true })
    this.#aborts.set(key, abort)
    this.#flight.begin(key, (signal) => Promise.race([effort(AbortSignal.any([signal, abort.signal])), cancelled]))
  }

  async #runChild({
    key,
    runId,
    definition,
    input,
    context,
  }: Extract<Op, { kind: 'child' }>): Promise<Landing | undefined> {
    const child = { runId, definition, input, context, parentId: this.#parts.row.id, parentKey: key }
    const standing: ChildStanding = await this.#engine.children.run(child)
    if (standing.kind === 'rests') return this.#ending ? undefined : { kind: 'rests', key, runId }
    const { ending, totals } = standing
    return { kind: 'child.ended', key, attempt: 1, body: { runId, ending, totals } }
  }

  async #land(): Promise<void> {
    for (const landing of await this.#flight.landingsOrNudge()) {
      this.#aborts.delete(landing.key)
      if (landing.kind === 'rests') this.#resting.set(landing.key, landing.runId)
      else if (!this.#execution.isClosed(landing.key)) this.#take(landing)
    }
  }

  /** A branch that has lost is ended: its steps are aborted, its children cancelled. */
  #cancelOp(op: Op): void {
    this.#aborts.get(op.key)?.abort()
    this.#aborts.delete(op.key)
    if (op.kind !== 'child') return
    const cancelled = this.#engine.children.cancel(op.runId, 'The branch that it was part of was cancelled.')
    this.#flight.begin(`${op.key}/cancel`, () => cancelled.then(() => undefined))
  }

  async #readMail(): Promise<void> {
    this.#mail = false
    const { row, writer } = this.#parts
    for (const message of await this.#engine.store.inbox(row.id)) {
      if (message.kind === 'cancel' && !this.#standing.ending) {
        this.#cancel(typeof message.body === 'string' ? message.body : '', message.dedupe)
        continue
      }
      writer.consume(message.dedupe)
      if (message.kind !== 'signal' || this.#standing.ending) continue
      // Only the runtime writes these bodies.
      const { signal, payload } = message.body as { readonly signal: string; readonly payload: Json }
      const key = `message:${signal}/${this.#messages.get(signal) ?? 0}`
      this.#take({ kind: 'message.received', key, attempt: 1, body: { signal, payload } })
    }
  }

  #cancel(reason: string, dedupe: string): void {
    if (this.#ending?.kind === 'cancel') return
    this.#ending = { kind: 'cancel', reason, dedupe }
    const error = new CancelledError({
      code: 'run_cancelled',
      message: `The run "${this.#parts.row.id}" was cancelled: ${reason}`,
    })
    this.#code.cancel(error)
    this.#flight.abort(error)
    void this.#flight.end(CANCEL_GRACE_MS, error)
  }

  /** The children are settled first; the message leaves the inbox together with what it led to. */
  #takeCancel({ reason, dedupe }: Extract<Ending, { kind: 'cancel' }>): void {
    if (this.#standing.ending) return
    this.#parts.writer.consume(dedupe)
    this.#take({ kind: 'run.cancelled', key: RUN_KEY, attempt: 1, body: { reason } })
  }
}

function startOf({ row, entries: [first] }: WorkflowParts): WorkflowStart {
  if (first?.kind === 'run.started' && 'seed' in first.body) return first.body
  throw new StoreError({
    code: 'not_a_workflow',
    message: `The journal of the run "${row.id}" does not begin as a workflow's. Check that this is the right store.`,
  })
}

function patch(key: string): Draft {
  return { kind: 'step.returned', key, attempt: 1, body: { name: 'patched', result: true } }
}
