// The runs that this runtime drives: how they are opened, what follows when they end or rest, and how all of them are closed.
import { setImmediate } from 'node:timers/promises'
import type { Entry, Interrupted, RecordedError } from '../../contracts/entry.ts'
import type { RunRow } from '../../contracts/run.ts'
import type { Store } from '../../contracts/store.ts'
import type { AnyDefinition } from '../../define/plan.ts'
import type { Driven } from '../../engine/session/driven.ts'
import type { Engine } from '../../engine/engine.ts'
import { isLetGo } from '../../engine/session/interruption.ts'
import { lostError } from '../../engine/commit/lost.ts'
import { recordError } from '../../engine/record-error.ts'
import { stackOf } from '../../engine/thrown.ts'
import type { Standing } from '../../engine/session/row.ts'
import { cancelStored, releaseStored, takeUp, takeUpTaken } from '../../engine/session/take-up.ts'
import { NO_TOTALS } from '../../journal/totals.ts'
import { DefinitionError, messageOf, RepriseError } from '../../words/errors.ts'
import { Complaints } from './complaints.ts'
import { Following } from './following.ts'
import type { Hub } from '../handle/hub.ts'
import { Lease } from './lease.ts'
import { interruptedOutcome, type Outcome, outcomeOf } from '../read/outcome.ts'
import type { HandleHost } from '../handle/run-handle.ts'
import { shownEntries, shownRow } from '../read/shown.ts'
import { newestRound, runsBelow, storedStanding } from '../read/stored.ts'
import { withDescendants } from '../read/used.ts'

/** What a driver is made of. */
export interface DriverParts {
  readonly engine: Engine
  readonly hub: Hub
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
  readonly hub: Hub
  readonly store: Store
  readonly #parts: DriverParts
  readonly #sessions = new Map<string, Here>()
  /** The runs that are driven here, by the run that they are children of. */
  readonly #children = new Map<string, Set<string>>()
  readonly #opening = new Map<string, Promise<unknown>>()
  /** Why runs were interrupted here, until they are driven again. */
  readonly #interruptions = new Map<string, Outcome & { readonly kind: 'waiting' }>()
  readonly #closed = new AbortController()
  readonly #following: Following
  /** On the runs that are driven here. */
  readonly lease: Lease
  readonly complaints: Complaints

  constructor(parts: DriverParts) {
    this.#parts = parts
    this.hub = parts.hub
    this.store = parts.engine.store
    const { engine } = parts
    this.complaints = new Complaints(engine)
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
      stands: (runId) => this.#stored(runId),
    })
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
    // All rounds of a run end as the last does: one promise for them, or each would hold the one before for ever.
    const { settled, settle } = (before !== undefined && this.#sessions.get(before)) || newSettling()
    this.#interruptions.delete(runId)
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
        (standing) => this.#afterwards(row, standing, worked),
        (error: unknown) => this.#interrupted(row, session, error),
      )
      .then((outcome) => outcome && settle(outcome))
    const since = this.lease.begun
    if (parentId !== null) this.#children.set(parentId, (this.#children.get(parentId) ?? new Set()).add(runId))
    this.#sessions.set(runId, { session, since, driven: driven.catch(() => undefined), settled, settle })
    if (this.#closed.signal.aborted) session.stop()
    void this.lease.beat()
  }

  /** Takes a stored run up, or follows it where another process drives it. Called exclusively. */
  async open(runId: string, worked = false): Promise<void> {
    const here = this.#sessions.get(runId)
    if (here) return here.session.retry()
    const row = await this.store.run(runId)
    if (!row || this.#following.outcomeOf(runId)) return
    if (row.endedAt !== null) return this.#openNext(row)
    if (row.status === 'quarantined') return
    if ((await this.#takeUp(row, worked)) === 'lost') this.#following.begin(row)
  }

  /**
   * Goes on with a run that the store has given to this runtime, for a worker. Called exclusively.
   *
   * @param takenAt when the store was asked for it, on the monotonic clock.
   * @returns false where it is in quarantine now.
   */
  async take(row: RunRow, takenAt: number): Promise<boolean> {
    // Whoever drove it here has given it up or lost it, and may not have come to its end yet.
    const before = this.#sessions.get(row.id)
    before?.session.lose()
    await before?.driven
    const session = await takeUpTaken(this.#parts.engine, { row, takenAt }, this.#parts.definitionsOf(row))
    if (session) this.drive(session, row, { worked: true })
    return session !== undefined
  }

  /** `lost` where somebody else drives it; `kept` where it is in quarantine now. */
  async #takeUp(row: RunRow, worked: boolean): Promise<'driven' | 'lost' | 'kept'> {
    const { definitionsOf, engine } = this.#parts
    const definitions = definitionsOf(row)
    const free = await this.lease.ifFree(row)
    const session = free ? await takeUp(engine, free, definitions, worked).catch(unlessLost) : 'lost'
    if (session === 'lost') return 'lost'
    if (session) this.drive(session, row, { worked })
    return session ? 'driven' : 'kept'
  }

  /** A run that goes on as another is taken up as that one. */
  async #openNext({ id }: RunRow): Promise<void> {
    const next = await this.newest(id)
    if (next !== id) await this.exclusively(next, () => this.open(next))
  }

  /** The run that a run goes on as by now: itself, where it was not continued. */
  newest(runId: string): Promise<string> {
    return newestRound(this.store, runId)
  }

  /** A run's entries as they are shown. */
  readonly entries = (runId: string): Promise<readonly Entry[]> => shownEntries(this.#parts.engine, runId)

  /** The runs below a run, the ones that began first before those that began later. */
  readonly below = (runId: string): Promise<readonly string[]> => runsBelow(this.store, runId)

  /** How a run stands when nothing more happens to it here. Never throws. */
  readonly settled = async (runId: string): Promise<Outcome> => {
    const outcome = await this.rested(runId)
    // Whoever closes the runtime may have closed its store.
    if (this.#closed.signal.aborted) return outcome
    try {
      // Summed where it is asked for: the run's own row and journal grow with none of it.
      const [used] = await this.store.used([await this.newest(runId)])
      return { ...outcome, totals: withDescendants(outcome.totals, used) }
    } catch (error) {
      this.#parts.engine.log.warn(
        `What the runs that came of the run "${runId}" have used is not in its totals: the store could not tell. ${messageOf(error)}`,
      )
      return outcome
    }
  }

  /** The same without what the runs below it have used: nothing is asked of the store for a run that is driven here. */
  async rested(runId: string): Promise<Outcome> {
    const here = this.#sessions.get(runId)?.settled ?? this.#following.outcomeOf(runId)
    return here ?? this.#stored(runId)
  }

  /** Cancels a run here or, by its inbox, wherever it is driven. One that has ended stays as it is. */
  readonly cancel = async (first: string, reason: string): Promise<void> => {
    const runId = await this.newest(first)
    const before = await this.store.run(runId)
    if (!before || before.endedAt !== null) return
    const { engine } = this.#parts
    await this.store.send({ runId, dedupe: 'cancel', kind: 'cancel', body: reason, at: engine.clock.now() })
    if (this.poke(runId)) return
    // Its owner may have let go of it before it could see the message.
    const row = await this.store.run(runId)
    if (!row || row.endedAt !== null) return this.#cancelNext(runId, reason)
    const free = await this.lease.ifFree(row)
    if (!free) return
    // Its children first: should this process die in between, the message is still there for whoever takes the run up.
    await this.#cancelChildren(runId, reason)
    await this.exclusively(runId, () => cancelStored(engine, free, reason).catch(unlessLost))
  }

  /** Where a run went on as another just then, that one is meant. */
  async #cancelNext(runId: string, reason: string): Promise<void> {
    const next = await this.newest(runId)
    if (next !== runId) await this.cancel(next, reason)
  }

  /**
   * Puts a run in quarantine back.
   *
   * @throws DefinitionError when it is not in quarantine.
   */
  async release(runId: string, by: string): Promise<void> {
    const { engine } = this.#parts
    await this.exclusively(runId, async () => {
      const row = await this.store.run(runId)
      if (row?.status !== 'quarantined') throw notQuarantined(runId, row?.status)
      const free = await this.lease.ifFree(row)
      if (!free) throw lostError(runId)
      await releaseStored(engine, free, by)
    })
  }

  async #cancelChildren(parentId: string, reason: string): Promise<void> {
    let page = await this.store.runs({ parentId })
    for (let last = page.at(-1); last; last = page.at(-1)) {
      for (const { id } of page) await this.cancel(id, reason)
      page = await this.store.runs({ parentId, after: last.id })
    }
  }

  /** Tells a run that is driven here that it has mail; false when it is not. */
  poke(runId: string): boolean {
    const here = this.#sessions.get(runId)
    here?.session.poke()
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
    const { pace } = this.#parts.engine
    const open = [...this.#sessions.values()]
    for (const { session } of open) {
      // Others of this process have their turns meanwhile, however many runs there are.
      if (pace.isOver()) await pace.next()
      session.stop()
    }
    // A round that goes on in the place of one that has ended is stopped as it begins.
    while (this.#sessions.size > 0) await Promise.all([...this.#sessions.values()].map(({ driven }) => driven))
    await this.#following.ended()
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
    this.#interruptions.set(row.id, outcome)
    this.lease.doubt(row.id, error)
    return outcome
  }

  #logInterruption(row: RunRow, { code, message }: RecordedError, stack = ''): void {
    this.complaints.add(row, code, `The run "${row.id}" was interrupted: ${message}\n${stack}`.trimEnd())
  }

  /** Undefined where the run goes on as another that is driven here. */
  async #afterwards(row: RunRow, standing: Standing, worked: boolean): Promise<Outcome | undefined> {
    const { id: runId, parentId } = row
    if (standing.waiting?.kind === 'interrupted') return this.#afterInterruption(row, standing, standing.waiting)
    if (!standing.ending) return worked ? outcomeOf(standing) : this.#afterRest(runId, standing)
    const next = standing.ending.kind === 'completed' ? standing.ending.continuedAs : undefined
    const goesOnHere = next !== undefined && this.#sessions.has(next)
    // Who has ended has no listeners, and a parent that waited for it goes on.
    this.hub.forget(runId)
    await this.#parts
      .afterEnd?.(runId)
      .catch((error: unknown) =>
        this.#parts.engine.log.error(`The run "${runId}" could not be looked at: ${messageOf(error)}`),
      )
    if (parentId !== null && !this.#closed.signal.aborted) void this.#openParent(parentId, worked)
    if (next === undefined) return outcomeOf(standing)
    return goesOnHere ? undefined : this.rested(next)
  }

  /** Nobody tries again at once; but who cancelled the run meanwhile may believe that it has heard. */
  async #afterInterruption(row: RunRow, standing: Standing, { error }: Interrupted): Promise<Outcome> {
    if (isLetGo(error)) return outcomeOf(standing)
    this.#logInterruption(row, error, standing.stack)
    const { id: runId } = row
    try {
      const cancel = (await this.store.inbox(runId)).find(({ kind }) => kind === 'cancel')
      if (!cancel) return outcomeOf(standing)
      await this.cancel(runId, typeof cancel.body === 'string' ? cancel.body : '')
      return await this.#stored(runId)
    } catch (thrown) {
      this.#parts.engine.log.warn(`The run "${runId}" was cancelled, and has not ended yet: ${messageOf(thrown)}`)
      return outcomeOf(standing)
    }
  }

  /** A message that came when the run was just put to rest is read after all. */
  async #afterRest(runId: string, standing: Standing): Promise<Outcome> {
    if (this.#closed.signal.aborted || !standing.waiting) return outcomeOf(standing)
    try {
      if ((await this.store.inbox(runId)).length === 0) return outcomeOf(standing)
      await this.exclusively(runId, () => this.open(runId))
      return await (this.#sessions.get(runId)?.settled ?? this.#stored(runId))
    } catch (error) {
      return interruptedOutcome(recordError(error, 'interrupted'), standing.totals)
    }
  }

  /** A parent that is driven reads the message that its child has left; one at rest is taken up for it, or by a worker. */
  async #openParent(parentId: string, worked: boolean): Promise<void> {
    try {
      if (this.poke(parentId) || worked) return
      const row = await this.store.run(parentId)
      if (row?.status !== 'waiting' || row.owner !== null) return
      await this.exclusively(parentId, () => this.open(parentId))
    } catch (error) {
      this.#parts.engine.log.warn(
        `The run "${parentId}" waits for a child that has ended, and was not taken up: ${messageOf(error)}`,
      )
    }
  }

  /** A run that another process drove, and drives no more. */
  async #takeFreed(row: RunRow): Promise<Settling | undefined> {
    if (!(await this.lease.ifFree(row))) return undefined
    return this.exclusively(row.id, async () => {
      await this.#takeUp(row, false)
      return this.#sessions.get(row.id)
    })
  }

  async #stored(runId: string): Promise<Outcome> {
    try {
      const row = await this.store.run(runId)
      if (!row) throw new DefinitionError({ code: 'unknown_run', message: `There is no run "${runId}" in this store.` })
      const newest = await this.newest(runId)
      if (newest !== runId) return await this.rested(newest)
      const standing = await storedStanding(this.store, await shownRow(this.#parts.engine, row))
      const interruption = this.#interruptions.get(runId)
      if (!interruption || standing.ending || standing.waiting) return outcomeOf(standing)
      // Nobody has brought it further since, or whoever has taken it does just now.
      const { waiting } = interruption
      const holds = this.lease.isFree(row) || (waiting.kind === 'interrupted' && isLetGo(waiting.error))
      return holds ? interruption : outcomeOf(standing)
    } catch (error) {
      return interruptedOutcome(recordError(error, 'interrupted'), NO_TOTALS)
    }
  }
}

function newSettling(): Settling {
  const { promise: settled, resolve: settle } = Promise.withResolvers<Outcome>()
  return { settled, settle }
}

function notQuarantined(runId: string, status: string | undefined): DefinitionError {
  const message = `The run "${runId}" is not in quarantine: it is ${status ?? 'not there'}. Only a run in quarantine is released.`
  return new DefinitionError({ code: 'not_quarantined', message, details: { runId } })
}

/** A run that somebody else took meanwhile is theirs, and no failure. */
function unlessLost(error: unknown): 'lost' {
  if (!RepriseError.is(error) || error.code !== 'run_lost') throw error
  return 'lost'
}
