// The lease on the runs that this runtime drives (invariant 8): the heartbeat that shows other processes that it lives, the
// fence before each effort, and whose beat stands still.
import { setImmediate } from 'node:timers/promises'
import type { RunRow } from '../../contracts/run.ts'
import type { OwnerHeartbeat } from '../../contracts/take.ts'
import { HEARTBEAT_MS, Heartbeats, TRUST_MS } from '../../engine/lease/heartbeats.ts'
import type { Driven } from '../../engine/session/driven.ts'
import type { Engine } from '../../engine/engine.ts'
import { retrying } from '../../engine/commit/retrying.ts'
import type { FreeRun } from '../../engine/session/take-up.ts'
import { DefinitionError, messageOf, RepriseError } from '../../values/errors.ts'

/** What a lease is on. */
export interface LeaseParts {
  readonly engine: Engine
  /** What is driven here, by run, and after how many heartbeats that was begun. */
  readonly sessions: ReadonlyMap<string, { readonly session: Driven; readonly since: number }>
  /** Aborts when the runtime is closed. */
  readonly closed: AbortSignal
  /** Does what opens a run, one thing at a time. */
  readonly exclusively: (runId: string, open: () => Promise<void>) => Promise<void>
}

/** An owner of runs, and for how long its heartbeat was seen to stand still, in milliseconds: 0 where nobody looked before. */
export interface SeenOwner {
  readonly owner: string
  readonly stillMs: number
}

/** Beats while anything is driven here, and knows who else lives. */
export class Lease {
  readonly #parts: LeaseParts
  readonly #engine: Engine
  readonly #beats: Heartbeats
  /** Runs that may be this runtime's though it does not drive them: the store failed when they were begun or given up. */
  readonly #unsure = new Set<string>()
  /** Whether the store failed when it was to give runs, so that nobody knows which it gave. */
  #unsureOfAll = false
  /** What was told that its run has another owner, and has not ended yet. */
  readonly #lost = new WeakSet<Driven>()
  /** The takes that are not answered yet: what they give is this runtime's, and not driven. */
  readonly #takes = new Set<Promise<unknown>>()
  /** The runs that were given, and are not open yet: something else of theirs may come first. */
  readonly #given = new Set<string>()
  /** Not aborted while it beats. */
  #idle = idle()
  /** When it began to beat, where it does, on the monotonic clock. */
  #beatsSince = -Infinity
  /** How many beats were begun: a clock may stand while much happens. */
  #begun = 0
  /** The last heartbeat that was answered: its index, from 0, when it was begun, and what the store said. */
  #beaten: { readonly nth: number; readonly at: number; readonly said: number | undefined }
  #fencing: Promise<void> | undefined
  /** When what is driven here was last held against the store, on the monotonic clock. */
  #comparedAt = -Infinity
  /** What was among it then, or at an earlier time. */
  readonly #compared = new WeakSet<Driven>()
  /** Whether that is to be done again, whatever the store says to the next beat. */
  #mustCompare = false

  constructor(parts: LeaseParts) {
    this.#parts = parts
    this.#engine = parts.engine
    this.#beats = new Heartbeats(parts.engine.store, parts.engine.clock)
    // Nobody has seen this owner before.
    this.#beaten = { nth: 0, at: parts.engine.clock.monotonic(), said: undefined }
  }

  /** How many beats were begun: what is driven from now on is shown by the next. */
  get begun(): number {
    return this.#begun
  }

  /** Tells whether nobody drives a run, as far as can be known. */
  isFree({ owner, id }: RunRow): boolean {
    return owner === null || this.#engine.owners.isGone(owner, id) || this.#beats.standsStill(owner)
  }

  /**
   * Looks whether nobody drives a run, after its row was read: the claim that follows is refused where its owner has
   * beaten since then.
   *
   * @returns the run as it was seen; undefined where somebody drives it.
   */
  async ifFree(row: RunRow): Promise<FreeRun | undefined> {
    if (row.owner !== null) await this.#beats.look()
    if (!this.isFree(row)) return undefined
    return { ...row, ownerHeartbeat: row.owner === null ? null : this.#beats.beatOf(row.owner) }
  }

  /** The owners of runs that drive none any more: those known to be dead, and those whose beat stands still. */
  async goneOwners(): Promise<readonly OwnerHeartbeat[]> {
    const seen = await this.#beats.look()
    return seen.filter(({ owner }) => this.#engine.owners.isGoneWhole(owner) || this.#beats.standsStill(owner))
  }

  /** The owners of runs as they are seen from here: who looks all the time, as a worker does, knows how long they stand still. */
  async seenOwners(): Promise<readonly SeenOwner[]> {
    const seen = await this.#beats.look()
    return seen.map(({ owner }) => ({ owner, stillMs: this.#beats.stillMs(owner) }))
  }

  /** Whether this runtime has shown lately that it lives, where it drives anything. */
  get isShown(): boolean {
    if (this.#idle.signal.aborted) return true
    return this.#engine.clock.monotonic() - Math.max(this.#beaten.at, this.#beatsSince) < TRUST_MS
  }

  /** As the engine's. */
  fence(runId: string, ownedAt: number): Promise<void> | undefined {
    return this.#isSure(runId, ownedAt) ? undefined : this.#makeSure(runId, ownedAt)
  }

  /**
   * A lease is a heartbeat: a write shows whose a run is, and keeps nobody from taking it. What was driven here before the
   * last heartbeat was this runtime's then, or has been told that it is not.
   */
  #isSure(runId: string, ownedAt: number): boolean {
    const { nth, at } = this.#beaten
    const here = this.#parts.sessions.get(runId)
    if (here && this.#lost.has(here.session)) return true
    const isMissed = here !== undefined && this.#isMissed(here.session, ownedAt)
    if (isMissed) this.#mustCompare = true
    if (this.#engine.clock.monotonic() - at >= TRUST_MS) return false
    return ownedAt >= at || (here !== undefined && here.since < nth && !isMissed)
  }

  /**
   * A run may have been lost before it was driven: while its journal was read, its process was stopped. If what is driven
   * was held against the store meanwhile, that was missed, and no beat says it again.
   */
  #isMissed(session: Driven, ownedAt: number): boolean {
    return ownedAt <= this.#comparedAt && !this.#compared.has(session)
  }

  /** An answer may come late, as to a process that was stopped meanwhile: then it is asked for again. */
  async #makeSure(runId: string, ownedAt: number): Promise<void> {
    while (!this.#isSure(runId, ownedAt)) {
      this.#fencing ??= retrying(this.#engine.clock, () => this.#beatOnce()).finally(() => {
        this.#fencing = undefined
      })
      await this.#fencing
      if (!this.#parts.sessions.has(runId)) return
    }
  }

  /** What failed may have made a run this runtime's, or left it so: the next beat tells. */
  doubt(runId: string, error: unknown): void {
    if (error instanceof DefinitionError) return
    this.#unsure.add(runId)
    void this.beat()
  }

  /**
   * Beats, and lets go of runs that are this runtime's though it does not drive them: the store failed when it was to give
   * some, and may have given them.
   *
   * @throws StoreError when the store still fails; then it is done with the next heartbeat.
   */
  async recheck(): Promise<void> {
    this.#unsureOfAll = true
    await this.#beatOnce()
  }

  /**
   * Takes runs from the store and opens them: until that is over they are this runtime's though it does not drive them, and
   * are not let go of.
   *
   * @returns how many it was given, once all are open.
   */
  async taking(take: () => Promise<readonly RunRow[]>, open: (row: RunRow) => Promise<void>): Promise<number> {
    const given = take().then((rows) => {
      for (const { id } of rows) this.#given.add(id)
      return rows
    })
    this.#takes.add(given)
    const rows = await given.finally(() => this.#takes.delete(given))
    await Promise.all(rows.map((row) => open(row).finally(() => this.#given.delete(row.id))))
    return rows.length
  }

  /**
   * Waits for the takes that are under way: what was this runtime's before is not driven, was given by one of them, or
   * was left to it by a failure.
   */
  async #takesAnswered(): Promise<void> {
    await Promise.allSettled(this.#takes)
  }

  get #mustBeat(): boolean {
    return this.#parts.sessions.size > 0 || (this.#unsure.size > 0 && !this.#parts.closed.aborted)
  }

  /** Beats while anything is driven; what is no longer this runtime's stops at once, and what is though it is not driven is let go. */
  async beat(): Promise<void> {
    const { clock, owner, log, store } = this.#engine
    if (!this.#mustBeat || !this.#idle.signal.aborted) return
    this.#idle = new AbortController()
    this.#beatsSince = clock.monotonic()
    const over = this.#idle.signal
    let failed = ''
    store.keepAlive?.(owner, HEARTBEAT_MS)
    while (!over.aborted) {
      try {
        await clock.sleep(HEARTBEAT_MS, over)
        await this.#beatOnce()
        for (const runId of await store.mail(owner)) this.#parts.sessions.get(runId)?.session.notify()
        failed = ''
      } catch (error) {
        if (isStoreLost(error)) for (const { session } of this.#parts.sessions.values()) session.leaseLost(error)
        const message = messageOf(error)
        if (!over.aborted && message !== failed) log.warn(`The beat of this runtime failed: ${message}`)
        failed = message
      }
    }
  }

  /** Beats no more, where nothing is driven. */
  rest(): void {
    if (!this.#mustBeat) this.#idle.abort('idle')
  }

  /** Looks after nothing any more but what is driven still. */
  close(): void {
    this.#unsure.clear()
    this.#unsureOfAll = false
    this.rest()
  }

  /** Beats, and tells the sessions of the runs that this runtime has lost. */
  async #beatOnce(): Promise<void> {
    const { clock, nextHeartbeat, owner, store } = this.#engine
    const nth = ++this.#begun
    const at = clock.monotonic()
    const said = await store.heartbeat(owner, nextHeartbeat())
    if (said !== this.#beaten.said || this.#unsureOfAll || this.#mustCompare) await this.#compare()
    // Another one may have been begun later, and answered sooner.
    if (nth > this.#beaten.nth) this.#beaten = { nth, at, said }
    for (const runId of this.#unsure) void this.#letGo(runId)
    this.rest()
  }

  /** Holds all that is driven here against what the store says is this runtime's. */
  async #compare(): Promise<void> {
    const { clock, owner, store } = this.#engine
    const { sessions } = this.#parts
    const at = clock.monotonic()
    const driven = [...sessions]
    const owned = new Set(await store.owned(owner))
    const missing = driven.filter(([runId]) => !owned.has(runId))
    // What has ended just now, or was given up here, comes to its end meanwhile.
    if (missing.length > 0) await setImmediate()
    for (const [runId, { session }] of missing) {
      if (sessions.get(runId)?.session !== session) continue
      this.#lost.add(session)
      session.leaseLost()
    }
    // Whoever was missed by this one is unsure, and asks for another.
    this.#mustCompare = false
    // Two of them may be under way.
    this.#comparedAt = Math.max(this.#comparedAt, at)
    for (const [, { session }] of driven) this.#compared.add(session)
    if (!this.#unsureOfAll) return
    await this.#takesAnswered()
    for (const runId of owned) if (!sessions.has(runId) && !this.#given.has(runId)) this.#unsure.add(runId)
    this.#unsureOfAll = false
  }

  /** Lets go of a run that the store says is this runtime's, and that it does not drive. */
  async #letGo(runId: string): Promise<void> {
    const { committer, log, owner, store } = this.#engine
    const { exclusively, sessions } = this.#parts
    try {
      await exclusively(runId, async () => {
        const row = sessions.has(runId) ? undefined : await store.run(runId)
        await this.#takesAnswered()
        // It may be what was just given.
        if (this.#given.has(runId)) return
        // What goes on in the place of a run that has ended is driven a moment after it is there.
        if (row?.owner === owner && row.endedAt === null && !sessions.has(runId))
          await committer.commit({ runId, epoch: row.epoch, entries: [], release: true })
        this.#unsure.delete(runId)
      })
    } catch (error) {
      log.warn(`The run "${runId}" could not be given up yet: ${messageOf(error)}`)
    }
  }
}

/** Nothing is written any more, or nobody will read it: what is at the store's place is another one, or it is moved. */
function isStoreLost(error: unknown): error is RepriseError {
  return RepriseError.is(error) && (error.code === 'store_replaced' || error.code === 'store_moved')
}

function idle(): AbortController {
  const controller = new AbortController()
  controller.abort('idle')
  return controller
}
