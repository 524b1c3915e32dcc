// Drives one run that this runtime owns. The pure part says what to do; this shell does it and writes down what came
// of it. Invariants 2 (nothing leaves before what led to it is committed), 8 (one owner) and 9 (few commits) bind here.
import type { Action, Effort } from '../agent/action.ts'
import { decide, postOf } from '../agent/decide.ts'
import { fold } from '../agent/fold.ts'
import type { AgentState } from '../agent/state.ts'
import type { Draft, Waiting } from '../contracts/entry.ts'
import type { RunStatus } from '../contracts/run.ts'
import type { Plan } from '../define/plan.ts'
import { RUN_KEY } from '../journal/keys.ts'
import { CancelledError, messageOf } from '../words/errors.ts'
import { askModel } from './ask-model.ts'
import type { Engine } from './engine.ts'
import { resolveDraft } from './inbox.ts'
import type { JournalWriter } from './journal-writer.ts'
import { reconcile } from './reconcile.ts'
import { rowOf, statusOf } from './row.ts'
import { runTool, type Transaction } from './run-tool.ts'
import { sleepUntil } from './sleep-until.ts'

/** How long what is under way may go on after the run was cancelled or its runtime stopped, in milliseconds. */
export const GRACE_MS = 5_000

/** An effort that failed in a way that no journal can tell: a fault of ours or of the machine. It ends the session. */
interface Broken {
  readonly kind: 'broken'
  readonly error: unknown
}

type Arrival = Draft | Transaction | Broken

/** An effort that has come back; without an arrival it was aborted, and nothing is to be recorded. */
interface Landed {
  readonly key: string
  readonly arrival: Arrival | undefined
}

/** What a session is made of. */
export interface SessionParts {
  readonly runId: string
  readonly plan: Plan
  readonly state: AgentState
  readonly status: RunStatus
  readonly writer: JournalWriter
  /** All call ids of the run so far. */
  readonly callIds: Set<string>
}

/** One run being driven: from where its journal stands to its end, to a wait, or to a stop. */
export class Session {
  readonly #engine: Engine
  readonly #parts: SessionParts
  /** Aborts what is under way. */
  readonly #abort = new AbortController()
  /** Aborts what has not begun: the waits before another attempt. */
  readonly #halt = new AbortController()
  /** Aborts when there is nothing left to wait for. */
  readonly #done = new AbortController()
  /** The efforts that were begun and whose outcome is not folded yet: none of them is begun again. */
  readonly #flying = new Set<string>()
  #state: AgentState
  #status: RunStatus
  #landed: Landed[] = []
  #mail = false
  #ending: { readonly kind: 'cancel'; readonly reason: string } | { readonly kind: 'stop' } | undefined
  #wake: () => void = () => undefined

  constructor(engine: Engine, parts: SessionParts) {
    this.#engine = engine
    this.#parts = parts
    this.#state = parts.state
    this.#status = parts.status
  }

  /** The run as it stands, with what is not committed yet. */
  get state(): AgentState {
    return this.#state
  }

  /** Whether messages lie in the run's inbox that came too late for this session. */
  get unread(): boolean {
    return this.#mail
  }

  /** Tells that messages lie in the run's inbox. */
  poke(): void {
    this.#mail = true
    this.#wake()
  }

  /** Ends what is under way with its results, starts nothing more, and gives the run up as it then stands. */
  stop(): void {
    this.#ending ??= { kind: 'stop' }
    this.#halt.abort()
    void this.#abortAfterGrace()
    this.#wake()
  }

  /**
   * Drives the run as far as it goes.
   *
   * @returns the run's state when nothing is left to do here: it has ended, rests, or was stopped.
   * @throws StoreError, DivergenceError: the run stays as it was last committed.
   */
  async drive(): Promise<AgentState> {
    try {
      for (;;) {
        if (this.#mail) await this.#readMail()
        const actions = this.#settle()
        if (this.#ending?.kind === 'cancel' && this.#flying.size === 0 && this.#state.phase.kind !== 'ended') {
          this.#take({ kind: 'run.cancelled', key: RUN_KEY, attempt: 1, body: { reason: this.#ending.reason } })
          continue
        }
        const idle =
          this.#flying.size === 0 && (this.#ending !== undefined || actions.every((action) => action.kind === 'wait'))
        await this.#write(idle)
        if (idle) return this.#state
        if (!this.#ending) for (const action of actions) this.#launch(action)
        await this.#arrivals()
      }
    } catch (error) {
      this.#halt.abort()
      this.#abort.abort(error)
      await this.#parts.writer.abandon()
      throw error
    } finally {
      this.#done.abort()
    }
  }

  /** Folds what follows from what is known, until only efforts and waits are left. */
  #settle(): readonly Action[] {
    for (;;) {
      const actions = decide(this.#state, this.#parts.plan)
      let recorded = false
      for (const action of actions) {
        if (action.kind !== 'record') continue
        this.#take(action.draft)
        recorded = true
      }
      if (!recorded) return actions
    }
  }

  #take(draft: Draft): void {
    this.#state = fold(this.#state, this.#parts.writer.add(draft))
  }

  #write(release: boolean): Promise<unknown> {
    const status = statusOf(this.#state)
    const row = status === this.#status ? undefined : rowOf(this.#state, this.#engine.clock.now())
    this.#status = status
    return this.#parts.writer.write({ ...(row && { row }), ...(release && { release }) })
  }

  #launch(action: Action): void {
    if (action.kind === 'record' || action.kind === 'wait' || this.#flying.has(action.key)) return
    this.#flying.add(action.key)
    void this.#perform(action).then((arrival) => {
      this.#landed.push({ key: action.key, arrival })
      this.#wake()
    })
  }

  /** Carries an effort out; undefined where nothing is to be recorded because it was aborted. */
  async #perform(effort: Effort): Promise<Arrival | undefined> {
    const { runId, callIds, plan } = this.#parts
    const { signal } = this.#abort
    const { context } = this.#state
    try {
      if ('retryAt' in effort) await sleepUntil(this.#engine.clock, effort.retryAt, this.#halt.signal)
      switch (effort.kind) {
        case 'ask':
          return await askModel(
            this.#engine,
            runId,
            this.#state,
            effort,
            callIds,
            postOf(this.#state, plan).agent.retry,
            signal,
          )
        case 'call':
          return await runTool(this.#engine, runId, effort, context, signal)
        case 'reconcile':
          return await reconcile(this.#engine, runId, effort, context, signal)
        default:
          return effort satisfies never
      }
    } catch (error) {
      return this.#fallBack(effort, error)
    }
  }

  #fallBack(effort: Effort, error: unknown): Arrival | undefined {
    if (this.#abort.signal.aborted || this.#halt.signal.aborted) return undefined
    if (effort.kind !== 'reconcile') return { kind: 'broken', error }
    this.#engine.log.warn(
      `Run "${this.#parts.runId}": reconcile of ${effort.tool.name} at ${effort.key} failed: ${messageOf(error)}`,
    )
    const waiting: Waiting = { kind: 'in-doubt', key: effort.key, tool: effort.tool.name }
    return { kind: 'run.waiting', key: RUN_KEY, attempt: 1, body: { waiting } }
  }

  /** Waits until something has come back, and takes all that has. */
  async #arrivals(): Promise<void> {
    if (this.#landed.length === 0 && !this.#mail && this.#flying.size > 0) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    const landed = this.#landed
    this.#landed = []
    const transactions: Transaction[] = []
    for (const { key, arrival } of landed) {
      this.#flying.delete(key)
      if (arrival?.kind === 'broken') throw arrival.error
      if (arrival?.kind === 'transaction') transactions.push(arrival)
      else if (arrival) this.#take(arrival)
    }
    for (const transaction of transactions) await this.#transact(transaction)
  }

  /** The effect and its entry are one transaction; what was taken before it is committed first. */
  async #transact({ effect, failed }: Transaction): Promise<void> {
    await this.#write(false)
    let thrown: { readonly error: unknown } | undefined
    const entry = await this.#parts.writer
      .transact((handle) => {
        try {
          return effect(handle)
        } catch (error) {
          thrown = { error }
          throw error
        }
      })
      .catch((error: unknown) => {
        if (thrown) return undefined
        throw error
      })
    if (entry) this.#state = fold(this.#state, entry)
    else if (thrown) this.#take(failed(thrown.error))
  }

  async #readMail(): Promise<void> {
    this.#mail = false
    for (const message of await this.#engine.store.inbox(this.#parts.runId)) {
      this.#parts.writer.consume(message.dedupe)
      if (message.kind === 'cancel') this.#cancel(typeof message.body === 'string' ? message.body : 'cancelled')
      const draft = message.kind === 'resolve' ? resolveDraft(this.#state, message) : undefined
      if (draft) this.#take(draft)
    }
  }

  #cancel(reason: string): void {
    if (this.#ending?.kind === 'cancel') return
    this.#ending = { kind: 'cancel', reason }
    this.#halt.abort()
    this.#abort.abort(
      new CancelledError({ code: 'run_cancelled', message: `The run "${this.#parts.runId}" was cancelled: ${reason}` }),
    )
    void this.#abortAfterGrace()
  }

  /** What does not end by itself is left behind: its result is not recorded. */
  async #abortAfterGrace(): Promise<void> {
    const left = await this.#engine.clock.sleep(GRACE_MS, this.#done.signal).then(
      () => true,
      () => false,
    )
    if (!left) return
    this.#abort.abort(new CancelledError({ code: 'runtime_stopped', message: 'The runtime has stopped.' }))
    this.#flying.clear()
    this.#wake()
  }
}
