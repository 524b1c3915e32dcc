// What the code of a workflow has asked for and is under way: steps, timers and child runs. workflow-session.ts calls
// this and writes what it gives; it calls run-step.ts and `engine.children`. It keeps invariant 2: a timer and a child
// that no entry has begun yet are given back as a draft, and begin only when that is committed.
import type { Draft, Waiting } from '../../contracts/entry.ts'
import type { Rewound } from '../../contracts/rewound.ts'
import type { Begun } from '../../workflow/execution.ts'
import { type Op, timeoutKey } from '../../workflow/op.ts'
import { said } from '../../workflow/unsaid.ts'
import { childrenOf, leavesAt } from '../../journal/rewound.ts'
import { NO_TOTALS } from '../../journal/totals.ts'
import { DefinitionError } from '../../values/errors.ts'
import type { ChildStanding, InterruptedChild, Parent } from '../children.ts'
import type { Engine } from '../engine.ts'
import { InFlight } from '../effort/in-flight.ts'
import { CANCEL_GRACE_MS, LONG_WAIT_MS } from '../grace.ts'
import { recordError } from '../record-error.ts'
import type { RestingChild } from '../effort/run-child-tool.ts'
import { momentAfter } from '../../values/moment.ts'
import { runStep } from '../effort/run-step.ts'
import { sleepUntil } from '../effort/sleep-until.ts'
import { logThrown } from '../thrown.ts'

/** What one operation waits for. */
type Wait = Extract<Waiting, { kind: 'signal' | 'child' | 'timer' | 'retry' }>

/** What comes back of an effort. */
export type Landing = Draft | RestingChild

/** Carries out the operations of one run. */
export class WorkflowEfforts {
  readonly inFlight: InFlight<Landing>
  readonly #engine: Engine
  readonly #run: Omit<Parent, 'turnsLeft'>
  readonly #turnsLeft: () => number
  readonly #rewoundAt: (key: string) => Rewound | undefined
  readonly #aborts = new Map<string, AbortController>()
  /** How many children are being told that they are cancelled: that is waited for, however long it takes. */
  #telling = 0
  #untold: { readonly error: unknown } | undefined
  /** Children that wait for somebody, by key. */
  readonly #resting = new Map<string, string>()
  /** Children that were interrupted, by key. */
  readonly #stuck = new Map<string, InterruptedChild & { readonly runId: string }>()
  /** Children whose beginning is to be written before they begin. */
  readonly #expected = new Set<string>()
  /** Until when something in the air only waits, by key. */
  readonly #asleep = new Map<string, number>()
  #longMs: number

  /**
   * @param turnsLeft how many turns the runs below it may have by now.
   * @param rewoundAt the child that the run goes on with at a key by now instead of the one that it began.
   */
  constructor(
    engine: Engine,
    run: Omit<Parent, 'turnsLeft'>,
    turnsLeft: () => number,
    rewoundAt: (key: string) => Rewound | undefined,
  ) {
    this.#turnsLeft = turnsLeft
    this.#rewoundAt = rewoundAt
    this.inFlight = new InFlight(engine.clock)
    this.#engine = engine
    this.#run = run
    this.#longMs = run.worked ? LONG_WAIT_MS : Infinity
  }

  /** How many efforts are under way. */
  get size(): number {
    return this.inFlight.size + this.#telling
  }

  /** Whether anything is under way that does more than to wait for long. */
  get isBusy(): boolean {
    return this.size > [...this.#asleep.values()].filter((until) => this.#isLong(until)).length
  }

  /** From now on any wait is long. */
  waitNoLonger(): void {
    this.#longMs = -Infinity
  }

  /**
   * Begins an operation, unless it is under way.
   *
   * @returns what is to be written before it can begin.
   */
  begin({ op, attempt, at, started }: Begun): Draft | undefined {
    if (this.inFlight.has(op.key) || this.#resting.has(op.key) || this.#stuck.has(op.key)) return undefined
    switch (op.kind) {
      case 'step':
        // What is to be tried again is begun anew when its time has come.
        if (at !== null && !this.inFlight.isDue(op.key, at))
          this.#fly(op.key, (signal) => this.#waitToRetry(op.key, at, signal))
        else this.#fly(op.key, (signal) => runStep(this.#engine, this.#run, op, attempt, signal))
        return undefined
      case 'timer':
        if (at === null) return timerSet(op, this.#engine.clock.now())
        this.#fly(op.key, (signal) => this.#sleep(op.key, at, signal))
        return undefined
      case 'child':
        if (!started) {
          this.#engine.children.expect(op.runId)
          this.#expected.add(op.runId)
          return childStarted(op)
        }
        this.#expected.delete(op.runId)
        this.inFlight.begin(op.key, () => this.#runChild(op), leavesAt(this.#rewoundAt, op.key))
        return undefined
      case 'receive':
      case 'race':
        return undefined
      default:
        return op satisfies never
    }
  }

  /** Ends this: what has not begun does not. */
  close(): void {
    for (const runId of this.#expected) this.#engine.children.forgo(runId)
    this.inFlight.close()
  }

  /** Looks again at the children that wait, or were interrupted: one of them may have ended. */
  wake(): void {
    this.#resting.clear()
    this.#stuck.clear()
  }

  /** The children that were interrupted, and are not tried again here. */
  get stuck(): ReadonlyMap<string, InterruptedChild & { readonly runId: string }> {
    return this.#stuck
  }

  /**
   * What has come back, once anything has or somebody nudges.
   *
   * @throws what an effort threw, and what kept a child from being cancelled: also of a run that is itself cancelled.
   */
  async landings(): Promise<Draft[]> {
    const drafts: Draft[] = []
    const landings = await this.inFlight.landingsOrNudge()
    if (this.#untold) throw this.#untold.error
    for (const landing of landings) {
      this.#aborts.delete(landing.key)
      if (landing.kind === 'rests') this.#rest(landing)
      else drafts.push(landing)
    }
    return drafts
  }

  #rest({ key, runId, interrupted }: RestingChild): void {
    if (interrupted) this.#stuck.set(key, { ...interrupted, runId })
    else this.#resting.set(key, runId)
  }

  /** A branch that has lost is ended: its steps are aborted, its children cancelled. */
  cancel(op: Op): void {
    this.#aborts.get(op.key)?.abort()
    this.#aborts.delete(op.key)
    if (op.kind !== 'child') return
    // Those that the run goes on without may not have been told yet.
    for (const runId of childrenOf(this.#rewoundAt(op.key), op.runId)) void this.#tellChild(runId)
  }

  async #tellChild(runId: string): Promise<void> {
    this.#telling++
    try {
      await this.#engine.children.cancel(runId, 'The branch that it was part of was cancelled.')
      this.#telling--
    } catch (error) {
      // It stays under way until `landings` throws this.
      this.#untold = { error }
    }
    this.inFlight.nudge()
  }

  /** What all of these wait for, and until when at most; undefined where one of them goes on by itself. */
  waitingFor(pending: readonly Begun[]): Waiting | undefined {
    const waits = pending.map((begun) => this.#waitOf(begun))
    if (!waits.every((wait) => wait !== undefined)) return undefined
    const timers = waits.filter((wait) => wait.kind === 'timer' || wait.kind === 'retry')
    const [timer] = timers.toSorted((one, other) => one.until - other.until)
    const someone = waits.find((wait) => wait.kind !== 'timer' && wait.kind !== 'retry')
    return someone && timer ? { ...someone, until: timer.until } : (someone ?? timer)
  }

  /** What each of these waits for; a signal that is waited for until a time is one with its timer. */
  waitsFor(pending: readonly Begun[]): readonly Waiting[] {
    const waits = pending.flatMap((begun) => this.#waitOf(begun) ?? [])
    const times = new Map(pending.map(({ op, at }) => [op.key, at]))
    const signals = new Set(waits.flatMap(({ kind, key }) => (kind === 'signal' ? timeoutKey(key) : [])))
    return waits
      .filter(({ key }) => !signals.has(key))
      .map((wait) => {
        const until = wait.kind === 'signal' ? times.get(timeoutKey(wait.key)) : undefined
        return until === undefined || until === null ? wait : { ...wait, until }
      })
  }

  #waitOf({ op, at }: Begun): Wait | undefined {
    const { key } = op
    if (op.kind === 'receive') return { kind: 'signal', key, signal: op.signal }
    if (at !== null && this.#isLong(at)) return { kind: op.kind === 'step' ? 'retry' : 'timer', key, until: at }
    const runId = this.#resting.get(key)
    return runId === undefined ? undefined : { kind: 'child', key, runId }
  }

  #isLong(until: number): boolean {
    return until - this.#engine.clock.now() > this.#longMs
  }

  /** Begins what is aborted when its branch is cancelled: then nobody hears of it, but its end is waited for a while. */
  #fly(key: string, effort: (signal: AbortSignal) => Promise<Landing | undefined>): void {
    const abort = new AbortController()
    this.#aborts.set(key, abort)
    this.inFlight.begin(key, async (signal) => {
      const landed = new AbortController()
      try {
        return await Promise.race([
          effort(AbortSignal.any([signal, abort.signal])),
          this.#patience(abort.signal, landed.signal),
        ])
      } catch (error) {
        if (abort.signal.aborted) return undefined
        throw error
      } finally {
        // A reason of Node's own would be an error with a stack, which nobody reads.
        landed.abort('landed')
      }
    })
  }

  /** Ends when an effort that was cancelled has had its time; never for one that was not, or has landed before. */
  #patience(cancelled: AbortSignal, landed: AbortSignal): Promise<undefined> {
    return new Promise((resolve) => {
      const wait = () =>
        this.#engine.clock.sleep(CANCEL_GRACE_MS, landed).then(
          () => resolve(undefined),
          () => undefined,
        )
      cancelled.addEventListener('abort', () => void wait(), { once: true, signal: landed })
    })
  }

  async #wait(key: string, until: number, signal: AbortSignal): Promise<void> {
    this.#asleep.set(key, until)
    try {
      await sleepUntil(this.#engine.clock, until, AbortSignal.any([signal, this.inFlight.halted]))
    } finally {
      this.#asleep.delete(key)
    }
  }

  async #waitToRetry(key: string, at: number, signal: AbortSignal): Promise<undefined> {
    await this.#wait(key, at, signal)
    this.inFlight.waited(key, at)
    return undefined
  }

  async #sleep(key: string, until: number, signal: AbortSignal): Promise<Draft> {
    await this.#wait(key, until, signal)
    return { kind: 'timer.fired', key, attempt: 1, body: { until } }
  }

  /** A child that cannot be begun by the program's fault has failed, and the code may catch that. */
  #refused(key: string, error: unknown): ChildStanding {
    if (!(error instanceof DefinitionError)) throw error
    const { log } = this.#engine
    logThrown(log, 'warn', `The run "${this.#run.id}" could not begin its child at ${key}`, error)
    return { kind: 'ended', ending: { kind: 'failed', error: recordError(error, 'child_refused') }, totals: NO_TOTALS }
  }

  async #runChild(op: Extract<Op, { kind: 'child' }>): Promise<Landing | undefined> {
    const { key, definition, input, context } = op
    const rewound = this.#rewoundAt(key)
    const runId = rewound?.to ?? op.runId
    const child = {
      runId,
      definition,
      input,
      context,
      parent: { ...this.#run, turnsLeft: this.#turnsLeft() },
      parentKey: key,
    }
    const { children } = this.#engine
    const standing = rewound
      ? await children.goOn(rewound, this.#run.worked)
      : await children.run(child).catch((error: unknown) => this.#refused(key, error))
    switch (standing.kind) {
      case 'rests':
        return { kind: 'rests', key, runId }
      case 'interrupted':
        return { kind: 'rests', key, runId, interrupted: standing }
      case 'stopped':
        return undefined
      case 'ended':
        return {
          kind: 'child.ended',
          key,
          attempt: 1,
          body: { runId, ending: standing.ending, totals: standing.totals },
        }
      default:
        return standing satisfies never
    }
  }
}

function timerSet({ key, ms, after }: Extract<Op, { kind: 'timer' }>, now: number): Draft {
  return { kind: 'timer.set', key, attempt: 1, body: { until: momentAfter(now, ms), ms, ...said(after) } }
}

function childStarted({ key, definition, runId, inputDigest, after }: Extract<Op, { kind: 'child' }>): Draft {
  return {
    kind: 'child.started',
    key,
    attempt: 1,
    body: { name: definition.name, runId, asked: inputDigest, ...said(after) },
  }
}
