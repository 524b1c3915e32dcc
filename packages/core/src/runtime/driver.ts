// The runs that this runtime drives or follows, and the beat that shows other processes that it lives (invariant 8).
import { setImmediate } from 'node:timers/promises'
import type { Entry } from '../contracts/entry.ts'
import type { RunRow } from '../contracts/run.ts'
import type { Store } from '../contracts/store.ts'
import type { AnyDefinition } from '../define/plan.ts'
import { BEAT_MS, Beats, TRUST_MS } from '../engine/beats.ts'
import type { Driven } from '../engine/driven.ts'
import type { Engine } from '../engine/engine.ts'
import { recordError } from '../engine/record-error.ts'
import { retrying } from '../engine/retrying.ts'
import type { Standing } from '../engine/row.ts'
import { cancelStored, releaseStored, takeUp } from '../engine/take-up.ts'
import { NO_TOTALS } from '../journal/totals.ts'
import { DefinitionError, messageOf, RepriseError } from '../words/errors.ts'
import type { Hub } from './hub.ts'
import { interruptedOutcome, type Outcome, outcomeOf } from './outcome.ts'
import type { HandleHost } from './run-handle.ts'
import { shownEntries } from './shown.ts'
import { newestRound, storedStanding } from './stored.ts'

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
  readonly parentId: string | null
  /** Resolves when it is given up. */
  readonly driven: Promise<Standing | undefined>
}

/** How a run, and all that it goes on as, is to come to rest. */
interface Settling {
  readonly settled: Promise<Outcome>
  readonly settle: (outcome: Outcome) => void
}

/** Drives runs, follows those of other processes, and ends with all of them written. */
export class Driver implements HandleHost {
  readonly hub: Hub
  readonly store: Store
  readonly #parts: DriverParts
  readonly #sessions = new Map<string, Here>()
  readonly #following = new Map<string, Promise<Outcome>>()
  readonly #opening = new Map<string, Promise<unknown>>()
  /** Why runs were interrupted here, until they are driven again. */
  readonly #interruptions = new Map<string, Outcome>()
  /** Runs that may be this runtime's though it does not drive them: the store failed when they were begun or given up. */
  readonly #unsure = new Set<string>()
  readonly #closed = new AbortController()
  readonly #beats: Beats
  /** Not aborted while it beats. */
  #idle = idle()
  /** When the store was last asked which runs are this runtime's, and which of those that it drives are. */
  #beaten = { at: -Infinity, owned: new Set<string>() }
  #fencing: Promise<ReadonlySet<string>> | undefined

  constructor(parts: DriverParts) {
    this.#parts = parts
    this.hub = parts.hub
    this.store = parts.engine.store
    this.#beats = new Beats(parts.engine.store, parts.engine.clock)
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
        this.#doubt(runId, error)
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
    { id: runId, parentId }: Pick<RunRow, 'id' | 'parentId'>,
    { worked = false, before }: { readonly worked?: boolean; readonly before?: string } = {},
  ): void {
    this.#parts.driving.add(runId)
    // All rounds of a run end as the last does: one promise for them, or each would hold the one before for ever.
    const { settled, settle } = (before !== undefined && this.#sessions.get(before)) || newSettling()
    this.#interruptions.delete(runId)
    // Whoever started the run gets its handle, and may listen, before anything happens.
    const driven = setImmediate()
      .then(() => session.drive())
      .finally(() => {
        this.#sessions.delete(runId)
        this.#parts.driving.delete(runId)
        if (!this.#mustBeat) this.#idle.abort('idle')
      })
    void driven
      .then(
        (standing) => this.#afterwards(runId, parentId, standing, worked),
        (error: unknown) => this.#interrupted(runId, session, error),
      )
      .then((outcome) => outcome && settle(outcome))
    this.#sessions.set(runId, { session, parentId, driven: driven.catch(() => undefined), settled, settle })
    if (this.#closed.signal.aborted) session.stop()
    void this.#beat()
  }

  get #mustBeat(): boolean {
    return this.#sessions.size > 0 || (this.#unsure.size > 0 && !this.#closed.signal.aborted)
  }

  /** What failed may have made a run this runtime's, or left it so: the next beat tells. */
  #doubt(runId: string, error: unknown): void {
    if (error instanceof DefinitionError) return
    this.#unsure.add(runId)
    void this.#beat()
  }

  /** Lets go of a run that the store says is this runtime's, and that it does not drive. */
  async #letGo(runId: string): Promise<void> {
    const { committer, log, owner } = this.#parts.engine
    try {
      await this.exclusively(runId, async () => {
        const row = this.#sessions.has(runId) ? undefined : await this.store.run(runId)
        if (row?.owner === owner && row.endedAt === null)
          await committer.commit({ runId, epoch: row.epoch, entries: [], release: true })
        this.#unsure.delete(runId)
      })
    } catch (error) {
      log.warn(`The run "${runId}" could not be given up yet: ${messageOf(error)}`)
    }
  }

  /** Takes a stored run up, or follows it where another process drives it. Called exclusively. */
  async open(runId: string, worked = false): Promise<void> {
    const row = await this.store.run(runId)
    if (!row || this.#sessions.has(runId) || this.#following.has(runId)) return
    if (row.endedAt !== null) return this.#openNext(row)
    if (row.status === 'quarantined') return
    if ((await this.#takeUp(row, worked)) === 'lost') this.#follow(row)
  }

  /** Takes a stored run up for a worker; false where it has ended or somebody drives it. Called exclusively. */
  async take(runId: string): Promise<boolean> {
    const row = await this.store.run(runId)
    if (!row || row.endedAt !== null || row.status === 'quarantined' || this.#sessions.has(runId)) return false
    return (await this.#takeUp(row, true)) === 'driven'
  }

  /** `lost` where somebody else drives it; `kept` where it is in quarantine now. */
  async #takeUp(row: RunRow, worked: boolean): Promise<'driven' | 'lost' | 'kept'> {
    const { definitionsOf, engine } = this.#parts
    const definitions = definitionsOf(row)
    if (!(await this.#isFreeByNow(row))) return 'lost'
    const session = await takeUp(engine, row, definitions, worked).catch(unlessLost)
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

  /** How a run stands when nothing more happens to it here. Never throws. */
  readonly settled = async (runId: string): Promise<Outcome> => {
    const here = this.#sessions.get(runId)?.settled ?? this.#following.get(runId)
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
    if (!(await this.#isFreeByNow(row))) return
    // Its children first: should this process die in between, the message is still there for whoever takes the run up.
    await this.#cancelChildren(runId, reason)
    await this.exclusively(runId, () => cancelStored(engine, row, reason).catch(unlessLost))
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
      await releaseStored(engine, row, by)
    })
  }

  async #cancelChildren(parentId: string, reason: string): Promise<void> {
    let page = await this.store.runs({ parentId })
    for (let last = page.at(-1); last; last = page.at(-1)) {
      for (const { id } of page) await this.cancel(id, reason)
      page = await this.store.runs({ parentId, after: last.id })
    }
  }

  /**
   * Tells whether nobody drives a run, by a look that comes after its row was read: the claim that follows is refused
   * where its owner has beaten since then.
   */
  async #isFreeByNow(row: RunRow): Promise<boolean> {
    if (row.owner !== null) await this.#beats.look()
    return this.isFree(row)
  }

  /** Tells whether nobody drives a run, as far as can be known. */
  isFree({ owner, id }: RunRow): boolean {
    return owner === null || this.#parts.engine.owners.isGone(owner, id) || this.#beats.standsStill(owner)
  }

  /** The owners of runs that drive none any more: those known to be dead, and those whose beat stands still. */
  async goneOwners(): Promise<readonly string[]> {
    const { owners } = this.#parts.engine
    const seen = await this.#beats.look()
    return seen.filter((owner) => owners.isGoneWhole(owner) || this.#beats.standsStill(owner))
  }

  /** As the engine's. */
  readonly fence = (runId: string, ownedAt: number): Promise<void> | undefined =>
    this.#isSure(runId, ownedAt) ? undefined : this.#makeSure(runId, ownedAt)

  /** A lease is a beat: a write shows whose a run is, and keeps nobody from taking it. */
  #isSure(runId: string, ownedAt: number): boolean {
    const { at, owned } = this.#beaten
    return this.#parts.engine.clock.monotonic() - at < TRUST_MS && (ownedAt >= at || owned.has(runId))
  }

  /** An answer may come late, as to a process that was stopped meanwhile: then it is asked for again. */
  async #makeSure(runId: string, ownedAt: number): Promise<void> {
    while (!this.#isSure(runId, ownedAt)) {
      this.#fencing ??= retrying(this.#parts.engine.clock, () => this.#beatOnce()).finally(() => {
        this.#fencing = undefined
      })
      if ((await this.#fencing).has(runId)) return
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
    const children = [...this.#sessions].filter(([, { parentId }]) => parentId === runId)
    const [standing] = await Promise.all([here.driven, ...children.map(([child]) => this.stop(child))])
    if (standing?.ending?.kind === 'completed' && standing.ending.continuedAs)
      await this.stop(standing.ending.continuedAs)
  }

  /** Ends all sessions with what is under way written. Never throws: a failure is logged. */
  async close(): Promise<void> {
    this.#closed.abort()
    this.#unsure.clear()
    if (!this.#mustBeat) this.#idle.abort('idle')
    await Promise.all(this.#opening.values())
    const stopping = [...this.#sessions.keys()].map((runId) =>
      this.stop(runId).catch((error: unknown) =>
        this.#parts.engine.log.error(`The run "${runId}" could not be given up: ${messageOf(error)}`),
      ),
    )
    await Promise.all([...stopping, ...this.#following.values()])
  }

  #interrupted(runId: string, session: Driven, error: unknown): Outcome {
    this.#parts.engine.log.error(`The run "${runId}" was interrupted: ${messageOf(error)}`)
    const outcome = interruptedOutcome(recordError(error, 'interrupted'), session.totals)
    this.#interruptions.set(runId, outcome)
    this.#doubt(runId, error)
    return outcome
  }

  /** Undefined where the run goes on as another that is driven here. */
  async #afterwards(
    runId: string,
    parentId: string | null,
    standing: Standing,
    worked: boolean,
  ): Promise<Outcome | undefined> {
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
    return goesOnHere ? undefined : this.settled(next)
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
      if (row?.kind !== 'workflow' || row.status !== 'waiting' || row.owner !== null) return
      await this.exclusively(parentId, () => this.open(parentId))
    } catch (error) {
      this.#parts.engine.log.warn(
        `The run "${parentId}" waits for a child that has ended, and was not taken up: ${messageOf(error)}`,
      )
    }
  }

  #follow(row: RunRow): void {
    const following = this.#watch(row)
      .catch((error: unknown) => interruptedOutcome(recordError(error, 'interrupted'), row.totals))
      .finally(() => this.#following.delete(row.id))
    this.#following.set(row.id, following)
  }

  /** Watches a run of another process, and takes it when that process is gone or its beat stands still. */
  async #watch({ id }: RunRow): Promise<Outcome> {
    const { engine, definitionsOf } = this.#parts
    const { clock } = engine
    for (;;) {
      await clock.sleep(BEAT_MS, this.#closed.signal)
      const now = await this.store.run(id)
      if (!now || now.endedAt !== null || (now.waiting && now.owner === null)) return this.#stored(id)
      if (!(await this.#isFreeByNow(now))) continue
      const session = await this.exclusively(id, async () => {
        const taken = await takeUp(engine, now, definitionsOf(now)).catch(unlessLost)
        if (taken && taken !== 'lost') this.drive(taken, now)
        return this.#sessions.get(now.id)
      })
      if (session) return session.settled
    }
  }

  async #stored(runId: string): Promise<Outcome> {
    try {
      const row = await this.store.run(runId)
      if (!row) throw new DefinitionError({ code: 'unknown_run', message: `There is no run "${runId}" in this store.` })
      const newest = await this.newest(runId)
      if (newest !== runId) return await this.settled(newest)
      const standing = await storedStanding(this.store, row)
      const interruption = this.#interruptions.get(runId)
      // Nobody has brought it further since.
      if (interruption && !standing.ending && !standing.waiting && this.isFree(row)) return interruption
      return outcomeOf(standing)
    } catch (error) {
      return interruptedOutcome(recordError(error, 'interrupted'), NO_TOTALS)
    }
  }

  /** Beats while anything is driven; what is no longer this runtime's stops at once, and what is though it is not driven is let go. */
  async #beat(): Promise<void> {
    const { clock, owner, log } = this.#parts.engine
    if (!this.#mustBeat || !this.#idle.signal.aborted) return
    this.#idle = new AbortController()
    const over = this.#idle.signal
    this.store.keepAlive?.(owner, BEAT_MS)
    while (!over.aborted) {
      try {
        await clock.sleep(BEAT_MS, over)
        await this.#beatOnce()
        for (const runId of await this.store.mail(owner)) this.poke(runId)
      } catch (error) {
        if (!over.aborted) log.warn(`The beat of this runtime failed: ${messageOf(error)}`)
      }
    }
  }

  /** @returns the runs that this runtime has lost, and whose sessions have been told. */
  async #beatOnce(): Promise<ReadonlySet<string>> {
    const { clock, owner } = this.#parts.engine
    const at = clock.monotonic()
    const driven = new Map([...this.#sessions].map(([runId, { session }]) => [runId, session]))
    const owned = new Set(await this.store.beat(owner))
    const lost = new Set([...driven.keys()].filter((runId) => !owned.has(runId)))
    // What has begun since is shown by its own writes.
    this.#beaten = { at, owned: new Set([...owned].filter((runId) => driven.has(runId))) }
    for (const runId of lost) driven.get(runId)?.lose()
    for (const runId of this.#unsure) {
      if (owned.has(runId)) void this.#letGo(runId)
      else this.#unsure.delete(runId)
    }
    if (!this.#mustBeat) this.#idle.abort('idle')
    return lost
  }
}

function newSettling(): Settling {
  const { promise: settled, resolve: settle } = Promise.withResolvers<Outcome>()
  return { settled, settle }
}

function idle(): AbortController {
  const controller = new AbortController()
  controller.abort('idle')
  return controller
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
