// The runs that this runtime drives or follows, and the beat that shows other processes that it lives (invariant 8).
import { setImmediate } from 'node:timers/promises'
import { emptyState, fold } from '../agent/fold.ts'
import type { AgentState } from '../agent/state.ts'
import type { RunRow } from '../contracts/run.ts'
import type { Store } from '../contracts/store.ts'
import type { Plan } from '../define/plan.ts'
import type { Engine } from '../engine/engine.ts'
import { isGone } from '../engine/owner.ts'
import { recordError } from '../engine/record-error.ts'
import type { Session } from '../engine/session.ts'
import { cancelStored, takeUp } from '../engine/take-up.ts'
import { unseal } from '../journal/seal.ts'
import { DefinitionError, messageOf, RepriseError } from '../words/errors.ts'
import type { Hub } from './hub.ts'
import { interruptedOutcome, type Outcome, outcomeOf } from './outcome.ts'
import type { HandleHost } from './run-handle.ts'

/** How often an owner shows that it lives and looks for messages, in milliseconds. */
const BEAT_MS = 1_000

/** How long a beat must stand still before a run is taken from its owner, in milliseconds. */
const LEASE_MS = 15_000

/** What a driver is made of. */
export interface DriverParts {
  readonly engine: Engine
  readonly hub: Hub
  /** The ids of the runs that are driven here: other runtimes of this process look there. */
  readonly driving: Set<string>
  /** Today's plan of a stored run. */
  readonly planOf: (row: RunRow) => Plan
}

/** Drives runs, follows those of other processes, and ends with all of them written. */
export class Driver implements HandleHost {
  readonly hub: Hub
  readonly store: Store
  readonly #parts: DriverParts
  readonly #sessions = new Map<string, { readonly session: Session; readonly settled: Promise<Outcome> }>()
  readonly #following = new Map<string, Promise<Outcome>>()
  readonly #opening = new Map<string, Promise<unknown>>()
  readonly #closed = new AbortController()
  #idle = new AbortController()

  constructor(parts: DriverParts) {
    this.#parts = parts
    this.hub = parts.hub
    this.store = parts.engine.store
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
    const opening = open().finally(() => {
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

  /** Drives a session to where it ends or rests. */
  drive(session: Session, runId: string): void {
    // Whoever started the run gets its handle, and may listen, before anything happens.
    const settled = setImmediate()
      .then(() => session.drive())
      .then(outcomeOf, (error: unknown) => this.#interrupted(runId, session, error))
      .finally(() => {
        this.#sessions.delete(runId)
        this.#parts.driving.delete(runId)
        if (this.#sessions.size === 0) this.#idle.abort()
      })
      .then((outcome) => this.#afterwards(runId, outcome))
    this.#sessions.set(runId, { session, settled })
    if (this.#closed.signal.aborted) session.stop()
    if (this.#sessions.size === 1) void this.#beat()
  }

  /** Takes a stored run up, or follows it where another process drives it. Called exclusively. */
  async open(runId: string): Promise<void> {
    const row = await this.store.run(runId)
    if (!row || row.endedAt !== null || this.#sessions.has(runId) || this.#following.has(runId)) return
    const { planOf, engine } = this.#parts
    const plan = planOf(row)
    if (!isFree(row)) return this.#follow(row)
    const session = await takeUp(engine, row, plan).catch(unlessLost)
    if (session) this.drive(session, runId)
    else this.#follow(row)
  }

  /** How a run stands when nothing more happens to it here. Never throws. */
  readonly settled = async (runId: string): Promise<Outcome> => {
    const here = this.#sessions.get(runId)?.settled ?? this.#following.get(runId)
    return here ?? this.#stored(runId)
  }

  /** Cancels a run here or, by its inbox, wherever it is driven. One that has ended stays as it is. */
  readonly cancel = async (runId: string, reason: string): Promise<void> => {
    const before = await this.store.run(runId)
    if (!before || before.endedAt !== null) return
    const { engine } = this.#parts
    await this.store.send({ runId, dedupe: 'cancel', kind: 'cancel', body: reason, at: engine.clock.now() })
    if (this.poke(runId)) return
    // Its owner may have let go of it before it could see the message.
    const row = await this.store.run(runId)
    if (!row || row.endedAt !== null || !isFree(row)) return
    await this.exclusively(runId, () => cancelStored(engine, row, reason).catch(unlessLost))
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
    await Promise.all(this.#opening.values())
    const sessions = [...this.#sessions.values()]
    for (const { session } of sessions) session.stop()
    await Promise.all([...sessions.map(({ settled }) => settled), ...this.#following.values()])
  }

  #interrupted(runId: string, session: Session, error: unknown): Outcome {
    this.#parts.engine.log.error(`The run "${runId}" was interrupted: ${messageOf(error)}`)
    return interruptedOutcome(recordError(error, 'interrupted'), session.state.totals)
  }

  /** A message that came when the run was just put to rest is read after all; who has ended has no listeners. */
  async #afterwards(runId: string, outcome: Outcome): Promise<Outcome> {
    if (outcome.kind !== 'waiting') {
      this.hub.forget(runId)
      return outcome
    }
    if (this.#closed.signal.aborted || outcome.waiting.kind === 'interrupted') return outcome
    try {
      if ((await this.store.inbox(runId)).length === 0) return outcome
      await this.exclusively(runId, () => this.open(runId))
      return await (this.#sessions.get(runId)?.settled ?? this.#stored(runId))
    } catch (error) {
      return interruptedOutcome(recordError(error, 'interrupted'), outcome.totals)
    }
  }

  #follow(row: RunRow): void {
    const following = this.#watch(row)
      .catch((error: unknown) => interruptedOutcome(recordError(error, 'interrupted'), row.totals))
      .finally(() => this.#following.delete(row.id))
    this.#following.set(row.id, following)
  }

  /** Watches a run of another process, and takes it when that process is gone or its beat stands still. */
  async #watch(first: RunRow): Promise<Outcome> {
    const { engine, planOf } = this.#parts
    const { clock } = engine
    let row = first
    let seen = clock.monotonic()
    for (;;) {
      await clock.sleep(BEAT_MS, this.#closed.signal)
      const now = await this.store.run(row.id)
      if (!now || now.endedAt !== null || (now.status === 'waiting' && now.owner === null)) return this.#stored(row.id)
      if (now.beat !== row.beat || now.epoch !== row.epoch) seen = clock.monotonic()
      row = now
      if (!isFree(row) && clock.monotonic() - seen < LEASE_MS) continue
      const session = await this.exclusively(row.id, async () => {
        const taken = await takeUp(engine, now, planOf(now)).catch(unlessLost)
        if (taken) this.drive(taken, now.id)
        return this.#sessions.get(now.id)
      })
      if (session) return session.settled
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

  /** Beats while anything is driven; what is no longer this runtime's stops at once. */
  async #beat(): Promise<void> {
    const { clock, owner, log } = this.#parts.engine
    this.#idle = new AbortController()
    const over = this.#idle.signal
    while (!over.aborted) {
      try {
        await clock.sleep(BEAT_MS, over)
        const driven = [...this.#sessions]
        const owned = new Set(await this.store.beat(owner))
        for (const [runId, { session }] of driven) if (!owned.has(runId)) session.lose()
        for (const runId of await this.store.mail(owner)) this.poke(runId)
      } catch (error) {
        if (!over.aborted) log.warn(`The beat of this runtime failed: ${messageOf(error)}`)
      }
    }
  }
}

function isFree({ owner, id }: RunRow): boolean {
  return owner === null || isGone(owner, id)
}

/** A run that somebody else took meanwhile is theirs, and no failure. */
function unlessLost(error: unknown): undefined {
  if (!RepriseError.is(error) || error.code !== 'run_lost') throw error
  return undefined
}
