// The runs that this runtime drives: how they are opened, what follows when they end or rest, and how all of them are closed.
import { setImmediate } from 'node:timers/promises'
import type { Author } from '../../contracts/audit.ts'
import type { Entry, RecordedError } from '../../contracts/entry.ts'
import type { RunRow } from '../../contracts/run.ts'
import type { Store } from '../../contracts/store.ts'
import type { AnyDefinition } from '../../define/plan.ts'
import type { Engine } from '../../engine/engine.ts'
import { recordError } from '../../engine/record-error.ts'
import type { Driven } from '../../engine/session/driven.ts'
import type { Standing } from '../../engine/session/row.ts'
import { takeUp, takeUpTaken } from '../../engine/session/take-up.ts'
import { stackOf } from '../../engine/thrown.ts'
import { DefinitionError } from '../../values/errors.ts'
import type { EventHub } from '../handle/event-hub.ts'
import type { HandleHost } from '../handle/run-handle.ts'
import { interruptedOutcome, type Outcome } from '../read/outcome.ts'
import { shownEntries } from '../read/shown.ts'
import { newestContinuation, runsBelow } from '../read/stored.ts'
import { afterwards, type AfterwardsHost } from './afterwards.ts'
import { cancel, type ChangeHost, endLate, release, unlessLost } from './cancel.ts'
import { Complaints } from './complaints.ts'
import { Following } from './following.ts'
import { Hints } from './hints.ts'
import { Lease } from './lease.ts'
import { Outcomes } from './outcomes.ts'

/** What a driver is made of. */
export interface DriverParts {
  readonly engine: Engine
  readonly hub: EventHub
  /** The ids of the runs that are driven here: other runtimes of this process look there. */
  readonly driving: Set<string>
  /** Today's definitions of a stored run, in the order in which they are tried. */
  readonly definitionsOf: (row: RunRow) => readonly AnyDefinition[]
  /** Looks at a run that has ended here, before its outcome is told. */
  readonly afterEnd?: (runId: string) => Promise<void>
}

/** A run that is driven here. */
interface Here extends Settling {
  readonly session: Driven
  /** After how many of this runtime's beats that was begun. */
  readonly since: number
  /** Resolves when it is given up. */
  readonly driven: Promise<Standing | undefined>
}

/** How a run, and all that it goes on as, is to come to rest. */
interface Settling {
  readonly settled: Promise<Outcome>
  readonly settle: (outcome: Outcome) => void
}

/** Drives runs, and ends with all of them written. */
export class Driver implements HandleHost {
  readonly hub: EventHub
  readonly store: Store
  readonly #parts: DriverParts
  readonly #sessions = new Map<string, Here>()
  /** The runs that are driven here, by the run that they are children of. */
  readonly #children = new Map<string, Set<string>>()
  readonly #opening = new Map<string, Promise<unknown>>()
  readonly #closed = new AbortController()
  readonly #following: Following
  readonly #outcomes: Outcomes
  readonly #host: AfterwardsHost & ChangeHost
  /** On the runs that are driven here. */
  readonly lease: Lease
  readonly complaints: Complaints
  readonly hints: Hints

  constructor(parts: DriverParts) {
    this.#parts = parts
    this.hub = parts.hub
    this.store = parts.engine.store
    const { engine } = parts
    this.complaints = new Complaints(engine)
    this.hints = new Hints(engine, (runId) => this.notify(runId))
    const closed = this.#closed.signal
    this.lease = new Lease({
      engine,
      sessions: this.#sessions,
      closed,
      exclusively: (runId, open) => this.exclusively(runId, open),
    })
    this.#following = new Following({
      engine,
      closed,
      takeFreed: (row) => this.#takeFreed(row),
      stands: (runId) => this.#outcomes.stored(runId),
    })
    this.#outcomes = new Outcomes({
      engine,
      closed,
      lease: this.lease,
      here: (runId) => this.#sessions.get(runId)?.settled ?? this.#following.outcomeOf(runId),
      open: (runId) => this.exclusively(runId, () => this.open(runId)),
    })
    this.#host = {
      engine,
      hub: this.hub,
      lease: this.lease,
      outcomes: this.#outcomes,
      closed,
      afterEnd: parts.afterEnd,
      drives: (runId) => this.drives(runId),
      openAlone: (runId) => this.exclusively(runId, () => this.open(runId)),
      exclusively: (runId, open) => this.exclusively(runId, open),
      cancel: this.cancel,
      notify: (runId) => this.notify(runId),
      logInterruption: (row, { error }, stack) => this.#logInterruption(row, error, stack),
    }
  }

  /** Aborts when the runtime is closed. */
  get closed(): AbortSignal {
    return this.#closed.signal
  }

  /** How many runs are driven here. */
  get driven(): number {
    return this.#sessions.size
  }

  /**
   * Checks that the runtime still takes runs.
   *
   * @throws DefinitionError with code `runtime_closed`.
   */
  checkOpen(): void {
    if (!this.#closed.signal.aborted) return
    const message = 'This runtime is closed. Make another one with createRuntime.'
    throw new DefinitionError({ code: 'runtime_closed', message })
  }

  /** Does what opens a run: for each run one thing at a time. */
  async exclusively<T>(runId: string, open: () => Promise<T>): Promise<T> {
    for (let before = this.#opening.get(runId); before; before = this.#opening.get(runId)) await before
    const { driving } = this.#parts
    driving.add(runId)
    const opening = open()
      .catch((error: unknown) => {
        this.lease.doubt(runId, error)
        throw error
      })
      .finally(() => {
        this.#opening.delete(runId)
        if (!this.#sessions.has(runId)) driving.delete(runId)
      })
    const done = (): void => undefined
    this.#opening.set(runId, opening.then(done, done))
    return opening
  }

  /** Tells whether a run is driven here. */
  drives(runId: string): boolean {
    return this.#sessions.has(runId)
  }

  /**
   * Drives a run to where it ends or rests.
   *
   * @param options.worked whether a worker takes up again what rests, and what goes on by its end. @default false
   * @param options.before the run in whose place it goes on.
   */
  drive(
    session: Driven,
    row: RunRow,
    { worked = false, before }: { readonly worked?: boolean; readonly before?: string } = {},
  ): void {
    const { id: runId, parentId } = row
    this.#parts.driving.add(runId)
    this.hub.place(runId, parentId)
    // All continuations of a run end as the last does: one promise for them, or each would hold the one before for ever.
    const { settled, settle } = (before !== undefined && this.#sessions.get(before)) || newSettling()
    this.#outcomes.drivenAgain(runId)
    // Whoever started the run gets its handle, and may listen, before anything happens.
    const driven = setImmediate()
      .then(() => session.drive())
      .finally(() => {
        this.#sessions.delete(runId)
        this.#parts.driving.delete(runId)
        this.#forgetChild(runId, parentId)
        this.hub.unplace(runId)
        this.lease.rest()
      })
    void driven
      .then(
        (standing) => afterwards(this.#host, row, standing, worked),
        (error: unknown) => this.#interrupted(row, session, error),
      )
      .then((outcome) => outcome && settle(outcome))
    const since = this.lease.begun
    if (parentId !== null) this.#children.set(parentId, (this.#children.get(parentId) ?? new Set()).add(runId))
    this.#sessions.set(runId, { session, since, driven: driven.catch(() => undefined), settled, settle })
    if (this.#closed.signal.aborted) session.stop()
    this.hints.begin()
    void this.lease.beat()
  }

  /** Takes a stored run up, or follows it where another process drives it. Called exclusively. */
  async open(runId: string, worked = false): Promise<void> {
    const here = this.#sessions.get(runId)
    if (here) return here.session.retry()
    const row = await this.store.run(runId)
    if (!row || this.#following.outcomeOf(runId)) return
    if (row.endedAt !== null) return this.#openNext(row)
    if (row.status === 'quarantined' || (await endLate(this.#host, row))) return
    if ((await this.#takeUp(row, worked)) === 'lost') this.#following.begin(row)
  }

  /**
   * Goes on with a run that the store has given to this runtime, for a worker. Called exclusively.
   *
   * @param takenAt when the store was asked for it, on the monotonic clock.
   * @returns false where it is in quarantine now, or its turn in its session has not come.
   */
  async take(row: RunRow, takenAt: number): Promise<boolean> {
    // Whoever drove it here has given it up or lost it, and may not have come to its end yet.
    const before = this.#sessions.get(row.id)
    before?.session.leaseLost()
    await before?.driven
    const session = await takeUpTaken(this.#parts.engine, { row, takenAt }, this.#parts.definitionsOf(row))
    if (session && session !== 'not yet') this.drive(session, row, { worked: true })
    return session !== undefined && session !== 'not yet'
  }

  /** `lost` where somebody else drives it; `kept` where it is in quarantine now, or its turn has not come. */
  async #takeUp(row: RunRow, worked: boolean): Promise<'driven' | 'lost' | 'kept'> {
    const { definitionsOf, engine } = this.#parts
    const definitions = definitionsOf(row)
    const free = await this.lease.ifFree(row)
    const session = free ? await takeUp(engine, free, definitions, worked).catch(unlessLost) : 'lost'
    if (session === 'lost') return 'lost'
    if (!session || session === 'not yet') return 'kept'
    this.drive(session, row, { worked })
    return 'driven'
  }

  /** A run that goes on as another is taken up as that one. */
  async #openNext({ id }: RunRow): Promise<void> {
    const next = await this.newest(id)
    if (next !== id) await this.exclusively(next, () => this.open(next))
  }

  /** The run that a run goes on as by now: itself, where it was not continued. */
  newest(runId: string): Promise<string> {
    return newestContinuation(this.store, runId)
  }

  /** A run's entries as they are shown. */
  readonly entries = (runId: string, from: number): Promise<readonly Entry[]> =>
    shownEntries(this.#parts.engine, runId, from)

  /** The runs below a run, the ones that began first before those that began later. */
  readonly below = (runId: string): Promise<readonly string[]> => runsBelow(this.store, runId)

  /** How a run stands when nothing more happens to it here. Never throws. */
  readonly settled = (runId: string): Promise<Outcome> => this.#outcomes.settled(runId)

  /** The same without what the runs below it have used: nothing is asked of the store for a run that is driven here. */
  rested(runId: string): Promise<Outcome> {
    return this.#outcomes.rested(runId)
  }

  /** Cancels a run here or, by its inbox, wherever it is driven. One that has ended stays as it is. */
  readonly cancel = (runId: string, reason: string, by?: Author): Promise<void> => cancel(this.#host, runId, reason, by)

  /** Ends a run that is late where nobody drives it. */
  async endLate(row: RunRow): Promise<void> {
    await this.exclusively(row.id, () => endLate(this.#host, row))
  }

  /**
   * Puts a run in quarantine back.
   *
   * @throws DefinitionError when it is not in quarantine.
   */
  release(runId: string, by: Author): Promise<void> {
    return release(this.#host, runId, by)
  }

  /** Tells a run that is driven here that it has mail; false when it is not. */
  notify(runId: string): boolean {
    const here = this.#sessions.get(runId)
    here?.session.notify()
    return here !== undefined
  }

  /** Stops driving a run with its children, and the one that goes on in its place, as they then stand; waits until they are given up. */
  async stop(runId: string): Promise<void> {
    const here = this.#sessions.get(runId)
    if (!here) return
    here.session.stop()
    const children = [...(this.#children.get(runId) ?? [])]
    const [standing] = await Promise.all([here.driven, ...children.map((child) => this.stop(child))])
    if (standing?.ending?.kind === 'completed' && standing.ending.continuedAs)
      await this.stop(standing.ending.continuedAs)
  }

  /** Ends all sessions with what is under way written. Never throws: a failure is logged. */
  async close(): Promise<void> {
    this.#closed.abort()
    this.lease.close()
    await Promise.all(this.#opening.values())
    const { turns } = this.#parts.engine
    const open = [...this.#sessions.values()]
    for (const { session } of open) {
      // Others of this process have their turns meanwhile, however many runs there are.
      if (turns.isOver()) await turns.next()
      session.stop()
    }
    // A continuation that goes on in the place of one that has ended is stopped as it begins.
    while (this.#sessions.size > 0) await Promise.all([...this.#sessions.values()].map(({ driven }) => driven))
    await this.#following.ended()
    await this.hints.close()
  }

  #forgetChild(runId: string, parentId: string | null): void {
    const others = parentId === null ? undefined : this.#children.get(parentId)
    if (parentId === null || !others?.delete(runId) || others.size > 0) return
    this.#children.delete(parentId)
  }

  /** Its row does not say so: the store could not be told, or it is somebody else's by now. */
  #interrupted(row: RunRow, session: Driven, error: unknown): Outcome {
    const recorded = recordError(error, 'interrupted')
    this.#logInterruption(row, recorded, stackOf(error))
    const outcome = interruptedOutcome(recorded, session.totals)
    this.#outcomes.interrupted(row.id, outcome)
    this.lease.doubt(row.id, error)
    return outcome
  }

  #logInterruption(row: RunRow, { code, message }: RecordedError, stack = ''): void {
    this.complaints.add(row, code, `The run "${row.id}" was interrupted: ${message}\n${stack}`.trimEnd())
  }

  /** A run that another process drove, and drives no more. */
  async #takeFreed(row: RunRow): Promise<Settling | undefined> {
    if (!(await this.lease.ifFree(row))) return undefined
    return this.exclusively(row.id, async () => {
      await this.#takeUp(row, false)
      return this.#sessions.get(row.id)
    })
  }
}

function newSettling(): Settling {
  const { promise: settled, resolve: settle } = Promise.withResolvers<Outcome>()
  return { settled, settle }
}
