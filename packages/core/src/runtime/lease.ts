// The lease on the runs that this runtime drives (invariant 8): the beat that shows other processes that it lives, the
// fence before each effort, and whose beat stands still.
import type { RunRow } from '../contracts/run.ts'
import { BEAT_MS, Beats, TRUST_MS } from '../engine/beats.ts'
import type { Driven } from '../engine/driven.ts'
import type { Engine } from '../engine/engine.ts'
import { retrying } from '../engine/retrying.ts'
import { DefinitionError, messageOf, RepriseError } from '../words/errors.ts'

/** What a lease is on. */
export interface LeaseParts {
  readonly engine: Engine
  /** What is driven here, by run. */
  readonly sessions: ReadonlyMap<string, { readonly session: Driven }>
  /** Aborts when the runtime is closed. */
  readonly closed: AbortSignal
  /** Does what opens a run, one thing at a time. */
  readonly exclusively: (runId: string, open: () => Promise<void>) => Promise<void>
}

/** Beats while anything is driven here, and knows who else lives. */
export class Lease {
  readonly #parts: LeaseParts
  readonly #engine: Engine
  readonly #beats: Beats
  /** Runs that may be this runtime's though it does not drive them: the store failed when they were begun or given up. */
  readonly #unsure = new Set<string>()
  /** Not aborted while it beats. */
  #idle = idle()
  /** When the store was last asked which runs are this runtime's, or this began: and which of those that it drives are. */
  #beaten: { readonly at: number; readonly owned: ReadonlySet<string> }
  #fencing: Promise<ReadonlySet<string>> | undefined

  constructor(parts: LeaseParts) {
    this.#parts = parts
    this.#engine = parts.engine
    this.#beats = new Beats(parts.engine.store, parts.engine.clock)
    // Nobody has seen this owner before.
    this.#beaten = { at: parts.engine.clock.monotonic(), owned: new Set() }
  }

  /** Tells whether nobody drives a run, as far as can be known. */
  isFree({ owner, id }: RunRow): boolean {
    return owner === null || this.#engine.owners.isGone(owner, id) || this.#beats.standsStill(owner)
  }

  /**
   * Tells the same by a look that comes after the run's row was read: the claim that follows is refused where its owner
   * has beaten since then.
   */
  async isFreeByNow(row: RunRow): Promise<boolean> {
    if (row.owner !== null) await this.#beats.look()
    return this.isFree(row)
  }

  /** The owners of runs that drive none any more: those known to be dead, and those whose beat stands still. */
  async goneOwners(): Promise<readonly string[]> {
    const seen = await this.#beats.look()
    return seen.filter((owner) => this.#engine.owners.isGoneWhole(owner) || this.#beats.standsStill(owner))
  }

  /** As the engine's. */
  fence(runId: string, ownedAt: number): Promise<void> | undefined {
    return this.#isSure(runId, ownedAt) ? undefined : this.#makeSure(runId, ownedAt)
  }

  /** A lease is a beat: a write shows whose a run is, and keeps nobody from taking it. */
  #isSure(runId: string, ownedAt: number): boolean {
    const { at, owned } = this.#beaten
    return this.#engine.clock.monotonic() - at < TRUST_MS && (ownedAt >= at || owned.has(runId))
  }

  /** An answer may come late, as to a process that was stopped meanwhile: then it is asked for again. */
  async #makeSure(runId: string, ownedAt: number): Promise<void> {
    while (!this.#isSure(runId, ownedAt)) {
      this.#fencing ??= retrying(this.#engine.clock, () => this.#beatOnce()).finally(() => {
        this.#fencing = undefined
      })
      if ((await this.#fencing).has(runId)) return
    }
  }

  /** What failed may have made a run this runtime's, or left it so: the next beat tells. */
  doubt(runId: string, error: unknown): void {
    if (error instanceof DefinitionError) return
    this.#unsure.add(runId)
    void this.beat()
  }

  get #mustBeat(): boolean {
    return this.#parts.sessions.size > 0 || (this.#unsure.size > 0 && !this.#parts.closed.aborted)
  }

  /** Beats while anything is driven; what is no longer this runtime's stops at once, and what is though it is not driven is let go. */
  async beat(): Promise<void> {
    const { clock, owner, log, store } = this.#engine
    if (!this.#mustBeat || !this.#idle.signal.aborted) return
    this.#idle = new AbortController()
    const over = this.#idle.signal
    store.keepAlive?.(owner, BEAT_MS)
    while (!over.aborted) {
      try {
        await clock.sleep(BEAT_MS, over)
        await this.#beatOnce()
        for (const runId of await store.mail(owner)) this.#parts.sessions.get(runId)?.session.poke()
      } catch (error) {
        if (isStoreLost(error)) for (const { session } of this.#parts.sessions.values()) session.lose(error)
        if (!over.aborted) log.warn(`The beat of this runtime failed: ${messageOf(error)}`)
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
    this.rest()
  }

  /** @returns the runs that this runtime has lost, and whose sessions have been told. */
  async #beatOnce(): Promise<ReadonlySet<string>> {
    const { clock, nextBeat, owner, store } = this.#engine
    const at = clock.monotonic()
    const driven = new Map(this.#parts.sessions)
    const owned = new Set(await store.beat(owner, nextBeat()))
    const lost = new Set([...driven.keys()].filter((runId) => !owned.has(runId)))
    // What has begun since is shown by its own writes.
    this.#beaten = { at, owned: new Set([...owned].filter((runId) => driven.has(runId))) }
    for (const runId of lost) driven.get(runId)?.session.lose()
    for (const runId of this.#unsure) {
      if (owned.has(runId)) void this.#letGo(runId)
      else this.#unsure.delete(runId)
    }
    this.rest()
    return lost
  }

  /** Lets go of a run that the store says is this runtime's, and that it does not drive. */
  async #letGo(runId: string): Promise<void> {
    const { committer, log, owner, store } = this.#engine
    const { exclusively, sessions } = this.#parts
    try {
      await exclusively(runId, async () => {
        const row = sessions.has(runId) ? undefined : await store.run(runId)
        if (row?.owner === owner && row.endedAt === null)
          await committer.commit({ runId, epoch: row.epoch, entries: [], release: true })
        this.#unsure.delete(runId)
      })
    } catch (error) {
      log.warn(`The run "${runId}" could not be given up yet: ${messageOf(error)}`)
    }
  }
}

/** What is written now nobody will read: the store that this runtime has open is not the one at its place. */
function isStoreLost(error: unknown): error is RepriseError {
  return RepriseError.is(error) && error.code === 'store_replaced'
}

function idle(): AbortController {
  const controller = new AbortController()
  controller.abort('idle')
  return controller
}
