// A conversation: a chain of runs, of which each goes on from the one before. There is no table of sessions and nothing is held
// here: the runs' rows say all, in whatever process they are read.
import type { Author, By } from '../../contracts/audit.ts'
import type { UserInput } from '../../contracts/item.ts'
import type { RunRow } from '../../contracts/run.ts'
import type { Used } from '../../contracts/totals.ts'
import { checkOptions } from '../../define/argument.ts'
import { checkTexts } from '../../define/names.ts'
import type { AnyDefinition } from '../../define/plan.ts'
import { TURN_LOOK_MS } from '../../engine/session/row.ts'
import { RUN_KEY } from '../../journal/keys.ts'
import { addUsed, NO_TOTALS } from '../../journal/totals.ts'
import { DefinitionError } from '../../values/errors.ts'
import { newRunId, sessionLineage } from '../../values/ids.ts'
import type { Json } from '../../values/json.ts'
import type { Engine } from '../../engine/engine.ts'
import type { Driver } from '../drive/driver.ts'
import { RunHandle } from '../handle/run-handle.ts'
import { shownEntries } from '../read/shown.ts'
import { authorIn, authorOf } from '../setup/author.ts'
import { checkMessageId } from '../setup/checks.ts'
import { checkSameTenant } from '../setup/whose.ts'
import type { Runs } from '../read/runs.ts'
import type { Start, Starter } from '../start/starter.ts'
import { type HistoryItem, historyOf } from './history.ts'

/** How a message is sent to a session. */
export interface SayOptions {
  /**
   * Two messages of one id are one: 1 to 200 printable characters without spaces, together with the session's own id.
   * @default a fresh one
   */
  readonly id?: string
  /** Who says it: it is journaled. */
  readonly by?: By
  /** Words to find the run by. */
  readonly tags?: readonly string[]
  /**
   * Lets the run that is under way hear it: after the results of calls, and before the model is asked again. This message's run
   * ends with that one, as that does. Where the run has ended by then, or cannot hear it any more, it is worked when its turn
   * comes, like the others. @default false
   */
  readonly steer?: boolean
  /** Cancels what is under way, and what waits, of what was sent before: this comes next. @default false */
  readonly replace?: boolean
}

/** What of a runtime a session is made of. */
export interface SessionHost {
  readonly engine: Engine
  readonly driver: Driver
  readonly starter: Starter
  readonly runs: Runs
  readonly erase: (row: RunRow, by: Author) => Promise<Erased>
}

/** What was erased. */
interface Erased {
  readonly runs: number
  readonly pending?: true
}

/** What a session is of, and whose. */
export interface SessionParts {
  readonly id: string
  readonly definition: AnyDefinition
  readonly context: unknown
  readonly tenant: string | null
  readonly user: string | null
}

/** How often a turn is tried that others take before: each time one of them has it. */
const MOST_TRIES = 100

/** How many runs are read at a time. */
const PAGE = 100

/** A conversation with an agent or a team, over any time. It holds nothing: make one wherever a message comes in. */
export class Session<Output = Json> {
  readonly id: string
  readonly #parts: SessionHost
  readonly #of: SessionParts

  constructor(parts: SessionHost, of: SessionParts) {
    this.id = of.id
    this.#parts = parts
    this.#of = of
  }

  /**
   * Says something, and returns once that is durable. Where nothing is under way, the next run begins at once; else it waits until
   * the runs before it have ended, in the order in which the messages came, whatever those wait for. One runs at a time, over
   * all processes on the store.
   *
   * @returns the handle of the run that answers: `SESSION/ID` is its id. Its `result` waits for its turn.
   * @throws DefinitionError when the input or the context breaks its schema, the session is another tenant's or person's, or
   * another message has the id; StoreError with code `run_erased` when the session was erased.
   */
  async send(input: string | UserInput, options: SayOptions = {}): Promise<RunHandle<Output>> {
    checkOptions('session.send was given options', options, 'Give it { id, by, tags, steer, replace }, or nothing.')
    const { id = newRunId(), tags = [] } = options
    const { driver } = this.#parts
    driver.checkOpen()
    const runId = `${this.id}/${id}`
    checkMessageId(this.id, id)
    checkTexts('A run', 'tags', tags)
    const by = options.by === undefined ? {} : { by: authorIn('session.send', options.by).id }
    const { definition, context, tenant, user } = this.#of
    const whose = { tenant, user, sessionId: this.id, lineageId: sessionLineage(this.id) }
    const start = { id: runId, definition, input, context, tags, ...by, ...whose }
    if (options.replace) await this.#cancelOpen(runId)
    for (let tries = 1; ; tries++) {
      if (await this.#begin(start, await this.#newest(), options.steer)) return new RunHandle(driver, runId)
      if (tries === MOST_TRIES) throw busy(this.id, runId)
    }
  }

  /** What was said and done, in its order, by roles, with calls and their results as they were; what waits for its turn is not in it. */
  async history(): Promise<readonly HistoryItem[]> {
    const said: HistoryItem[] = []
    for await (const { id, turn } of this.#rows())
      said.push(...historyOf(id, turn ?? 1, await shownEntries(this.#parts.engine, id)))
    return said
  }

  /** The rows of its runs, in their order. Their totals are with what came of them, as `runtime.runs.list` gives them. */
  async runs(): Promise<readonly RunRow[]> {
    const all: RunRow[] = []
    for await (const row of this.#rows((filter) => this.#parts.runs.list(filter))) all.push(row)
    return all
  }

  /** What all of its runs have used, with what came of them. */
  async totals(): Promise<Used> {
    return (await this.runs()).reduce<Used>((sum, { totals }) => addUsed(sum, totals), NO_TOTALS)
  }

  /**
   * Erases all that was said and done, with all that came of it, as `runtime.erase` does: its runs' rows stay, and say so. No
   * message can be sent to it any more.
   *
   * @param given.by who wants it.
   * @returns how many runs were erased.
   * @throws DefinitionError with code `unknown_run` where nothing was ever said, and `run_active` where one of its runs has not
   * ended.
   */
  async erase(given: { readonly by: By }): Promise<Erased> {
    const by = authorOf('session.erase', given)
    const newest = await this.#newest()
    if (newest) return this.#parts.erase(newest, by)
    const message = `There is no session "${this.id}" in this store: nothing was ever said in it. Check the id.`
    throw new DefinitionError({ code: 'unknown_run', message, details: { sessionId: this.id } })
  }

  async #begin(start: Omit<Start, 'turn'>, newest: RunRow | undefined, steer = false): Promise<boolean> {
    const { starter, driver, engine } = this.#parts
    const turn = (newest?.turn ?? 0) + 1
    if (!newest) return starter.start({ ...start, turn })
    this.#check(newest)
    if (newest.erasedAt !== null) {
      // What is at hand of it goes too; that it was erased is said by who reads it.
      engine.chains.forget(newest.id)
      await engine.store.entries(newest.id)
    }
    if (newest.endedAt !== null)
      return starter.start({ ...start, turn, before: await engine.chains.newestBegun(newest) })
    const waiting = { kind: 'turn', key: RUN_KEY, runId: newest.id } as const
    const wakeAt = engine.clock.now() + TURN_LOOK_MS
    const steered = steer ? await this.#underWay(newest) : undefined
    const queued = await starter.queueTurn({ ...start, turn, waiting, wakeAt }, steered?.id)
    if (queued === 'taken') return false
    // Whoever drove the one before may have looked before this one was there; and one that was there may be nobody's by now.
    const before = queued === 'queued' ? await engine.store.run(newest.id) : undefined
    if (before?.endedAt !== null) await driver.exclusively(start.id, () => driver.open(start.id))
    if (steered && queued === 'queued' && !driver.notify(steered.id) && steered.owner === null)
      await driver.exclusively(steered.id, () => driver.open(steered.id))
    // It waits for its turn here too, should whoever drives the one before be gone.
    void driver.rested(start.id)
    return true
  }

  /** The turn that has begun and not ended. */
  async #underWay(newest: RunRow): Promise<RunRow | undefined> {
    for (let row: RunRow | undefined = newest; row; row = await this.#parts.engine.chains.rowBefore(row))
      if (row.endedAt !== null) return undefined
      else if (row.waiting?.kind !== 'turn') return row
    return undefined
  }

  /** The newest first: none that waits begins in between. */
  async #cancelOpen(runId: string): Promise<void> {
    const { engine, driver } = this.#parts
    const filter = { sessionId: this.id, order: 'newest', limit: PAGE } as const
    const open: string[] = []
    for (let page = await engine.store.runs(filter), last = page.at(-1); last; last = page.at(-1)) {
      for (const row of page) {
        this.#check(row)
        // It was sent before.
        if (row.id === runId) return
        if (row.endedAt === null) open.push(row.id)
      }
      if (page.length < PAGE || last.endedAt !== null) break
      page = await engine.store.runs({ ...filter, after: last.id })
    }
    for (const id of open) await driver.cancel(id, `"${runId}" was said instead.`)
  }

  #check(newest: RunRow): void {
    checkSameTenant(newest, this.#of.tenant)
    if (newest.erasedAt === null && newest.user !== this.#of.user) throw anotherUser(this.id)
  }

  async #newest(): Promise<RunRow | undefined> {
    const [newest] = await this.#parts.engine.store.runs({ sessionId: this.id, order: 'newest', limit: 1 })
    return newest
  }

  async *#rows(
    list: (filter: { sessionId: string; limit: number; after?: string }) => Promise<readonly RunRow[]> = (filter) =>
      this.#parts.engine.store.runs(filter),
  ): AsyncGenerator<RunRow, void, undefined> {
    const filter = { sessionId: this.id, limit: PAGE }
    let page = await list(filter)
    for (let last = page.at(-1); last; last = page.at(-1)) {
      yield* page
      page = page.length < PAGE ? [] : await list({ ...filter, after: last.id })
    }
  }
}

function anotherUser(sessionId: string): DefinitionError {
  return new DefinitionError({
    code: 'run_exists',
    message: `The session "${sessionId}" exists with another user. Use another id, or the same user.`,
    details: { sessionId, what: 'user' },
  })
}

function busy(sessionId: string, runId: string): DefinitionError {
  return new DefinitionError({
    code: 'run_exists',
    message: `The message "${runId}" has found no turn of the session "${sessionId}": others came before it, ${MOST_TRIES} times, or what the session held was erased, or is another tenant's. Try again, or use another id.`,
    details: { sessionId, runId },
  })
}
