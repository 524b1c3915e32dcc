import { unapprovedCall } from '../agent/approval.ts'
import { doubtedCall, type Resolution, says } from '../agent/doubt.ts'
import type { Schema } from '../contracts/schema.ts'
import type { RunRow } from '../contracts/run.ts'
import type { InboxMessage, Store } from '../contracts/store.ts'
import type { AnyDefinition } from '../define/plan.ts'
import type { Signal } from '../define/signal.ts'
import { Committer } from '../engine/committer.ts'
import type { Engine } from '../engine/engine.ts'
import type { ApprovalBody, ResolveBody } from '../engine/inbox.ts'
import { newOwner } from '../engine/owner.ts'
import { validate } from '../schema/decode.ts'
import { explain } from '../schema/explain.ts'
import { DefinitionError, messageOf } from '../words/errors.ts'
import { isRunId, newRunId } from '../words/ids.ts'
import { findUnjson, type Json } from '../words/json.ts'
import type { InferInput } from '../contracts/schema.ts'
import { Definitions as Registry } from './definitions.ts'
import { Driver } from './driver.ts'
import { Hub } from './hub.ts'
import type { RuntimeOptions } from './options.ts'
import { type Replay, replayEntries } from './replay.ts'
import { RunHandle } from './run-handle.ts'
import { Runs } from './runs.ts'
import { Starter } from './starter.ts'
import { quietLog, systemClock } from './system-clock.ts'
import type {
  EnqueueOptions,
  InputOfDefinition,
  OptionalUnlessContext,
  OutputOfDefinition,
  StartOptions,
} from './types.ts'
import { Worker, type WorkOptions } from './worker.ts'

/** Starts runs, drives them and takes them up again. Made by `createRuntime`. */
export class Runtime<Definitions extends readonly AnyDefinition[] = readonly AnyDefinition[]> {
  /** The runs of the store, to look at. */
  readonly runs: Runs
  readonly #store: Store
  readonly #definitions: Registry
  readonly #engine: Engine
  readonly #driver: Driver
  readonly #starter: Starter

  constructor(options: RuntimeOptions<Definitions>) {
    const { store, models: model, clock = systemClock, random = Math.random, log = quietLog, services } = options
    const hub = new Hub(log)
    const driving = new Set<string>()
    const definitions = new Registry(options.definitions, store)
    const engine: Engine = {
      store,
      committer: new Committer(store, clock),
      model,
      clock,
      random,
      log,
      services,
      owner: newOwner(driving),
      emit: (event) => hub.emit(event),
      // The engine drives runs that have children, and children are runs: they meet here.
      children: {
        run: (child) => this.#starter.run(child),
        cancel: (runId, reason) => this.#starter.cancel(runId, reason),
        continueAs: (row, workflow, input) => this.#starter.continueAs(row, workflow, input),
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
      definitionOf: (row) => definitions.of(row),
      ...(afterEnd && { afterEnd }),
    })
    this.#starter = new Starter(engine, this.#driver, (definition) => definitions.check(definition))
    this.runs = new Runs(store)
  }

  /**
   * Starts a run, and returns once its beginning is durable. An id seen before, with the same input, gives that run:
   * resumed, if nobody drives it.
   *
   * @param input what the user says to an agent or a team; what a workflow's schema takes.
   * @throws DefinitionError when the definition is not this runtime's, the input or context breaks its schema, or the id
   * belongs to a run with another input; StoreError when the store fails.
   */
  async start<D extends Definitions[number]>(
    definition: D,
    input: InputOfDefinition<D>,
    ...[options]: OptionalUnlessContext<D, StartOptions<D>>
  ): Promise<RunHandle<OutputOfDefinition<D>>> {
    const { id = newRunId(), tags = [], signal, context } = { context: undefined, ...options }
    this.#driver.checkOpen()
    checkRunId(id)
    await this.#starter.start({ id, definition, input, context, tags })
    return new RunHandle(this.#driver, id, signal)
  }

  /**
   * Leaves a run to a worker, of this process or another, and returns once it is durable. An id seen before, with the
   * same input, is that run.
   *
   * @throws what `start` throws.
   */
  async enqueue<D extends Definitions[number]>(
    definition: D,
    input: InputOfDefinition<D>,
    ...[options]: OptionalUnlessContext<D, EnqueueOptions<D>>
  ): Promise<{ readonly id: string }> {
    const { id = newRunId(), tags = [], priority = 0, context } = { context: undefined, ...options }
    this.#driver.checkOpen()
    checkRunId(id)
    await this.#starter.enqueue({ id, definition, input, context, tags, priority })
    return { id }
  }

  /** Takes runs that nobody drives, several at a time, until the worker or the runtime is stopped. */
  work(options: WorkOptions = {}): Worker {
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
    const definition = this.#definitions.of(await this.runs.get(runId))
    return replayEntries(runId, await this.runs.entries(runId), definition)
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
   * @param options.id two messages of one id are one. @default a fresh one
   * @throws DefinitionError when there is no such run, it is no workflow's or has ended, or the payload breaks its schema.
   */
  async send<Payload extends Schema>(
    runId: string,
    signal: Signal<Payload>,
    payload: InferInput<Payload>,
    { id = newRunId() }: { readonly id?: string } = {},
  ): Promise<void> {
    const row = await this.runs.get(runId)
    const body = { signal: signal.name, payload: checkSignal(row, signal, payload) }
    await this.#store.send({
      runId,
      dedupe: `signal:${signal.name}:${id}`,
      kind: 'signal',
      body,
      at: this.#engine.clock.now(),
    })
    await this.#wake(row)
  }

  /**
   * Says of a call in doubt whether it happened, and takes the run up again.
   *
   * @param key of the call, as the run's `waiting` names it.
   * @param by who says so.
   * @throws DefinitionError when no such call is in doubt, or somebody has said otherwise.
   */
  async resolve(runId: string, key: string, resolution: Resolution, by = 'a person'): Promise<RunHandle> {
    const result = resolution.happened ? resolution.result : null
    const lost = findUnjson(result)
    if (lost) {
      const message = `The result to resolve with is not JSON: ${lost.path || 'it'} is ${lost.found}. Give plain JSON.`
      throw new DefinitionError({ code: 'bad_input', message })
    }
    const call = doubtedCall(runId, await this.runs.entries(runId), key, resolution)
    if (call.kind === 'doubted') await this.#say(runId, key, call.attempt, resolution, by)
    this.#driver.poke(runId)
    return this.resume(runId)
  }

  /**
   * Allows a call that waits for it, with the arguments that were shown and no others, and takes the run up again.
   *
   * @param key of the call, as the run's `waiting` names it.
   * @param options.by who allows it: it is journaled.
   * @throws DefinitionError when no such call waits, or somebody has said otherwise.
   */
  approve(runId: string, key: string, { by }: { readonly by: string }): Promise<RunHandle> {
    return this.#approval(runId, { key, by, approved: true, reason: '' })
  }

  /**
   * Refuses a call that waits to be allowed: the model is told so, with the reason, and the run goes on.
   *
   * @throws what `approve` throws.
   */
  reject(
    runId: string,
    key: string,
    { by, reason = '' }: { readonly by: string; readonly reason?: string },
  ): Promise<RunHandle> {
    return this.#approval(runId, { key, by, approved: false, reason })
  }

  /** Finishes and writes what is under way, gives the runs up as they then stand, and closes the store. Never throws: a failure is logged. */
  async close(): Promise<void> {
    await this.#driver.close()
    await this.#store
      .close()
      .catch((error: unknown) => this.#engine.log.error(`The store did not close: ${messageOf(error)}`))
  }

  /** The same as `close`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** A run that rests goes on by this runtime, where it knows its definition; else by whoever does. */
  async #wake(row: RunRow): Promise<void> {
    if (this.#driver.poke(row.id) || !this.#definitions.has(row) || row.status === 'queued') return
    await this.#driver.exclusively(row.id, () => this.#driver.open(row.id))
  }

  async #approval(runId: string, said: ApprovalBody): Promise<RunHandle> {
    const { key, approved } = said
    const call = unapprovedCall(runId, await this.runs.entries(runId), key, approved)
    if (call.kind === 'waits') {
      const before = await this.#leave(runId, 'approval', `approval:${key}:${call.attempt}`, { ...said })
      const other = before as ApprovalBody | undefined
      if (other && other.approved !== approved)
        throw saidOtherwise(runId, key, other.by, other.approved ? 'allowed it' : 'refused it')
    }
    this.#driver.poke(runId)
    return this.resume(runId)
  }

  /** Two who say the same are one; who says otherwise is told so. */
  async #say(runId: string, key: string, attempt: number, resolution: Resolution, by: string): Promise<void> {
    const result = resolution.happened ? resolution.result : null
    const body = { key, by, happened: resolution.happened, result } satisfies ResolveBody
    const said = (await this.#leave(runId, 'resolve', `resolve:${key}:${attempt}`, body)) as ResolveBody | undefined
    if (!said || says(said, resolution)) return
    throw saidOtherwise(runId, key, said.by, said.happened ? 'said that it happened' : 'said that it did not happen')
  }

  /** Leaves a message; gives the one that lies there already under its mark. */
  async #leave(runId: string, kind: InboxMessage['kind'], dedupe: string, body: Json): Promise<unknown> {
    if (await this.#store.send({ runId, dedupe, kind, body, at: this.#engine.clock.now() })) return undefined
    return (await this.#store.inbox(runId)).find((message) => message.dedupe === dedupe)?.body
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

function saidOtherwise(runId: string, key: string, by: string, what: string): DefinitionError {
  const message = `${by} has ${what}, of "${key}" of the run "${runId}": you cannot say otherwise now.`
  return new DefinitionError({ code: 'said_otherwise', message, details: { runId, key } })
}

/**
 * Checks a run's id.
 *
 * @throws DefinitionError with code `bad_run_id`.
 */
function checkRunId(id: string): void {
  if (typeof id === 'string' && isRunId(id)) return
  throw new DefinitionError({
    code: 'bad_run_id',
    message: `A run cannot have the id ${JSON.stringify(id)}. Use 1 to 200 printable characters without spaces.`,
  })
}

function checkSignal({ id, kind, status, endedAt }: RunRow, signal: Signal, payload: unknown): Json {
  const where = `The signal "${signal.name}" cannot be sent to the run "${id}"`
  if (kind !== 'workflow')
    throw new DefinitionError({
      code: 'bad_signal',
      message: `${where}: it is a run of ${kind === 'agent' ? 'an agent' : 'a team'}, and only workflows receive signals.`,
    })
  if (endedAt !== null) throw new DefinitionError({ code: 'run_ended', message: `${where}: it has ended (${status}).` })
  const decoded = validate(signal.payload, payload)
  if (!decoded.ok) throw new DefinitionError({ code: 'bad_signal', message: `${where}. ${explain(decoded.issues)}` })
  const lost = findUnjson(decoded.value)
  if (lost)
    throw new DefinitionError({
      code: 'bad_signal',
      message: `${where}: ${lost.path || 'its payload'} is ${lost.found}. Use plain JSON.`,
    })
  return JSON.parse(JSON.stringify(decoded.value)) as Json
}
