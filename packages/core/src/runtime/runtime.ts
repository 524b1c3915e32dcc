import { doubtedCall, type Resolution, says } from '../agent/doubt.ts'
import { emptyState, fold } from '../agent/fold.ts'
import type { Draft } from '../contracts/entry.ts'
import type { RunRow } from '../contracts/run.ts'
import type { Store } from '../contracts/store.ts'
import type { AnyDefinition, Plan } from '../define/plan.ts'
import { Committer } from '../engine/committer.ts'
import type { Engine } from '../engine/engine.ts'
import type { ResolveBody } from '../engine/inbox.ts'
import { JournalWriter } from '../engine/journal-writer.ts'
import { newOwner } from '../engine/owner.ts'
import { Session } from '../engine/session.ts'
import { DefinitionError, messageOf } from '../words/errors.ts'
import { newRunId } from '../words/ids.ts'
import { findUnjson } from '../words/json.ts'
import { checkRunId, firstDraft, firstRow } from './begin.ts'
import { checkSameStart } from './same-start.ts'
import { Driver } from './driver.ts'
import { Hub } from './hub.ts'
import { makePlans, type Plans, type RuntimeOptions } from './options.ts'
import { type Replay, replayEntries } from './replay.ts'
import { RunHandle } from './run-handle.ts'
import { Runs } from './runs.ts'
import { quietLog, systemClock } from './system-clock.ts'
import type { OutputOfDefinition, StartArguments } from './types.ts'

/** Starts runs, drives them and takes them up again. Made by `createRuntime`. */
export class Runtime<Definitions extends readonly AnyDefinition[] = readonly AnyDefinition[]> {
  /** The runs of the store, to look at. */
  readonly runs: Runs
  readonly #store: Store
  readonly #plans: Plans
  readonly #engine: Engine
  readonly #driver: Driver

  constructor(options: RuntimeOptions<Definitions>) {
    const { store, models, clock = systemClock, random = Math.random, log = quietLog, services } = options
    const hub = new Hub(log)
    const driving = new Set<string>()
    const emit = hub.emit.bind(hub)
    this.#plans = makePlans(options.definitions, store)
    this.#store = store
    this.#engine = {
      store,
      committer: new Committer(store, clock),
      model: models,
      clock,
      random,
      log,
      services,
      owner: newOwner(driving),
      emit,
    }
    this.#driver = new Driver({ engine: this.#engine, hub, driving, planOf: (row) => this.#planOf(row) })
    this.runs = new Runs(store)
  }

  /**
   * Starts a run, and returns once its beginning is durable. An id seen before, with the same input, gives that run:
   * resumed, if nobody drives it.
   *
   * @param input what the user says.
   * @throws DefinitionError when the definition is not this runtime's, the context breaks its schema, or the id belongs
   * to a run with another input; StoreError when the store fails.
   */
  async start<D extends Definitions[number]>(
    definition: D,
    input: string,
    ...[options]: StartArguments<D>
  ): Promise<RunHandle<OutputOfDefinition<D>>> {
    const { id = newRunId(), tags = [], signal, context } = { context: undefined, ...options }
    const plan = this.#registered(definition)
    checkRunId(id)
    const draft = firstDraft(plan, input, context)
    this.#driver.checkOpen()
    await this.#driver.exclusively(id, () => this.#begin(id, plan, draft, tags))
    return new RunHandle(this.#driver, id, signal)
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
   * Takes a stored run up again under today's code, offline: no model is asked, no tool is run, nothing is written.
   *
   * @throws DefinitionError when there is no such run or its definition is not this runtime's.
   */
  async replay(runId: string): Promise<Replay> {
    const plan = this.#planOf(await this.runs.get(runId))
    return replayEntries(runId, await this.runs.entries(runId), plan)
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
   * Says of a call in doubt whether it happened, and takes the run up again.
   *
   * @param key of the call, as the run's `waiting` names it.
   * @param by who says so.
   * @throws DefinitionError when no such call is in doubt.
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

  /** Two who say the same are one; who says otherwise is told so. */
  async #say(runId: string, key: string, attempt: number, resolution: Resolution, by: string): Promise<void> {
    const dedupe = `resolve:${key}:${attempt}`
    const result = resolution.happened ? resolution.result : null
    const body = { key, by, happened: resolution.happened, result } satisfies ResolveBody
    if (await this.#store.send({ runId, dedupe, kind: 'resolve', body, at: this.#engine.clock.now() })) return
    const before = (await this.#store.inbox(runId)).find((message) => message.dedupe === dedupe)
    const said = before?.body as ResolveBody | undefined
    if (!said || says(said, resolution)) return
    const message = `${said.by} has said otherwise of "${key}" of the run "${runId}": that it ${said.happened ? 'happened' : 'did not happen'}.`
    throw new DefinitionError({ code: 'resolved_otherwise', message, details: { runId, key } })
  }

  async #begin(id: string, plan: Plan, draft: Draft, tags: readonly string[]): Promise<void> {
    const row = firstRow(plan, id, tags, this.#engine.owner, this.#engine.clock.now())
    const writer = new JournalWriter(this.#engine, id, row.epoch, 0)
    const state = fold(emptyState(), writer.add(draft))
    if (this.#driver.drives(id) || (await writer.write({ create: row })) === 'exists') {
      await checkSameStart(this.#store, id, draft)
      return this.#driver.open(id)
    }
    this.#driver.drive(
      new Session(this.#engine, { runId: id, plan, state, status: 'running', writer, callIds: new Set() }),
      id,
    )
  }

  #registered(definition: AnyDefinition): Plan {
    const plan = this.#plans.get(`${definition.kind}:${definition.name}`)
    if (plan && plan.definition === definition) return plan
    throw this.#unregistered(definition.kind, definition.name)
  }

  #planOf({ kind, name }: RunRow): Plan {
    const plan = this.#plans.get(`${kind}:${name}`)
    if (plan) return plan
    throw this.#unregistered(kind, name)
  }

  #unregistered(kind: string, name: string): DefinitionError {
    const known = [...this.#plans.keys()].map((key) => key.replace(':', ' ')).join(', ')
    return new DefinitionError({
      code: 'unregistered',
      message: `The ${kind} "${name}" is not one of this runtime's definitions: ${known || 'none'}. Add it to createRuntime({ definitions }).`,
      details: { kind, name },
    })
  }
}
