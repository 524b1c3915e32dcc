import type { Logger } from '../contracts/clock.ts'
import type { InferOutput, Schema } from '../contracts/schema.ts'
import type { Jsonify } from '../values/json.ts'
import type { UserInput } from '../contracts/item.ts'
import type { AnyAgent } from './agent.ts'
import type { ContextGiven, OutputGiven } from './given.ts'
import type { RetryOptions } from './retry.ts'
import type { Signal } from './signal.ts'
import type { AnyTeam } from './team.ts'
import type { AnyWorkflow } from './any-workflow.ts'

/** What a step is given. */
export interface StepContext<Services = unknown> {
  readonly runId: string
  /** The same for each attempt of this step, also after a crash. */
  readonly idempotencyKey: string
  readonly signal: AbortSignal
  readonly services: Services
  readonly log: Logger
  /**
   * Puts secret values in the place of their tokens, in a copy: the workflow's code has tokens alone, so that it comes to
   * the same again when nobody has the values. What a step returns has tokens again.
   */
  readonly reveal: <T>(value: T) => T
}

/** How a step is told apart and tried again. */
export interface StepOptions extends Keyed {
  /** When it throws anything but a ToolError with `retryable: false`. @default 3 attempts from 200 ms */
  readonly retry?: RetryOptions
}

/** What tells two uses of one name apart that are under way at the same time. */
export interface Keyed {
  readonly key?: string
}

/** One of several results, where failures are collected. */
export type Settled<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: Error }

/** The options of a child run: a context is asked for where its definition has one. */
export type ChildOptions<D extends AnyAgent | AnyTeam> = Keyed &
  ([ContextGiven<D>] extends [undefined] ? unknown : { readonly context: ContextGiven<D> })

type ChildArguments<D extends AnyAgent | AnyTeam> = [ContextGiven<D>] extends [undefined]
  ? [options?: ChildOptions<D>]
  : [options: ChildOptions<D>]

/** A part of a workflow that runs beside others, with a context of its own. */
export type Branch<T> = (ctx: WorkflowContext) => Promise<T>

type Results<Branches extends readonly Branch<unknown>[]> = {
  -readonly [K in keyof Branches]: Branches[K] extends Branch<infer T> ? T : never
}

/**
 * What a workflow reaches the world by. Its code runs again from its beginning after a crash, and each of these answers
 * from the journal what it answered before; so the code must come to the same calls again: no clock, no random numbers
 * and no I/O but by this.
 *
 * A run fails, whatever its code catches, where that uses a name again while it is under way, an outer context beside or
 * inside of its branches, or any context within a step.
 */
export interface WorkflowContext {
  readonly runId: string
  /** Aborts when this branch, or the run, is cancelled. */
  readonly signal: AbortSignal

  /**
   * Runs an agent or a team as a child run, and gives its output.
   *
   * @param input what it is told, as `runtime.start` takes it: text, or text with pictures and files.
   * @throws StepError when the child ended without one; CancelledError when it was cancelled.
   */
  agent<D extends AnyAgent | AnyTeam>(
    definition: D,
    input: string | UserInput,
    ...options: ChildArguments<D>
  ): Promise<OutputGiven<D>>

  /** Runs a workflow as a child run, and gives its output. Throws what `agent` throws. */
  child<W extends AnyWorkflow>(
    workflow: W,
    input: W extends { readonly '~input'?: infer Input } ? Input : never,
    options?: Keyed,
  ): Promise<OutputGiven<W>>

  /**
   * Does something once, as far as a process can: its result is recorded and given back from then on. It may run again
   * after a crash, with the same idempotency key.
   *
   * @throws StepError when its attempts are used up.
   */
  step<T>(name: string, run: (step: StepContext) => T | Promise<T>, options?: StepOptions): Promise<Jsonify<Awaited<T>>>

  /**
   * Does the same for each item, several at a time, and gives the results in the order of the items.
   *
   * @param options.concurrency 1 or more. @default 8
   * @throws the first failure, when all others have ended; the items that have not begun are left out.
   */
  map<T, R>(
    items: readonly T[],
    each: (item: T, ctx: WorkflowContext, index: number) => Promise<R>,
    options?: Keyed & { readonly concurrency?: number; readonly failures?: 'throw' },
  ): Promise<R[]>
  /** The same, with failures among the results. */
  map<T, R>(
    items: readonly T[],
    each: (item: T, ctx: WorkflowContext, index: number) => Promise<R>,
    options: Keyed & { readonly concurrency?: number; readonly failures: 'collect' },
  ): Promise<Settled<R>[]>

  /**
   * Runs branches side by side until all have ended.
   *
   * @throws the first failure; the other branches are cancelled and have ended by then.
   */
  all<const Branches extends readonly Branch<unknown>[]>(
    branches: Branches,
    options?: Keyed,
  ): Promise<Results<Branches>>

  /**
   * Runs branches side by side until the first ends, and gives or throws what it does. The winner is recorded, the code
   * of the others has been cancelled by then. Their steps hear it by their signals and their child runs are cancelled;
   * the run ends after all of them, but waits five seconds at most for a step.
   */
  race<const Branches extends readonly Branch<unknown>[]>(
    branches: Branches,
    options?: Keyed,
  ): Promise<Results<Branches>[number]>

  /** Waits, also across restarts. */
  sleep(ms: number, options?: Keyed): Promise<void>

  /**
   * Waits for a signal; one that came before is kept.
   *
   * @throws TimedOutError when `timeoutMs` is over first.
   */
  receive<Payload extends Schema>(
    signal: Signal<Payload>,
    options?: Keyed & { readonly timeoutMs?: number },
  ): Promise<Jsonify<InferOutput<Payload>>>

  /** Ends this run and goes on with a fresh journal, as another run that takes its place. */
  continueAs(input: unknown): never

  /** The time of the last thing that this code was told, in milliseconds since 1970. */
  now(): number
  /** A number from 0 (included) to 1 (excluded); the same when the code runs again. */
  random(): number
  /** A UUID; the same when the code runs again. */
  uuid(): string

  /**
   * Tells whether this run came to this place with the code as it is now: false for runs that passed it before the patch.
   * So changed code keeps the old way for them.
   */
  patched(id: string): boolean
}
