import type { Logger } from '../contracts/clock.ts'
import type { MemoryCard, ToolCard } from '../contracts/model.ts'
import type { InferOutput, Schema } from '../contracts/schema.ts'
import { compile, type CompiledSchema } from '../schema/compile.ts'
import { DefinitionError } from '../values/errors.ts'
import { checkOptions } from './argument.ts'
import { checkedOutput, checkExternal, EXTERNAL, type ExternalToolOptions } from './external-tool.ts'
import { checkCount, checkName } from './names.ts'
import type { Returned } from './with-parts.ts'
import { retryPolicy, type RetryOptions, type RetryPolicy, TOOL_RETRY } from './retry.ts'

/** What a tool may do to the world. It decides what happens when a process dies in the middle. */
export const EFFECTS = ['read', 'idempotent', 'transactional', 'once'] as const

/** What a tool may do to the world: there is no safe default, so every tool says it. */
export type Effect = (typeof EFFECTS)[number]

/** What a tool is given beside its arguments. */
export interface CallContext<Context = unknown, Services = unknown> {
  readonly runId: string
  /** The same for each attempt of one call, also after a crash, and different for every other call. */
  readonly idempotencyKey: string
  /** Aborts when the run is cancelled, its owner stops, or the call takes longer than `timeoutMs`. */
  readonly signal: AbortSignal
  /** The run's context as it was journaled. */
  readonly context: Context
  /** What this process injected: connections, clients. Never journaled. */
  readonly services: Services
  readonly log: Logger
}

/** What the outside world says of a `once` call that a crash left open. */
export type Reconciled<Output> = { readonly happened: true; readonly result: Output } | { readonly happened: false }

/** A call that failed, as whoever says what the model is told of it may need it. */
export interface FailedCall {
  /** The tool's name. */
  readonly tool: string
  readonly runId: string
  readonly idempotencyKey: string
  /** From 1. */
  readonly attempt: number
}

/**
 * Says what a model is told of an error that a tool threw and that is no ToolError: a sentence, or undefined for the name
 * and the first line of the error with credentials covered. Where it throws or gives no text, that is logged, and the model
 * is told the same.
 *
 * @example
 * ```ts
 * import type { OnError } from '@reprise/core'
 *
 * const onError: OnError = (error, { tool }) =>
 *   error instanceof TypeError ? `${tool} cannot be used now. Tell the customer so.` : undefined
 * ```
 */
export type OnError = (error: unknown, call: FailedCall) => string | undefined

interface ToolBase<Name extends string, Input extends Schema, Output, Result> {
  readonly external?: never
  /** 1 to 64 letters, digits, `_` or `-`. */
  readonly name: Name
  /** What the model reads: what the tool does and when to use it. */
  readonly description: string
  /** The arguments: any Standard Schema of an object that offers JSON Schema. */
  readonly input: Input
  /**
   * What the tool returns: a Standard Schema. It is checked when the tool has returned, and what the schema makes of it is
   * recorded; what breaks it is a failed call, and the model is told the complaint. Its `secret` fields are kept as those of
   * the input are. @default whatever `execute` returns
   */
  readonly output?: Schema<Output, Result>
  /** How long one attempt may take, in milliseconds. @default no limit */
  readonly timeoutMs?: number
  /**
   * Whether a person must allow a call before it runs: always, or for these arguments. The run waits for
   * `runtime.approve` or `reject`; a function that throws, or gives a promise, counts as yes. It is asked once a call, and
   * what it said is journaled: it may look at a setting or at the day. @default false
   */
  readonly approval?: boolean | ((input: InferOutput<Input>, run: { readonly context: unknown }) => boolean)
  /**
   * How long somebody may allow a call, in milliseconds. After that it counts as refused, and the model is told so: by the
   * next worker that looks, or when the run is taken up. @default no limit
   */
  readonly approvalTimeoutMs?: number
  /**
   * How many people must allow a call that somebody must allow: 1 to 10. From 2 on each of them must be somebody else, and
   * known by an authenticated source: `by: { id, source }` with another source than `program` and `cli`. @default 1
   */
  readonly approvers?: number
  /** What the model is told of an error that is no ToolError. @default the runtime's */
  readonly onError?: OnError
  /**
   * The most tokens of a result, or of an error, that the model is told: 100 or more, by an estimate. What is longer is cut to
   * its head and its tail; the journal has all of it, and the model reads on by `read_result`, a tool that the agent then
   * has. `Infinity` is no bound. @default a sixteenth of what the model reads, where its service says that; then the model
   * is told to ask for less
   */
  readonly maxResultTokens?: number
}

/**
 * What `execute` is given beside its arguments: the same type for tools of every effect, so that its parameters have types
 * also where the effect is only known when the program runs.
 */
type ExecuteContext<Context, Services, Prepared> = CallContext<Context, Services> & {
  /** What `prepare` of a transactional tool gave; undefined without one. */
  readonly prepared: Prepared
}

interface AwaitedTool<
  Name extends string,
  Input extends Schema,
  Output,
  Context,
  Services,
  Prepared,
  Result,
> extends ToolBase<Name, Input, Output, Result> {
  readonly execute: (
    input: InferOutput<Input>,
    ctx: ExecuteContext<Context, Services, Prepared>,
  ) => Returned<Output> | Promise<Returned<Output>>
}

/** A tool that may run again with the same key: it reads, or doing it twice is doing it once. */
export interface RepeatableToolOptions<
  Name extends string,
  Input extends Schema,
  Output,
  Context,
  Services,
  Prepared,
  Result = Output,
> extends AwaitedTool<Name, Input, Output, Context, Services, Prepared, Result> {
  readonly effect: 'read' | 'idempotent'
  /** When `execute` throws anything but a ToolError with `retryable: false`. @default 3 attempts from 200 ms */
  readonly retry?: RetryOptions
}

/** A tool that must not run twice and cannot tell. Its intent is written first; when a crash leaves it open, the run asks. */
export interface OnceToolOptions<
  Name extends string,
  Input extends Schema,
  Output,
  Context,
  Services,
  Prepared,
  Result = Output,
> extends AwaitedTool<Name, Input, Output, Context, Services, Prepared, Result> {
  readonly effect: 'once'
  /** Asks the outside world whether a call in doubt happened. Without it a person is asked. */
  readonly reconcile?: (
    input: InferOutput<Input>,
    ctx: CallContext<Context, Services>,
  ) => Reconciled<NoInfer<Output>> | Promise<Reconciled<NoInfer<Output>>>
}

/** A tool whose effect is in the journal's own database: effect and result are one transaction. */
export interface TransactionalToolOptions<
  Name extends string,
  Input extends Schema,
  Output,
  Context,
  Services,
  Prepared,
  Result = Output,
> extends ToolBase<Name, Input, Output, Result> {
  readonly effect: 'transactional'
  /** What must be awaited goes here, before the transaction; it may run again. */
  readonly prepare?: (input: InferOutput<Input>, ctx: CallContext<Context, Services>) => Prepared | Promise<Prepared>
  /**
   * Reaches the database by the store's `tx(ctx)`. A throw rolls it back and is told to the model. It must be synchronous
   * where the store's transactions are (SQLite); where they are not (Postgres), a promise is waited for.
   */
  readonly execute: (
    input: InferOutput<Input>,
    ctx: ExecuteContext<Context, Services, Prepared>,
  ) => Returned<Output> | Promise<Returned<Output>>
}

/** A tool of any kind, as agents and the engine hold it. */
export interface AnyTool {
  readonly kind: 'tool'
  readonly name: string
  /** `external` where somebody else answers its calls. */
  readonly effect: Effect | 'external'
  readonly card: ToolCard
  readonly input: CompiledSchema
  /** What its results are held to; undefined where they may be anything. */
  readonly output: Schema | undefined
  readonly timeoutMs: number | undefined
  readonly retry: RetryPolicy
  readonly execute: (input: unknown, ctx: CallContext) => unknown
  readonly reconcile: ((input: unknown, ctx: CallContext) => unknown) | undefined
  readonly prepare: ((input: unknown, ctx: CallContext) => unknown) | undefined
  /** Whether a person must allow a call before it runs. */
  readonly approval: boolean | ((input: unknown, run: { readonly context: unknown }) => boolean)
  readonly approvalTimeoutMs: number | undefined
  /** How many people must allow a call that somebody must allow. */
  readonly approvers: number
  /** The name of the tool that its calls ask somebody about, as `askConfirmation` makes it; undefined for every other. */
  readonly confirms: string | undefined
  readonly onError: OnError | undefined
  readonly maxResultTokens: number | undefined
  /** The agent, team or workflow whose runs its calls are; undefined for every other tool. */
  readonly child: { readonly kind: 'agent' | 'team' | 'workflow'; readonly name: string } | undefined
  /** The memory that it keeps facts in, or looks for them; undefined for every other tool. */
  readonly memory: { readonly does: 'remember' | 'recall'; readonly of: MemoryCard } | undefined
}

/** What a definition asks of the context and the services of its run: for types only, never there at run time. */
export interface Needs<Context, Services> {
  /** Functions, so that needs add up: whoever serves several must serve all. */
  readonly '~context'?: (context: Context) => void
  readonly '~services'?: (services: Services) => void
}

/** What a definition's runs are started with: for types only. */
export interface StartedWith<Context> {
  readonly '~start'?: (context: Context) => void
}

/** A tool with its types. */
export interface Tool<
  Name extends string = string,
  Input = unknown,
  Output = unknown,
  Context = unknown,
  Services = unknown,
>
  extends AnyTool, Needs<Context, Services> {
  readonly name: Name
  readonly '~input'?: Input
  readonly '~output'?: Output
}

/**
 * Defines a tool: a typed function that a model may ask for, with what it does to the world.
 *
 * With `external: true` it is one that somebody else answers, a person or another system: the run waits, and goes on when
 * `runtime.answer` has brought a value that its `output` takes.
 *
 * Annotate the second parameter of `execute` (`CallContext<MyContext, MyServices>`) to say what the tool needs;
 * agents and runtimes that don't offer it are type errors.
 *
 * @throws DefinitionError when the name is refused by the API, the effect is missing, or a strict schema cannot say the input.
 * @example
 * ```ts
 * import { type CallContext, defineTool } from '@reprise/core'
 * import { z } from 'zod'
 *
 * interface Shop {
 *   order(id: string): Promise<{ readonly totalUsd: number }>
 * }
 * const findOrder = defineTool({
 *   name: 'find_order',
 *   description: 'Finds an order by its number.',
 *   input: z.object({ orderId: z.string() }),
 *   effect: 'read',
 *   execute: ({ orderId }, { services }: CallContext<unknown, { shop: Shop }>) => services.shop.order(orderId),
 * })
 * ```
 */
export function defineTool<
  const Name extends string,
  Input extends Schema,
  Output,
  Prepared = undefined,
  Context = unknown,
  Services = unknown,
  Result = Output,
>(
  options:
    | RepeatableToolOptions<Name, Input, Output, Context, Services, Prepared, Result>
    | OnceToolOptions<Name, Input, Output, Context, Services, Prepared, Result>
    | TransactionalToolOptions<Name, Input, Output, Context, Services, Prepared, Result>
    | ExternalToolOptions<Name, Input, Output, Result>,
): Tool<Name, InferOutput<Input>, Awaited<Result>, Context, Services> {
  checkOptions('defineTool was given options', options, 'Give it { name, description, input, effect, execute }.')
  const { name, description, timeoutMs } = options
  checkName('A tool', name)
  const where = `Tool "${name}"`
  if (timeoutMs !== undefined) checkCount(where, 'timeoutMs', timeoutMs)
  const input = compile(options.input, `${where}: input`)
  if (input.wrapped) throw notAnObject(where)
  const base = { kind: 'tool', name, card: { name, description, parameters: input.json }, input, timeoutMs } as const
  if (options.external) {
    checkExternal(where, options)
    const { output, maxResultTokens } = options
    checkBound(where, maxResultTokens)
    return { ...base, ...EXTERNAL, output: checkedOutput(where, output), maxResultTokens }
  }
  const { effect, output, approvalTimeoutMs, approvers = 1 } = options
  checkEffect(where, effect)
  if (approvalTimeoutMs !== undefined) checkCount(where, 'approvalTimeoutMs', approvalTimeoutMs)
  checkApprovers(where, approvers)
  checkBound(where, options.maxResultTokens)
  return {
    ...base,
    effect,
    output: output && checkedOutput(where, output),
    retry:
      options.effect === 'read' || options.effect === 'idempotent'
        ? retryPolicy(where, options.retry, TOOL_RETRY)
        : { ...TOOL_RETRY, attempts: 1 },
    // The engine gives each function what the compiled schema decoded and the context that the types promised.
    execute: options.execute as AnyTool['execute'],
    reconcile: (options.effect === 'once' ? options.reconcile : undefined) as AnyTool['reconcile'],
    prepare: (options.effect === 'transactional' ? options.prepare : undefined) as AnyTool['prepare'],
    approval: options.approval ?? false,
    approvalTimeoutMs,
    approvers,
    confirms: undefined,
    onError: options.onError,
    maxResultTokens: options.maxResultTokens,
    child: undefined,
    memory: undefined,
  }
}

/** The words about a cut need room, too. */
const LEAST_RESULT_TOKENS = 100

/** Checks the most tokens of a result. @throws DefinitionError with code `bad_number`. */
export function checkBound(where: string, tokens: number | undefined): void {
  if (tokens === undefined || tokens === Infinity) return
  if (Number.isSafeInteger(tokens) && tokens >= LEAST_RESULT_TOKENS) return
  throw new DefinitionError({
    code: 'bad_number',
    message: `${where} has maxResultTokens ${String(tokens)}. It must be a whole number of ${LEAST_RESULT_TOKENS} or more, or Infinity for no bound.`,
    details: { field: 'maxResultTokens', value: String(tokens) },
  })
}

function checkEffect(where: string, effect: unknown): void {
  if (EFFECTS.some((known) => known === effect)) return
  throw new DefinitionError({
    code: 'bad_effect',
    message:
      `${where} has ${effect === undefined ? 'no effect' : `the effect ${JSON.stringify(effect)}`}. ` +
      `Say what it does to the world: 'read' (nothing), 'idempotent' (twice is as once, by its key), ` +
      `'transactional' (in the journal's own database) or 'once' (must not happen twice). ` +
      `Where somebody else is to answer, give it external: true and output instead.`,
    details: { effect: String(effect) },
  })
}

function notAnObject(where: string): DefinitionError {
  return new DefinitionError({
    code: 'schema_unsupported',
    message: `${where}: input is not an object, and the arguments of a call are one. Use an object with a property for it.`,
  })
}

function checkApprovers(where: string, approvers: unknown): void {
  if (Number.isSafeInteger(approvers) && Number(approvers) >= 1 && Number(approvers) <= 10) return
  throw new DefinitionError({
    code: 'bad_number',
    message: `${where} has approvers ${String(approvers)}. It must be a whole number of 1 to 10: how many people must allow a call.`,
    details: { field: 'approvers', value: String(approvers) },
  })
}
