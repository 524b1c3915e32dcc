import type { Resolution } from '../agent/state/doubt.ts'
import type { InferInput, Schema } from '../contracts/schema.ts'
import type { EndedStatus, RunRow } from '../contracts/run.ts'
import { KEPT_ROUNDS, type Store } from '../contracts/store.ts'
import { type AnyDefinition, planOf } from '../define/plan.ts'
import type { Signal } from '../define/signal.ts'
import { Committer } from '../engine/commit/committer.ts'
import { Few } from '../engine/few.ts'
import { Pace } from '../engine/pace.ts'
import type { Engine } from '../engine/engine.ts'
import { CLOSE_GRACE_MS } from '../engine/grace.ts'
import { processOwners } from '../engine/lease/owner.ts'
import { unseal } from '../journal/seal.ts'
import { Vault } from '../journal/vault.ts'
import { badArgument, checkHas, checkKind, checkOptions } from '../define/argument.ts'
import { checkMs, checkText, checkTexts, checkWhole } from '../define/names.ts'
import { DefinitionError, messageOf } from '../words/errors.ts'
import { isRunId, newRunId } from '../words/ids.ts'
import { Definitions as Registry } from './setup/definitions.ts'
import { Driver } from './drive/driver.ts'
import { type ForkOptions, Forks } from './start/forks.ts'
import { holdStore } from './setup/hold-store.ts'
import { Hub } from './handle/hub.ts'
import { type Approval, Mail } from './mail.ts'
import type { RuntimeOptions } from './options.ts'
import { type Replay, replayEntries } from './read/replay.ts'
import { isRoundId, rounds, roundsBefore } from '../journal/rounds.ts'
import { RunHandle } from './handle/run-handle.ts'
import { Runs } from './read/runs.ts'
import { safeLog } from './setup/safe-log.ts'
import { Starter } from './start/starter.ts'
import { quietLog, systemClock } from './setup/system-clock.ts'
import type {
  EnqueueOptions,
  InputOfDefinition,
  OptionalUnlessContext,
  OutputOfDefinition,
  RegisteredIn,
  StartOptions,
} from './types.ts'
import { wholeClock } from './setup/whole-clock.ts'
import { Worker, type WorkOptions } from './work/worker.ts'

/** From how many beats a runtime chooses its first. */
const BEATS = 2 ** 47

/** How runs end. */
const ENDED: readonly EndedStatus[] = ['completed', 'failed', 'cancelled']

/** How many runs a store is asked to delete at once: it looks through what has ended once for each such question. */
const GC_RUNS = 10_000

/** Starts runs, drives them and takes them up again. Made by `createRuntime`. */
export class Runtime<Definitions extends readonly AnyDefinition[] = readonly AnyDefinition[]> {
  /** The runs of the store, to look at. */
  readonly runs: Runs
  readonly #store: Store
  readonly #definitions: Registry
  readonly #engine: Engine
  readonly #driver: Driver
  readonly #starter: Starter
  readonly #forks: Forks
  readonly #mail: Mail
  readonly #letGo: () => Promise<void>

  constructor(options: RuntimeOptions<Definitions>) {
    const {
      store,
      models: model,
      clock: told = systemClock,
      random = Math.random,
      owners = processOwners,
      log: given = quietLog,
      closeGraceMs = CLOSE_GRACE_MS,
      services,
      onError,
      recordStacks = false,
    } = options
    checkGrace(closeGraceMs)
    const log = safeLog(given)
    const clock = wholeClock(told)
    const hub = new Hub(log)
    let beat = Math.floor(random() * BEATS) || 0
    const driving = new Set<string>()
    const definitions = new Registry(options.definitions, store)
    const vault = new Vault(store)
    const engine: Engine = {
      store,
      committer: new Committer(store, clock),
      pace: new Pace(clock),
      few: new Few(),
      model,
      clock,
      random,
      log,
      services,
      owners,
      owner: owners.name(driving),
      closeGraceMs,
      recordStacks,
      onError,
      nextBeat: () => ++beat,
      fence: (runId, ownedAt) => this.#driver.lease.fence(runId, ownedAt),
      emit: (event) => hub.emit(event),
      secretsOf: (lineageId) => vault.of(lineageId),
      // The engine drives runs that have children, and children are runs: they meet here.
      children: {
        expect: (runId) => this.#starter.expect(runId),
        forgo: (runId) => this.#starter.forgo(runId),
        run: (child) => this.#starter.run(child),
        cancel: (runId, reason) => this.#starter.cancel(runId, reason),
        continueAs: (next) => this.#starter.continueAs(next),
      },
    }
    const afterEnd = options.checkDeterminism ? (runId: string) => this.#checkDeterminism(runId) : undefined
    this.#store = store
    this.#definitions = definitions
    this.#engine = engine
    this.#driver = new Driver({
      engine,
      hub,
      driving,
      definitionsOf: (row) => definitions.of(row),
      ...(afterEnd && { afterEnd }),
    })
    this.#starter = new Starter(engine, this.#driver, (definition) => definitions.check(definition))
    this.#forks = new Forks(engine, this.#driver, definitions)
    this.#mail = new Mail(engine)
    this.runs = new Runs(engine)
    // Last: whoever was refused holds nothing.
    this.#letGo = holdStore(store, engine.owner)
  }

  /**
   * Starts a run, and returns once its beginning is durable. An id seen before, with the same input, gives that run:
   * resumed, if nobody drives it.
   *
   * @param input what the user says to an agent or a team; what a workflow's schema takes.
   * @throws DefinitionError when the definition is not this runtime's, the input or context breaks its schema, or the id
   * belongs to a run with another input; StoreError when the store fails.
   */
  async start<D extends AnyDefinition>(
    definition: D & RegisteredIn<Definitions, D>,
    input: InputOfDefinition<D>,
    ...[options]: OptionalUnlessContext<D, StartOptions<D>>
  ): Promise<RunHandle<OutputOfDefinition<D>>> {
    const { id = newRunId(), tags = [], signal, context } = { context: undefined, ...options }
    this.#driver.checkOpen()
    if (signal) checkHas('runtime.start was given signal', signal, 'addEventListener', 'Give it an AbortSignal.')
    checkRunId(id)
    checkTexts('A run', 'tags', tags)
    await this.#starter.start({ id, definition, input, context, tags })
    return new RunHandle(this.#driver, id, signal)
  }

  /**
   * Leaves a run to a worker, of this process or another, and returns once it is durable. An id seen before, with the
   * same input, is that run.
   *
   * @throws what `start` throws.
   */
  async enqueue<D extends AnyDefinition>(
    definition: D & RegisteredIn<Definitions, D>,
    input: InputOfDefinition<D>,
    ...[options]: OptionalUnlessContext<D, EnqueueOptions<D>>
  ): Promise<{ readonly id: string }> {
    const { id = newRunId(), tags = [], priority = 0, context } = { context: undefined, ...options }
    this.#driver.checkOpen()
    checkRunId(id)
    checkTexts('A run', 'tags', tags)
    checkWhole('enqueue', 'priority', priority)
    await this.#starter.enqueue({ id, definition, input, context, tags, priority })
    return { id }
  }

  /** Takes runs that nobody drives, several at a time, until the worker or the runtime is stopped. */
  work(options: WorkOptions = {}): Worker {
    checkOptions('runtime.work was given options', options, 'Give it { concurrency }, or nothing.')
    this.#driver.checkOpen()
    return new Worker(this.#engine, this.#driver, this.#definitions, options)
  }

  /**
   * Takes a run up where its journal ends. One that has ended is given as it is; one that another process drives is
   * followed, and taken over should that process die.
   *
   * @throws DefinitionError when there is no such run or its definition is not this runtime's; DivergenceError when
   * today's code would go another way.
   */
  async resume(runId: string): Promise<RunHandle> {
    this.#driver.checkOpen()
    // Whoever hears that a child is started may be faster than its start.
    await this.#starter.begun(runId)
    await this.runs.get(runId)
    await this.#driver.exclusively(runId, () => this.#driver.open(runId))
    return new RunHandle(this.#driver, runId)
  }

  /**
   * Takes a stored run up again under today's code, offline: no model is asked, no tool or step is run, nothing is
   * written.
   *
   * @throws DefinitionError when there is no such run or its definition is not this runtime's.
   */
  async replay(runId: string): Promise<Replay> {
    const definitions = this.#definitions.of(await this.runs.get(runId))
    const entries = (await this.#store.entries(runId)).map(unseal)
    // Somebody may have deleted it in between.
    if (entries.length === 0) await this.runs.get(runId)
    return replayEntries(runId, entries, definitions)
  }

  /**
   * Goes on from the first entries of a run in a new run with an id, keys and a bill of its own, under today's code and
   * text. The run itself stays as it is. After the fork point nothing but tools that read runs, unless `effects` is
   * `live`: a run that comes to more ends as `incomplete`. An id seen before, with the same fork, gives that run.
   *
   * @throws DefinitionError when there is no such run, it has no such entries, its definition is not this runtime's, or
   * the id belongs to another run; DivergenceError when today's code goes another way within those entries.
   */
  async fork(runId: string, options: ForkOptions): Promise<RunHandle> {
    const expected = "Give it { at }, with how many of the run's entries the fork begins with."
    checkOptions('runtime.fork was given options', options, expected)
    const { at, id = newRunId(), effects } = options
    this.#driver.checkOpen()
    checkRunId(id)
    await this.#forks.fork(await this.runs.get(runId), { at, id, effects: effects ?? 'read' })
    return new RunHandle(this.#driver, id)
  }

  /**
   * Ends a run for good, also when another process drives it. Returns when the wish is durable; the run's outcome
   * tells when it is done. One that has ended stays as it is.
   *
   * @throws DefinitionError when there is no such run.
   */
  async cancel(runId: string, reason = 'cancelled'): Promise<void> {
    await this.runs.get(runId)
    await this.#driver.cancel(runId, reason)
  }

  /**
   * Sends a signal to a workflow run, and takes the run up where this runtime can. One that nobody waits for yet is kept.
   *
   * @param options.id two messages of one id are one, as far as a run and the ten rounds before it. @default a fresh one
   * @throws DefinitionError when there is no such run, it is no workflow's or has ended, or the payload breaks its schema.
   */
  async send<Payload extends Schema>(
    runId: string,
    signal: Signal<Payload>,
    payload: InferInput<Payload>,
    options: { readonly id?: string } = {},
  ): Promise<void> {
    checkKind('runtime.send was given signal', signal, ['signal'], 'Give it what defineSignal gave.')
    checkOptions('runtime.send was given options', options, 'Give it { id }, or nothing.')
    const { id: given } = options
    const id = given ?? newRunId()
    checkText('send', 'id', id)
    let row = await this.runs.get(await this.runs.newest(runId))
    // Whoever says it again may have been heard by a round before.
    if (given !== undefined && (await this.#mail.isHeard(roundsBefore(row.id, KEPT_ROUNDS), signal.name, id))) return
    for (;;) {
      await this.#mail.signal(row, signal, payload, id)
      const newest = await this.runs.newest(row.id)
      // A run may have gone on as another just then: whether that one has heard of it stands in the journals.
      if (newest === row.id || (await this.#mail.isHeard(rounds(row.id, newest), signal.name, id))) break
      row = await this.runs.get(newest)
    }
    await this.#wake(row)
  }

  /**
   * Says of a call in doubt whether it happened, and takes the run up again.
   *
   * @param id of the doubt, as the run's `waiting` names it: each attempt that is in doubt has another, so that a word that
   * comes late settles no other.
   * @param by who says so.
   * @throws DefinitionError when no such call is in doubt, or somebody has said otherwise.
   */
  async resolve(runId: string, id: string, resolution: Resolution, by = 'a person'): Promise<RunHandle> {
    checkText('runtime.resolve', 'id', id)
    const expected = 'Give it { happened: true, result } or { happened: false }.'
    checkOptions('runtime.resolve was given resolution', resolution, expected)
    const { happened }: { readonly happened: unknown } = resolution
    if (typeof happened !== 'boolean') throw badArgument('runtime.resolve was given happened', happened, expected)
    await this.#mail.resolution(await this.runs.get(runId), await this.runs.entries(runId), id, resolution, by)
    return this.#goOn(runId)
  }

  /**
   * Allows a call that waits for it, with the arguments that were shown and no others, and takes the run up again.
   *
   * @param id of the ask, as the run's `waiting` names it.
   * @param given.by who allows it: it is journaled.
   * @throws DefinitionError when no such call waits, its time is over, its tool does or takes something else today, or
   * somebody has said otherwise.
   */
  async approve(runId: string, id: string, given: { readonly by: string }): Promise<RunHandle> {
    return this.#approval(runId, { id, by: authorOf('approve', given), approved: true, reason: '' })
  }

  /**
   * Refuses a call that waits to be allowed: the model is told so, with the reason, and the run goes on.
   *
   * @throws what `approve` throws.
   */
  async reject(
    runId: string,
    id: string,
    given: { readonly by: string; readonly reason?: string },
  ): Promise<RunHandle> {
    return this.#approval(runId, { id, by: authorOf('reject', given), approved: false, reason: given.reason ?? '' })
  }

  /**
   * Puts a run in quarantine back among those that a worker, `resume` or `start` may take up. It is in quarantine once
   * its last 5 owners died with it, or when its journal is damaged.
   *
   * @param given.by who has looked at it: it is journaled.
   * @throws DefinitionError when there is no such run or it is not in quarantine; StoreError when its journal is still
   * damaged.
   */
  async release(runId: string, given: { readonly by: string }): Promise<void> {
    const by = authorOf('release', given)
    await this.runs.get(runId)
    await this.#driver.release(runId, by)
  }

  /**
   * Deletes runs that have ended, with all that belongs to them alone. Their ids may then begin anew, so keep them longer
   * than anybody may start them again.
   *
   * @param options.olderThanMs how long ago they must have ended, in milliseconds.
   * @param options.statuses how they must have ended. @default all three
   * @returns how many were deleted.
   */
  async gc(options: { readonly olderThanMs: number; readonly statuses?: readonly EndedStatus[] }): Promise<number> {
    const expected = 'Give it { olderThanMs }, with how long ago runs must have ended to be deleted, in milliseconds.'
    checkOptions('runtime.gc was given options', options, expected)
    const { olderThanMs, statuses = ENDED } = options
    if (!Array.isArray(statuses) || statuses.some((status: EndedStatus) => !ENDED.includes(status)))
      throw badArgument('runtime.gc was given statuses', statuses, `Give it a list of some of: ${ENDED.join(', ')}.`)
    checkMs('gc', 'olderThanMs', olderThanMs)
    const before = Math.floor(this.#engine.clock.now() - olderThanMs)
    let deleted = 0
    for (let some = GC_RUNS; some === GC_RUNS; deleted += some)
      some = (await this.#store.gc(before, statuses, GC_RUNS)).length
    return deleted
  }

  /**
   * Copies the store to a file, as of one moment, while runs go on. `restore` of the store's package makes a store of it.
   *
   * @throws DefinitionError when this store cannot; StoreError when something stands at the path.
   */
  async backup(path: string): Promise<void> {
    checkText('runtime.backup', 'path', path)
    if (!this.#store.backup) {
      const message = 'This store cannot be backed up: it has no file. Use sqlite(path).'
      throw new DefinitionError({ code: 'no_backup', message })
    }
    await this.#store.backup(path)
  }

  /**
   * Erases a lineage: what its runs, the first and all that came of it, hold is destroyed, and so is its key where the
   * store is encrypted. Nothing brings it back, a backup of the data included. The runs' rows stay, and say so.
   *
   * @param runId of the first run: the one that was started, and is no child or fork of another.
   * @param given.by who wants it: it is told to whoever would read one of the runs.
   * @returns how many runs were erased; with `pending` where somebody reads the store's files just then: their text is gone
   * from them when that ends.
   * @throws DefinitionError when there is no such run, it is not the first of its lineage, or one of them has not ended.
   */
  async erase(
    runId: string,
    given: { readonly by: string },
  ): Promise<{ readonly runs: number; readonly pending?: true }> {
    const by = authorOf('erase', given)
    const { lineageId } = await this.runs.get(runId)
    if (lineageId !== runId) throw notTheFirst(runId, lineageId)
    const erasure = await this.#store.erase(lineageId, by, this.#engine.clock.now())
    if (erasure.kind === 'active') throw notEnded(runId, erasure.runIds)
    return { runs: erasure.runs, ...(erasure.pending && { pending: true }) }
  }

  /**
   * Finishes and writes what is under way, gives the runs up as they then stand, and lets go of the store: its files and
   * connections are closed where no other runtime has it, until it is used again. Never throws: a failure is logged.
   */
  async close(): Promise<void> {
    await this.#driver.close()
    try {
      await this.#letGo()
    } catch (error) {
      this.#engine.log.error(`The store did not close: ${messageOf(error)}`)
    }
  }

  /** The same as `close`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** A run that rests goes on by this runtime, where it knows its definition; else by whoever does. */
  async #wake(row: RunRow): Promise<void> {
    if (this.#driver.poke(row.id) || !this.#definitions.has(row) || row.status === 'queued') return
    try {
      await this.#driver.exclusively(row.id, () => this.#driver.open(row.id))
    } catch (error) {
      // The message is there all the same: whoever can take the run up will find it.
      this.#engine.log.error(`The run "${row.id}" has a message, and was not taken up: ${messageOf(error)}`)
    }
  }

  async #approval(runId: string, said: Approval): Promise<RunHandle> {
    const row = await this.runs.get(runId)
    const [definition] = this.#definitions.has(row) ? this.#definitions.of(row) : []
    const plan = definition && definition.kind !== 'workflow' ? planOf(definition) : undefined
    await this.#mail.approval(row, await this.runs.entries(runId), said, plan)
    return this.#goOn(runId)
  }

  #goOn(runId: string): Promise<RunHandle> {
    this.#driver.poke(runId)
    return this.resume(runId)
  }

  async #checkDeterminism(runId: string): Promise<void> {
    const row = await this.runs.get(runId)
    if (row.kind !== 'workflow' || !this.#definitions.has(row)) return
    const { divergence } = await this.replay(runId)
    if (!divergence) return
    this.#engine.log.error(
      `The workflow "${row.name}" is not deterministic: run again over its own journal, run "${runId}" parts at entry ${divergence.seq}: ` +
        `it recorded ${divergence.recorded}, and would now ${divergence.today}. Take times, random numbers and I/O from ctx.`,
      { divergence },
    )
  }
}

function checkGrace(ms: number): void {
  if (Number.isFinite(ms) && ms >= 0) return
  const message = `createRuntime was given closeGraceMs: ${String(ms)}. It must be 0 milliseconds or more, and finite.`
  throw new DefinitionError({ code: 'bad_number', message })
}

/**
 * Who says something.
 *
 * @throws DefinitionError with code `bad_text` where a program without types has left that away.
 */
function authorOf(what: string, given: { readonly by: string } | undefined): string {
  checkText(what, 'by', given?.by)
  return given?.by ?? ''
}

/**
 * Checks a run's id.
 *
 * @throws DefinitionError with code `bad_run_id`.
 */
function checkRunId(id: string): void {
  const shown = JSON.stringify(id)
  if (typeof id !== 'string' || !isRunId(id))
    throw badId(`A run cannot have the id ${shown}. Use 1 to 200 printable characters without spaces.`)
  if (isRoundId(id))
    throw badId(
      `A run cannot have the id ${shown}: one that ends in "~" and a number is given to a run that goes on in another's place. Use another end.`,
    )
}

function badId(message: string): DefinitionError {
  return new DefinitionError({ code: 'bad_run_id', message })
}

function notTheFirst(runId: string, lineageId: string): DefinitionError {
  return new DefinitionError({
    code: 'not_the_first',
    message: `The run "${runId}" cannot be erased by itself: it came of "${lineageId}". Erase that one, with all that came of it.`,
    details: { runId, lineageId },
  })
}

function notEnded(runId: string, runIds: readonly string[]): DefinitionError {
  const ids = runIds.slice(0, 5).map((id) => `"${id}"`)
  const more = runIds.length > ids.length ? ` and ${runIds.length - ids.length} more` : ''
  return new DefinitionError({
    code: 'run_active',
    message: `The run "${runId}" cannot be erased: ${ids.join(', ')}${more} ${runIds.length > 1 ? 'have' : 'has'} not ended. Cancel ${runIds.length > 1 ? 'them' : 'it'} first: runtime.cancel(id).`,
    details: { runId, runIds },
  })
}
