import type { Resolution } from '../agent/state/doubt.ts'
import type { AuditEntry, AuditFilter, Author, By } from '../contracts/audit.ts'
import type { InferInput, Schema } from '../contracts/schema.ts'
import { checkHas, checkKind, checkOptions } from '../define/argument.ts'
import { checkText, checkTexts } from '../define/names.ts'
import type { AnyWorkflow } from '../define/any-workflow.ts'
import type { AnyDefinition } from '../define/plan.ts'
import type { Signal } from '../define/signal.ts'
import { askOf } from '../journal/keys.ts'
import { newRunId } from '../values/ids.ts'
import type { Parts } from './assemble.ts'
import { audit, pruneAudit, type PruneAuditOptions } from './read/audit.ts'
import { type Exported, exportRuns, type ExportOptions } from './golden/export.ts'
import { type Imported, importRuns } from './golden/import.ts'
import type { GoldenText } from './golden/read.ts'
import type { BacktestFilter, BacktestOptions } from './backtest/options.ts'
import type { BacktestEstimate, BacktestReport } from './backtest/report.ts'
import { RunHandle } from './handle/run-handle.ts'
import { type Health, healthOf } from './health/health.ts'
import { type QueueOptions, type QueueStats, queueStats } from './health/queue-stats.ts'
import { absentOf, refuseAbsent } from './mail/absent.ts'
import type { Answer, Approval } from './mail/mail.ts'
import { leaveRewind, type RewindOptions } from './mail/rewind.ts'
import { openSession } from './open-session.ts'
import type { Session } from './conversations/session.ts'
import { type AskFilter, type Asks, pendingAsks } from './read/asks.ts'
import { diffRuns, type RunDiff } from './read/diff.ts'
import { Memories } from './memory/memories.ts'
import type { Replay } from './read/replay.ts'
import { replayStored } from './read/replay-stored.ts'
import type { Runs } from './read/runs.ts'
import { replayMany } from './replay/replay-many.ts'
import type { ReplayFilter, ReplayOptions, Replays } from './replay/replays.ts'
import { declareSchedule } from './schedules/declare.ts'
import type { Schedule } from './schedules/schedule.ts'
import { Schedules } from './schedules/schedules.ts'
import { authorIn, authorOf } from './setup/author.ts'
import type { Whose } from './setup/whose.ts'
import { badAnswerId, checkResolution, checkRunId } from './setup/checks.ts'
import type { ForkOptions } from './start/forks.ts'
import { queueing } from './start/queueing.ts'
import type { Start } from './start/starter.ts'
import { partsOfTenant, refuseTenant, subjectIn, whoseIn } from './tenant.ts'
import type {
  EnqueueOptions,
  InTransaction,
  InputOfDefinition,
  OptionalUnlessContext,
  OutputOfDefinition,
  RegisteredIn,
  ScheduleOptions,
  SendOptions,
  SessionOptions,
  StartOptions,
} from './types.ts'
import { eraseSubject, type EraseSubjectOptions, type SubjectErased } from './subject/erase-subject.ts'
import { exportSubject, type ExportSubjectOptions, type SubjectPart } from './subject/export-subject.ts'
import type { Subject } from './subject/subject.ts'
import { backup, erase, type Erased, gc, type GcOptions } from './upkeep.ts'
import type { RetentionOptions } from './workers/retention.ts'
import { leave, type Left } from './within/leave.ts'
import { Worker, type WorkOptions } from './workers/worker.ts'

/** Starts runs, drives them and takes them up again. Made by `createRuntime`. */
export class Runtime<Definitions extends readonly AnyDefinition[] = readonly AnyDefinition[]> {
  /** The runs of the store, to look at. */
  readonly runs: Runs
  /** The schedules of the store, to look at, to pause and to run. */
  readonly schedules: Schedules
  /** What is known of people and tenants across runs, to look at, to correct and to erase. */
  readonly memory: Memories
  /** What it was made with: all agents, teams and workflows whose runs it starts and resumes. */
  readonly definitions: Definitions
  /** What it was made with: for how long runs are kept once they have ended. Empty where all are. */
  readonly retention: RetentionOptions
  readonly #parts: Parts
  readonly #workers: Worker[] = []

  constructor(definitions: Definitions, parts: Parts, retention: RetentionOptions) {
    this.definitions = definitions
    this.retention = retention
    this.#parts = parts
    this.runs = parts.runs
    const checkOpen = (): void => parts.driver.checkOpen()
    const whose = (what: string, given: Whose): ReturnType<typeof whoseIn> => whoseIn(parts, what, given)
    this.memory = new Memories({ engine: parts.engine, checkOpen, whose }, definitions)
    this.schedules = new Schedules({ ...parts, checkOpen })
  }

  /**
   * Gives a runtime that begins, sees and takes the runs of one tenant alone: whatever else names a run gets the answer that
   * it would get where there is none. It is a view: runs are driven by this runtime, whose heartbeat, commits and events it
   * shares, so that it costs nothing to make one for each request. Closing it does nothing; closing this one ends both.
   *
   * Ids are one set for all tenants: one that another tenant's run has is refused as taken, and nothing else is said of it.
   *
   * @param tenant 1 to 200 characters.
   * @throws DefinitionError when it is no such text, or this is a runtime of another tenant.
   * @example
   * ```ts
   * import { createRuntime, defineAgent } from '@reprise/core'
   * import { memoryStore, scriptedModel } from '@reprise/testing'
   *
   * const poet = defineAgent({ name: 'poet', model: 'gpt-4.1-mini', instructions: 'Write one line.' })
   * const models = scriptedModel(() => ({ text: 'Rain again.' }))
   * await using runtime = createRuntime({ store: memoryStore(), models, definitions: [poet] })
   * await runtime.forTenant('acme').start(poet, 'About spring', { user: 'ann' })
   * console.log((await runtime.forTenant('acme').runs.list()).length) // 1
   * console.log((await runtime.forTenant('other').runs.list()).length) // 0
   * ```
   */
  forTenant(tenant: string): Runtime<Definitions> {
    return new Runtime(this.definitions, partsOfTenant(this.#parts, tenant), this.retention)
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
    this.#parts.driver.checkOpen()
    if (signal) checkHas('runtime.start was given signal', signal, 'addEventListener', 'Give it an AbortSignal.')
    checkRunId(id)
    checkTexts('A run', 'tags', tags)
    const whose = whoseIn(this.#parts, 'runtime.start', options)
    await this.#parts.starter.start({ id, definition, input, context, tags, ...whose })
    return new RunHandle(this.#parts.driver, id, signal)
  }

  /**
   * Gives a conversation: messages that each begin a run, which goes on from the one before. It is there from its first message
   * on, and costs nothing while nobody says anything. Its runs share what they keep secret, are erased together, and are
   * deleted when none of them goes on or is younger than what is kept.
   *
   * @param id of the session: 1 to 120 printable characters without spaces and without "/". Ids are one set for all tenants.
   * @param options.context as each run is given it.
   * @throws DefinitionError when the id or an option is not what it must be.
   * @example
   * ```ts
   * import { createRuntime, defineAgent } from '@reprise/core'
   * import { memoryStore, scriptedModel } from '@reprise/testing'
   *
   * const desk = defineAgent({ name: 'desk', model: 'gpt-4.1-mini', instructions: 'You help the customers of a shop.' })
   * const models = scriptedModel(({ items }) => ({ text: `I have heard ${items.length} things.` }))
   * await using runtime = createRuntime({ store: memoryStore(), models, definitions: [desk] })
   * const session = runtime.session('chat-7', { agent: desk })
   * await session.send('Where is my order?', { id: 'm1' })
   * console.log(await (await session.send('It was due on Friday.', { id: 'm2' })).result()) // I have heard 3 things.
   * console.log((await session.history()).map(({ item }) => item.kind)) // [ 'user', 'assistant', 'user', 'assistant' ]
   * ```
   */
  session<D extends AnyDefinition & { readonly kind: 'agent' | 'team' }>(
    id: string,
    options: SessionOptions<D & RegisteredIn<Definitions, D>>,
  ): Session<OutputOfDefinition<D>> {
    return openSession(this.#parts, id, options)
  }

  /**
   * Leaves a run to a worker, of this process or another, and returns once it is durable. An id seen before, with the
   * same input, is that run, as it was queued first.
   *
   * With `tx` the run is part of a transaction of the program's: it is there, and a worker takes it, if and only if that is
   * committed. What is returned promises no more than that.
   *
   * @throws what `start` throws; with code `no_tx` or `bad_tx` where `tx` is no transaction of the store. One that is synchronous
   * fails with it.
   */
  enqueue<D extends AnyDefinition>(
    definition: D & RegisteredIn<Definitions, D>,
    input: InputOfDefinition<D>,
    ...[options]: OptionalUnlessContext<D, EnqueueOptions<D>>
  ): Promise<{ readonly id: string }> {
    const { id = newRunId(), tags = [], context, tx, ...how } = { context: undefined, ...options }
    const checked = (): Start => {
      this.#parts.driver.checkOpen()
      checkRunId(id)
      checkTexts('A run', 'tags', tags)
      const whose = whoseIn(this.#parts, 'runtime.enqueue', options)
      const queued = queueing('enqueue', how, this.#parts.engine.clock.now())
      return { id, definition, input, context, tags, ...whose, ...queued }
    }
    return leave(this.#parts, tx, {
      alone: async () => {
        await this.#parts.starter.enqueue(checked())
        return { id }
      },
      *within(inside) {
        yield* inside.enqueue(checked())
        return { id }
      },
    })
  }

  /**
   * Declares a schedule: from then on a worker that has the definition, of this process or another, begins a run at each
   * moment of a cron pattern, each moment once. The same call at each start of each process changes nothing; with other
   * options it changes the schedule of that name from now on, unless one of a higher `version` was declared.
   *
   * @param name 1 to 100 printable characters of ASCII without spaces. Its runs have the tag `schedule:NAME`, and the id
   * `schedule:NAME@2026-11-30T02:30:00Z`.
   * @returns the schedule as it stands, which may be one of a higher version.
   * @throws DefinitionError when the pattern is none or never comes (`bad_cron`), the time zone, the name or an option is
   * wrong, the definition is not this runtime's, or the input breaks its schema or holds a secret.
   */
  async schedule<D extends AnyDefinition>(
    name: string,
    options: ScheduleOptions<D> & { readonly definition: RegisteredIn<Definitions, D> },
  ): Promise<Schedule> {
    const { definitions, driver, engine, only } = this.#parts
    driver.checkOpen()
    if (!only) return declareSchedule(engine, definitions, name, options)
    const { tenant } = whoseIn(this.#parts, 'runtime.schedule', options)
    return declareSchedule(engine, definitions, name, { ...options, ...(tenant !== null && { tenant }) })
  }

  /**
   * Takes runs that nobody drives, several at a time, and fires schedules, until the worker or the runtime is stopped. While
   * it does, what `retention` keeps no longer is deleted.
   */
  work(options: WorkOptions = {}): Worker {
    checkOptions('runtime.work was given options', options, 'Give it { concurrency }, or nothing.')
    this.#parts.driver.checkOpen()
    const worker = new Worker(this.#parts, options)
    const working = this.#workers.filter(({ health }) => health.state !== 'stopped')
    this.#workers.splice(0, Infinity, ...working, worker)
    return worker
  }

  /**
   * Counts how the runs stand that have not ended, of all definitions and whoever drives them: for metrics and alerts. What
   * that costs does not grow with the runs that have ended.
   *
   * @throws DefinitionError with code `runtime_closed`; StoreError when the store fails.
   */
  async queue(options: QueueOptions = {}): Promise<QueueStats> {
    this.#parts.driver.checkOpen()
    refuseTenant(this.#parts, 'Counting the queue')
    return queueStats(this.#parts, options)
  }

  /**
   * Looks how this process is, for the probes of whatever runs it: whether its store answers within two seconds, whether its
   * workers look for runs, and whether others are shown that it lives. It is not ready any more from the moment on at which a
   * worker or the runtime is told to stop. Never throws.
   */
  health(): Promise<Health> {
    return healthOf(this.#parts, this.#workers)
  }

  /**
   * Takes a run up where its journal ends. One that has ended is given as it is; one that another process drives is
   * followed, and taken over should that process die.
   *
   * @throws DefinitionError when there is no such run or its definition is not this runtime's; DivergenceError when
   * today's code would go another way.
   */
  async resume(runId: string): Promise<RunHandle> {
    this.#parts.driver.checkOpen()
    // Whoever hears that a child is started may be faster than its start.
    await this.#parts.starter.begun(runId)
    await this.runs.get(runId)
    await this.#parts.driver.exclusively(runId, () => this.#parts.driver.open(runId))
    return new RunHandle(this.#parts.driver, runId)
  }

  /**
   * Takes a stored run up again under today's code, offline: no model is asked, no tool or step is run, nothing is
   * written.
   *
   * @throws DefinitionError when there is no such run or its definition is not this runtime's.
   */
  replay(runId: string): Promise<Replay>
  /**
   * Takes many stored runs up again, as the one is, and asks of those that have not ended whether a resume would go on:
   * nothing is claimed, and what one run comes to keeps nobody from the others. They are read as they are asked for.
   *
   * @throws DefinitionError when the filter or the options are none.
   * @example
   * ```ts
   * import { createRuntime, defineAgent } from '@reprise/core'
   * import { memoryStore, scriptedModel } from '@reprise/testing'
   *
   * const store = memoryStore()
   * const models = scriptedModel([{ text: 'Rain again.' }])
   * const poet = defineAgent({ name: 'poet', model: 'gpt-4.1-mini', instructions: 'Write one line.' })
   * await using before = createRuntime({ store, models, definitions: [poet] })
   * await (await before.start(poet, 'About spring', { id: 'r1' })).result()
   *
   * const today = defineAgent({ name: 'poet', model: 'gpt-4.1-mini', instructions: 'Write two lines.' })
   * await using runtime = createRuntime({ store, models, definitions: [today] })
   * for await (const { runId, status } of runtime.replay({ name: 'poet' })) console.log(runId, status) // r1 matched
   * const { inFlight, answers } = await runtime.replay({}).summary()
   * console.log(inFlight.broken, answers.different) // 0 1
   * ```
   */
  replay(filter: ReplayFilter, options?: ReplayOptions): Replays
  replay(what: string | ReplayFilter, options: ReplayOptions = {}): Promise<Replay> | Replays {
    if (typeof what === 'object' && what !== null) return replayMany(this.#parts, what, options)
    return replayStored(this.#parts, what)
  }

  /**
   * Holds recorded conversations again with another model, other settings or other definitions, and says what would be
   * different. The model is really asked, and paid; calls are answered from the journals, in whatever order they come.
   * Nothing is written to the store, no tool runs (but one that only reads, where `unrecorded` is `read-live`), and nothing
   * in the world is touched.
   *
   * Recorded instructions, tools and settings hold, unless `definitions` says otherwise; rules, approvals, schemas and
   * budgets are those of today's code.
   *
   * @returns each run's comparison, and their sums. A run that cannot be backtested is skipped, and counted. Where the model
   * cannot be asked any more, or the budget is spent, `partial` says so.
   * @throws DefinitionError when the filter or an option is wrong; the signal's reason when it aborts; what the model throws
   * where it cannot be asked at all.
   * @example
   * ```ts
   * import { createRuntime, defineAgent } from '@reprise/core'
   * import { memoryStore, scriptedModel } from '@reprise/testing'
   *
   * const poet = defineAgent({ name: 'poet', model: 'gpt-4.1-mini', instructions: 'Write one line.' })
   * const models = scriptedModel(({ card }) => ({ text: card.model === 'gpt-4.1-mini' ? 'Rain again.' : 'Sun at last.' }))
   * await using runtime = createRuntime({ store: memoryStore(), models, definitions: [poet] })
   * await (await runtime.start(poet, 'About spring')).result()
   * const { all } = await runtime.backtest({ name: 'poet' }, { model: 'gpt-6-luna' })
   * console.log(all.same, all.reworded) // 1 1
   * ```
   */
  async backtest(filter: BacktestFilter, options: BacktestOptions): Promise<BacktestReport> {
    this.#parts.driver.checkOpen()
    const { backtest } = await import('./backtest/backtest.ts')
    return backtest(this.#parts, filter, options)
  }

  /**
   * Says how many asks a backtest of the same filter and options would take, and what they would cost at most. No model is
   * asked.
   *
   * @throws DefinitionError when the filter or an option is wrong.
   */
  async estimateBacktest(filter: BacktestFilter, options: BacktestOptions): Promise<BacktestEstimate> {
    this.#parts.driver.checkOpen()
    const { estimateBacktest } = await import('./backtest/estimate.ts')
    return estimateBacktest(this.#parts, filter, options)
  }

  /**
   * Goes on from the first entries of a run in a new run with an id, keys and a bill of its own, under today's code and
   * text. The run itself stays as it is. After the fork point nothing but tools that read runs, unless `effects` is
   * `live`: a run that comes to more ends as `incomplete`. An id seen before, with the same fork, gives that run.
   *
   * With `edit` something is otherwise in the fork: the last entry that it takes over, or how an agent goes on.
   *
   * @throws DefinitionError when there is no such run, it has no such entries, the last of them cannot be edited so
   * (`bad_edit`, which says at which it can), its definition is not this runtime's, or the id belongs to another run or
   * to a fork that is edited otherwise; DivergenceError when today's code goes another way within those entries.
   */
  async fork(runId: string, options: ForkOptions): Promise<RunHandle> {
    const expected = "Give it { at }, with how many of the run's entries the fork begins with."
    checkOptions('runtime.fork was given options', options, expected)
    const { at, id = newRunId(), effects = 'read', edit = [] } = options
    const by = authorIn('runtime.fork', options.by)
    this.#parts.driver.checkOpen()
    checkRunId(id)
    await this.#parts.forks.fork(await this.runs.get(runId), { at, id, effects, edits: [edit].flat(), by })
    return new RunHandle(this.#parts.driver, id)
  }

  /**
   * Compares two runs of the store, step by step, as `diffEntries` does. Offline: no definition is needed. What a lineage
   * keeps secret has another token in each lineage, and so is another text in two that are not of one.
   *
   * @throws DefinitionError when there is no such run.
   */
  diff(runA: string, runB: string): Promise<RunDiff> {
    return diffRuns(this.runs, runA, runB)
  }

  /**
   * Ends a run for good, also when another process drives it. Returns when the wish is durable; the run's outcome
   * tells when it is done. One that has ended stays as it is.
   *
   * @param given.by who wants it: it is kept in the audit. @default unknown
   * @param given.tx makes the wish part of a transaction of the program's; one that nobody drives is then ended by a worker,
   * or by `resume`.
   * @throws DefinitionError when there is no such run.
   */
  cancel(runId: string, reason = 'cancelled', given: InTransaction & { readonly by?: By } = {}): Promise<void> {
    const author = (): Author => authorIn('runtime.cancel', given?.by)
    return leave(this.#parts, given?.tx, {
      alone: async () => {
        const by = author()
        await this.runs.get(runId)
        await this.#parts.driver.cancel(runId, reason, by)
      },
      within: (inside) => inside.cancel(runId, reason, author()),
    })
  }

  /**
   * Sends a signal to a workflow run, and takes the run up where this runtime can. One that nobody waits for yet is kept.
   * Where there is no such run it is refused, unless `create` begins it with the signal, or `early` lets the signal wait.
   *
   * @param options.tx makes the signal part of a transaction of the program's, in which the run may have been begun; one that
   * rests is then taken up by a worker, or by `resume`. It does not go together with `create` and `early`.
   * @throws DefinitionError when there is no such run, it is no workflow's or has ended, or the payload breaks its schema; with
   * `create`, what `enqueue` throws, and with code `run_exists` when the run is of another definition, tenant or user.
   * @example
   * ```ts
   * import { createRuntime, defineSignal, defineWorkflow } from '@reprise/core'
   * import { memoryStore, scriptedModel } from '@reprise/testing'
   * import { z } from 'zod'
   *
   * const said = defineSignal({ name: 'said', payload: z.string() })
   * const customer = defineWorkflow({
   *   name: 'customer',
   *   input: z.string(),
   *   run: async (ctx) => ctx.step('answer', () => undefined),
   * })
   * await using runtime = createRuntime({ store: memoryStore(), models: scriptedModel([]), definitions: [customer] })
   * // One run a customer, whoever writes first: each message comes to it, in order.
   * for (const text of ['Where is my order?', 'And the invoice?'])
   *   await runtime.send('customer-7', said, text, { create: { workflow: customer, input: '7' } })
   * console.log((await runtime.runs.list()).length) // 1
   * ```
   */
  send<Payload extends Schema, W extends AnyWorkflow = AnyWorkflow>(
    runId: string,
    signal: Signal<Payload>,
    payload: InferInput<Payload>,
    options: SendOptions<W> & InTransaction = {},
  ): Promise<void> {
    const checked = (): string | undefined => {
      checkKind('runtime.send was given signal', signal, ['signal'], 'Give it what defineSignal gave.')
      checkOptions('runtime.send was given options', options, 'Give it { id, create, early, tx }, or nothing.')
      if (options.id !== undefined) checkText('send', 'id', options.id)
      return options.id
    }
    return leave(this.#parts, options?.tx, {
      alone: async () => {
        const id = checked()
        if (options.early) refuseTenant(this.#parts, 'Keeping a signal for a run that is not there')
        const absent = absentOf(this.#parts, runId, options, (what, given) => whoseIn(this.#parts, what, given))
        await this.#parts.messenger.send(runId, signal, payload, id, absent)
      },
      within: (inside) => {
        const id = checked()
        refuseAbsent(options)
        return inside.send(runId, signal, payload, id)
      },
    })
  }

  /**
   * Says of a call in doubt whether it happened, and takes the run up again.
   *
   * @param id of the doubt, as the run's `waiting` names it: each attempt that is in doubt has another, so that a word that
   * comes late settles no other.
   * @param by who says so.
   * @param options.tx as `approve` has it.
   * @throws DefinitionError when no such call is in doubt, or somebody has said otherwise.
   */
  settleDoubt(
    runId: string,
    id: string,
    resolution: Resolution,
    by: By = 'a person',
    { tx }: InTransaction = {},
  ): Promise<RunHandle> {
    const checked = (): Author => {
      const author = authorOf('runtime.settleDoubt', { by })
      checkText('runtime.settleDoubt', 'id', id)
      checkResolution('runtime.settleDoubt', resolution)
      return author
    }
    return this.#answer(runId, tx, {
      alone: async () => this.#parts.messenger.resolution(runId, id, resolution, checked()),
      within: (inside) => inside.resolution(runId, id, resolution, checked()),
    })
  }

  /** @deprecated Its name is `settleDoubt` now. */
  resolve(runId: string, id: string, resolution: Resolution, by?: By): Promise<RunHandle> {
    return this.settleDoubt(runId, id, resolution, by)
  }

  /**
   * Lists what people and other systems are asked just now: the calls that somebody must allow, and those that somebody is to
   * answer, of all runs that rest, in the order in which the runs were created, a page at a time. What it costs grows with
   * the runs that wait, and not with those that have ended.
   *
   * @throws DefinitionError when a part of the filter is not what it must be; StoreError when the store fails.
   * @example
   * ```ts
   * import { createRuntime } from '@reprise/core'
   * import { memoryStore, scriptedModel } from '@reprise/testing'
   *
   * await using runtime = createRuntime({ store: memoryStore(), models: scriptedModel([]), definitions: [] })
   * const { asks, next } = await runtime.approvals({ kind: 'approval', limit: 20 })
   * for (const { runId, id, tool, ageMs } of asks) console.log(runId, id, tool, ageMs)
   * console.log(next) // null
   * ```
   */
  async approvals(filter: AskFilter = {}): Promise<Asks> {
    this.#parts.driver.checkOpen()
    return pendingAsks(this.#parts.engine, filter)
  }

  /**
   * Allows a call that waits for it, with the arguments that were shown, or with others that are given here, and takes the run
   * up again.
   *
   * @param id of the ask, as the run's `waiting` names it.
   * @param given.by who allows it: it is journaled. Where the tool has `approvers`, so many must call this, each of them known
   * by an authenticated source.
   * @param given.reason why, for the journal.
   * @param given.arguments with which it is to run instead of the model's: all of them, as the tool's schema takes them. The
   * call is judged again by the rules with these, keeps its idempotency key, and the model is told what ran. Where several
   * must allow it, the others are asked about these, under another id. @default those that were shown
   * @param given.tx makes the word part of a transaction of the program's: the run is not taken up here then, but by a worker, or
   * by `resume` once that is committed.
   * @throws DefinitionError when no such call waits, its time is over, its tool does or takes something else today, or
   * somebody has said otherwise; with code `bad_arguments` when the tool's schema does not take those given here; with
   * `not_authenticated` when several must allow it, and the source of `by` is none that authenticates anybody.
   */
  approve(
    runId: string,
    id: string,
    given: InTransaction & {
      readonly by: By
      readonly reason?: string
      readonly arguments?: Readonly<Record<string, unknown>>
    },
  ): Promise<RunHandle> {
    const said = (): Approval => {
      const edit = given?.arguments === undefined ? {} : { arguments: given.arguments }
      return { id, by: authorOf('approve', given), approved: true, reason: given.reason ?? '', ...edit }
    }
    return this.#approval(runId, given?.tx, said)
  }

  /**
   * Refuses a call that waits to be allowed: the model is told so, with the reason, and the run goes on.
   *
   * @throws what `approve` throws.
   */
  reject(
    runId: string,
    id: string,
    given: InTransaction & { readonly by: By; readonly reason?: string },
  ): Promise<RunHandle> {
    const said = (): Approval => ({ id, by: authorOf('reject', given), approved: false, reason: given.reason ?? '' })
    return this.#approval(runId, given?.tx, said)
  }

  /**
   * Answers a call of a tool that somebody else answers (`external: true`), and takes its run up again. The first valid answer
   * counts: whoever gives another one later is told so, and the same one again is no error.
   *
   * @param id of the ask, as the run's `waiting` names it: the run, which may be a child of another, and the place of the call
   * in it. It is no secret: ask who somebody is before you take their answer.
   * @param value what the tool's `output` takes.
   * @param given.by who answers: it is journaled, and kept in the audit.
   * @param given.tx as `approve` has it.
   * @throws DefinitionError with code `bad_answer` when the tool's `output` does not take the value, and the run waits on;
   * with `answered` when somebody has given another answer, with `answer_expired` when its time is over, with `not_asked` when
   * nobody is asked so; with `unregistered` when the tool is not this runtime's.
   * @example
   * ```ts
   * import { createRuntime, defineAgent, defineTool } from '@reprise/core'
   * import { memoryStore, scriptedModel } from '@reprise/testing'
   * import { z } from 'zod'
   *
   * const payment = defineTool({
   *   name: 'await_payment',
   *   description: 'Waits until an invoice is paid.',
   *   external: true,
   *   input: z.object({ invoice: z.string() }),
   *   output: z.object({ paidUsd: z.number() }),
   * })
   * const clerk = defineAgent({ name: 'clerk', model: 'gpt-4.1-mini', instructions: 'Await payments.', tools: [payment] })
   * const models = scriptedModel([{ calls: [{ name: 'await_payment', arguments: { invoice: 'i7' } }] }, { text: 'Paid.' }])
   * await using runtime = createRuntime({ store: memoryStore(), models, definitions: [clerk] })
   * const run = await runtime.start(clerk, 'Send the invoice i7', { id: 'i7' })
   * await run.outcome()
   * const paid = await runtime.answer('i7/agent:0/turn:0/call:0', { paidUsd: 12 }, { by: 'the bank' })
   * console.log(await paid.result()) // Paid.
   * ```
   */
  answer(id: string, value: unknown, given: InTransaction & { readonly by: By }): Promise<RunHandle> {
    const of = typeof id === 'string' ? askOf(id) : undefined
    const said = (): Answer => {
      const by = authorOf('answer', given)
      if (!of) throw badAnswerId(id)
      return { ask: of.ask, by, value }
    }
    const runId = of?.runId ?? ''
    return this.#answer(runId, given?.tx, {
      alone: async () => this.#parts.messenger.answer(runId, said()),
      within: (inside) => inside.answer(runId, said()),
    })
  }

  /**
   * Lets a run go on with a fork of its child instead of that child, and takes it up again. Both runs stay, under their
   * ids; the child is cancelled where it has not ended, and the fork is the run's child from then on.
   *
   * @throws DefinitionError with code `bad_rewind` when there is no such child, the other is no fork of it or may do more
   * or less than the run, or the run has heard what the child came to: then the error says how to fork the run instead.
   */
  async rewind(runId: string, options: RewindOptions): Promise<RunHandle> {
    checkOptions('runtime.rewind was given options', options, 'Give it { from, to, by }: two runs, and who wants it.')
    const asked = { from: options.from, to: options.to, by: authorOf('rewind', options) }
    await leaveRewind(this.#parts, runId, asked)
    this.#parts.driver.notify(runId)
    return this.resume(runId)
  }

  /**
   * Puts a run in quarantine back among those that a worker, `resume` or `start` may take up. It is in quarantine once
   * its last 5 owners died with it, or when its journal is damaged.
   *
   * @param given.by who has looked at it: it is journaled.
   * @throws DefinitionError when there is no such run or it is not in quarantine; StoreError when its journal is still
   * damaged.
   */
  async unquarantine(runId: string, given: { readonly by: By }): Promise<void> {
    const by = authorOf('unquarantine', given)
    await this.runs.get(runId)
    await this.#parts.driver.release(runId, by)
  }

  /** @deprecated Its name is `unquarantine` now. */
  release(runId: string, given: { readonly by: By }): Promise<void> {
    return this.unquarantine(runId, given)
  }

  /**
   * Gives runs as the text of a golden file, a line at a time, each with its line feed: a file that stands by itself, and
   * that `import` reads. A run's children, and the continuations after it, come with it; a run that was erased is left out
   * where it is not named. What is secret stands there as the token that its store has for it, and never as itself.
   *
   * @param runs an id, several, or what `runs.list` takes, without its pages: all that fit, `{}` for all there are.
   * @returns what `writeFile` takes. Nothing is read before it is asked for, and memory does not grow with the runs.
   * @throws DefinitionError by the iteration: with code `unknown_run`, and with `secret_in_clear` where an entry was
   * written before a secret that it holds was known; StoreError when what is stored is not what was written.
   * @example
   * ```ts
   * import { writeFile } from 'node:fs/promises'
   * import { createRuntime } from '@reprise/core'
   * import { openai } from '@reprise/openai'
   * import { sqlite } from '@reprise/store'
   *
   * await using runtime = createRuntime({ store: sqlite('desk.db'), models: openai(), definitions: [] })
   * await writeFile('support.golden.jsonl', runtime.export({ name: 'support', tag: 'golden' }))
   * ```
   */
  export(runs: Exported, options: ExportOptions = {}): AsyncGenerator<string, void, undefined> {
    checkOptions('runtime.export was given options', options, 'Give it { by, reader }, or nothing.')
    return exportRuns(this.#parts, runs, options)
  }

  /**
   * Writes the runs of a golden file that this store does not have, many in one commit. They replay, are shown and fork as
   * any other. One that had not ended is in quarantine here: no worker takes it, since it may go on where it comes from.
   *
   * A run that is there already, with the same entries, is left as it is: what was cut short is finished by doing it again.
   *
   * @param text of the file, cut anywhere: what `export` gives, `createReadStream(path)`, or `[text]`.
   * @param options.by who brings them: it is kept in the audit. @default unknown
   * @throws DefinitionError with code `bad_golden`, naming the line, when something in the file is not what it must be;
   * with `run_exists` when another run has the id of one. The runs before it may have been written by then.
   * @example
   * ```ts
   * import { createRuntime } from '@reprise/core'
   * import { memoryStore, scriptedModel } from '@reprise/testing'
   *
   * await using from = createRuntime({ store: memoryStore(), models: scriptedModel([]), definitions: [] })
   * await using to = createRuntime({ store: memoryStore(), models: scriptedModel([]), definitions: [] })
   * console.log(await to.import(from.export({}))) // { runs: [], parked: [], present: [] }
   * ```
   */
  async import(text: GoldenText, options: { readonly by?: By } = {}): Promise<Imported> {
    const by = authorIn('runtime.import', options.by)
    this.#parts.driver.checkOpen()
    return importRuns(this.#parts.engine, text, by, this.#parts.only)
  }

  /**
   * Deletes runs that have ended, with all that belongs to them alone: their children too, however and whenever those ended,
   * and nothing of it while one of these has not. Their ids may then begin anew, so keep them longer than anybody may start
   * them again.
   *
   * @returns how many were deleted.
   */
  async gc(options: GcOptions): Promise<number> {
    return gc(this.#parts.engine, options)
  }

  /**
   * Copies the store to a file, as of one moment, while runs go on. `restore` of the store's package makes a store of it.
   *
   * @throws DefinitionError when this store cannot; StoreError when something stands at the path.
   */
  async backup(path: string, options: { readonly by?: By } = {}): Promise<void> {
    refuseTenant(this.#parts, 'A backup')
    await backup(this.#parts.engine, path, authorIn('runtime.backup', options.by))
  }

  /**
   * Erases a lineage: what its runs, the first and all that came of it, hold is destroyed, and so is its key where the
   * store is encrypted. Nothing brings it back, a backup of the data included. The runs' rows stay, and say so.
   *
   * @param runId of the first run: the one that was started, and is no child or fork of another; or of any turn of a session, which
   * is erased whole.
   * @param given.by who wants it: it is told to whoever would read one of the runs.
   * @returns how many runs were erased; with `pending` where somebody reads the store's files just then: their text is gone
   * from them when that ends.
   * @throws DefinitionError when there is no such run, it is not the first of its lineage, or one of them has not ended.
   */
  async erase(runId: string, given: { readonly by: By }): Promise<Erased> {
    const by = authorOf('erase', given)
    return erase(this.#parts.engine, await this.runs.get(runId), by)
  }

  /**
   * Gives all that is kept of a person, or of a tenant: each run with its row, its entries as they are decoded, and what was
   * said to it and is not in its journal yet. What is secret stands there as its token, unless `secrets` is `revealed`. Runs
   * that were erased are left out; who did what to the runs is told by `audit`, and is not in it.
   *
   * @param subject `{ user }`, `{ tenant, user }`, or `{ tenant }` for all of its people.
   * @returns parts, in their order. Nothing is read before it is asked for, and memory does not grow with the runs.
   * @throws DefinitionError when nobody is named; StoreError when what is stored is not what was written.
   */
  exportSubject(subject: Subject, options: ExportSubjectOptions = {}): AsyncGenerator<SubjectPart, void, undefined> {
    return exportSubject(this.#parts.engine, subjectIn(this.#parts, subject), options)
  }

  /**
   * Erases all that is kept of a person, or of a tenant, as `erase` does, lineage by lineage: the rows of the runs stay, without
   * the person's name. Their schedules are deleted first, so that these begin nothing more. One with a run that has not ended is left, and said. What was cut short is finished by doing it again.
   *
   * @param subject `{ user }`, `{ tenant, user }`, or `{ tenant }` for all of its people.
   * @returns what was erased, which runs keep the rest, and where copies may be that this does not reach.
   * @throws DefinitionError when nobody is named, or `by` is not what it must be.
   */
  async eraseSubject(subject: Subject, options: EraseSubjectOptions): Promise<SubjectErased> {
    const { engine, only } = this.#parts
    return eraseSubject(engine, only?.of ?? engine.store, subjectIn(this.#parts, subject), options)
  }

  /**
   * Tells who did what to runs, when, and without what it was about: who approved, rejected, edited, cancelled, read, exported
   * or erased something. It is written down together with what it tells of, and outlives that: no erasure and no cleaning up
   * takes any of it, and the person whose data a run holds is not named there.
   *
   * @returns a page, in the order in which it was written down.
   * @throws DefinitionError when a part of the filter is not what it must be.
   */
  audit(filter: AuditFilter = {}): Promise<readonly AuditEntry[]> {
    return audit(this.#parts.engine, filter)
  }

  /**
   * Forgets what was done long ago, and keeps who wanted that. Nothing else ever takes anything from the audit.
   *
   * @returns how many entries.
   * @throws DefinitionError when `olderThanMs` or `by` is not what it must be.
   */
  async pruneAudit(options: PruneAuditOptions): Promise<number> {
    refuseTenant(this.#parts, 'Forgetting what was noted')
    return pruneAudit(this.#parts.engine, options)
  }

  /**
   * Finishes and writes what is under way, gives the runs up as they then stand, and lets go of the store: its files and
   * connections are closed where no other runtime has it, until it is used again. Never throws: a failure is logged.
   */
  async close(): Promise<void> {
    await this.#parts.close()
  }

  /** The same as `close`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #approval(runId: string, tx: object | undefined, said: () => Approval): Promise<RunHandle> {
    return this.#answer(runId, tx, {
      alone: async () => this.#parts.messenger.approval(runId, said()),
      within: (inside) => inside.approval(runId, said()),
    })
  }

  /** Says something to a run and goes on with it, or leaves that to others, where it is said within a transaction. */
  #answer(runId: string, tx: object | undefined, { alone, within }: Left<void>): Promise<RunHandle> {
    const { driver } = this.#parts
    return leave(this.#parts, tx, {
      alone: async () => {
        await alone()
        return this.resume(runId)
      },
      *within(inside) {
        yield* within(inside)
        return new RunHandle(driver, runId)
      },
    })
  }
}
