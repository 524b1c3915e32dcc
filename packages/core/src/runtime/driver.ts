// The runs that this runtime drives or follows, and the beat that shows other processes that it lives (invariant 8).
import { setImmediate } from 'node:timers/promises'
import { emptyState, fold } from '../agent/fold.ts'
import type { AgentState } from '../agent/state.ts'
import type { RunRow } from '../contracts/run.ts'
import type { Store } from '../contracts/store.ts'
import type { Plan } from '../define/plan.ts'
import { recordError } from '../engine/ask-model.ts'
import type { Engine } from '../engine/engine.ts'
import { forgetOwner, isGone } from '../engine/owner.ts'
import type { Session } from '../engine/session.ts'
import { cancelStored, takeUp } from '../engine/take-up.ts'
import { unseal } from '../journal/seal.ts'
import { DefinitionError, messageOf, RepriseError } from '../words/errors.ts'
import type { Hub } from './hub.ts'
import { interruptedOutcome, type Outcome, outcomeOf } from './outcome.ts'
import type { HandleHost } from './run-handle.ts'

/** How often an owner shows that it lives and looks for messages, in milliseconds. */
export const BEAT_MS = 1_000

/** How long a beat must stand still before a run is taken from its owner, in milliseconds. */
export const LEASE_MS = 15_000

/** Drives runs, follows those of other processes, and ends with all of them written. */
export class Driver implements HandleHost {
  readonly hub: Hub
  readonly store: Store
  readonly #engine: Engine
  readonly #driving: Set<string>
  readonly #planOf: (row: RunRow) => Plan
  readonly #sessions = new Map<string, { readonly session: Session; readonly settled: Promise<Outcome> }>()
  readonly #following = new Map<string, Promise<Outcome>>()
  readonly #opening = new Map<string, Promise<unknown>>()
  readonly #closed = new AbortController()
  #idle = new AbortController()

  /** @param driving the runs that other runtimes of this process see this one drive. */
  constructor(engine: Engine, hub: Hub, driving: Set<string>, planOf: (row: RunRow) => Plan) {
    this.#engine = engine
    this.hub = hub
    this.store = engine.store
    this.#driving = driving
    this.#planOf = planOf
  }

  /**
   * Checks that the runtime still takes runs.
   *
   * @throws DefinitionError with code `runtime_closed`.
   */
  checkOpen(): void {
    if (!this.#closed.signal.aborted) return
    throw new DefinitionError({
      code: 'runtime_closed',
      message: 'This runtime is closed. Make another one with createRuntime.',
    })
  }

  /** Does what opens a run: for each run one thing at a time. */
  async exclusively<T>(runId: string, open: () => Promise<T>): Promise<T> {
    for (let before = this.#opening.get(runId); before; before = this.#opening.get(runId)) await before
    this.#driving.add(runId)
    const opening = open().finally(() => {
      this.#opening.delete(runId)
      if (!this.#sessions.has(runId)) this.#driving.delete(runId)
    })
    this.#opening.set(
      runId,
      opening.then(
        () => undefined,
        () => undefined,
      ),
    )
    return opening
  }

  /** Tells whether a run is driven here. */
  drives(runId: string): boolean {
    return this.#sessions.has(runId)
  }

  /** Drives a session to where it ends or rests. */
  drive(session: Session, runId: string): void {
    // Whoever started the run gets its handle, and may listen, before anything happens.
    const settled = setImmediate()
      .then(() => session.drive())
      .then(outcomeOf, (error: unknown) => {
        this.#engine.log.error(`The run "${runId}" was interrupted: ${messageOf(error)}`)
        return interruptedOutcome(recordError(error, 'interrupted'), session.state.totals)
      })
      .finally(() => {
        this.#sessions.delete(runId)
        this.#driving.delete(runId)
        if (this.#sessions.size === 0) this.#idle.abort()
      })
      .then((outcome) => (outcome.kind === 'waiting' && session.unread ? this.#reopen(runId, outcome) : outcome))
    this.#sessions.set(runId, { session, settled })
    if (this.#closed.signal.aborted) session.stop()
    if (this.#sessions.size === 1) void this.#beat()
  }

  /** Takes a stored run up, or follows it where another process drives it. Called exclusively. */
  async open(runId: string): Promise<void> {
    const row = await this.store.run(runId)
    if (!row || row.endedAt !== null || this.#sessions.has(runId) || this.#following.has(runId)) return
    const plan = this.#planOf(row)
    if (!this.#isFree(row)) return this.#follow(row)
    this.drive(await takeUp(this.#engine, row, plan), runId)
  }

  /** How a run stands when nothing more happens to it here. Never throws. */
  async settled(runId: string): Promise<Outcome> {
    const here = this.#sessions.get(runId)?.settled ?? this.#following.get(runId)
    return here ?? this.#stored(runId)
  }

  /** Cancels a run here or, by its inbox, wherever it is driven. One that has ended stays as it is. */
  async cancel(runId: string, reason: string): Promise<void> {
    const row = await this.store.run(runId)
    if (!row || row.endedAt !== null) return
    await this.store.send({ runId, dedupe: 'cancel', kind: 'cancel', body: reason, at: this.#engine.clock.now() })
    if (this.poke(runId) || !this.#isFree(row)) return
    await this.exclusively(runId, () => cancelStored(this.#engine, row, reason)).catch((error: unknown) => {
      // Whoever took the run meanwhile finds the message.
      if (!RepriseError.is(error) || error.code !== 'run_lost') throw error
    })
  }

  /** Tells a run that is driven here that it has mail; false when it is not. */
  poke(runId: string): boolean {
    const here = this.#sessions.get(runId)
    here?.session.poke()
    return here !== undefined
  }

  /** Ends all sessions with what is under way written. */
  async close(): Promise<void> {
    this.#closed.abort()
    await Promise.allSettled(this.#opening.values())
    const sessions = [...this.#sessions.values()]
    for (const { session } of sessions) session.stop()
    await Promise.all([...sessions.map(({ settled }) => settled), ...this.#following.values()])
    forgetOwner(this.#engine.owner)
  }

  /** A message that came when the run was just put to rest is read after all. */
  async #reopen(runId: string, outcome: Outcome): Promise<Outcome> {
    if (this.#closed.signal.aborted) return outcome
    await this.exclusively(runId, () => this.open(runId))
    return this.#sessions.get(runId)?.settled ?? outcome
  }

  #isFree({ owner, id }: RunRow): boolean {
    return owner === null || isGone(owner, id)
  }

  #follow(row: RunRow): void {
    const following = this.#watch(row)
      .catch((error: unknown) => interruptedOutcome(recordError(error, 'interrupted'), row.totals))
      .finally(() => this.#following.delete(row.id))
    this.#following.set(row.id, following)
  }

  /** Watches a run of another process, and takes it when that process is gone or its beat stands still. */
  async #watch(first: RunRow): Promise<Outcome> {
    const { clock } = this.#engine
    let row = first
    let seen = clock.monotonic()
    for (;;) {
      await clock.sleep(BEAT_MS, this.#closed.signal)
      const now = await this.store.run(row.id)
      if (!now || now.endedAt !== null || now.status === 'waiting') return this.#stored(row.id)
      if (now.beat !== row.beat || now.epoch !== row.epoch) seen = clock.monotonic()
      row = now
      if (!this.#isFree(row) && clock.monotonic() - seen < LEASE_MS) continue
      const free = row
      await this.exclusively(row.id, async () =>
        this.drive(await takeUp(this.#engine, free, this.#planOf(free)), free.id),
      )
      return (await this.#sessions.get(row.id)?.settled) ?? this.#stored(row.id)
    }
  }

  async #stored(runId: string): Promise<Outcome> {
    let state: AgentState = emptyState()
    try {
      for (const sealed of await this.store.entries(runId)) state = fold(state, unseal(sealed))
      return outcomeOf(state)
    } catch (error) {
      return interruptedOutcome(recordError(error, 'interrupted'), state.totals)
    }
  }

  /** Beats while anything is driven. */
  async #beat(): Promise<void> {
    this.#idle = new AbortController()
    const over = this.#idle.signal
    while (!over.aborted) {
      try {
        await this.#engine.clock.sleep(BEAT_MS, over)
        await this.store.beat(this.#engine.owner)
        for (const runId of await this.store.mail(this.#engine.owner)) this.poke(runId)
      } catch (error) {
        if (!over.aborted) this.#engine.log.warn(`The beat of this runtime failed: ${messageOf(error)}`)
      }
    }
  }
}
