import type { UserInput } from '../contracts/item.ts'
import type { ContextGiven, OutputGiven } from '../define/given.ts'
import type { AnyDefinition } from '../define/plan.ts'
import type { Needs } from '../define/tool.ts'

/** The output of a definition. */
export type OutputOfDefinition<D extends AnyDefinition> = OutputGiven<D>

/** The context that a run of a definition is started with; undefined where it has none. */
export type ContextOfDefinition<D extends AnyDefinition> = ContextGiven<D>

/** What a run of a definition is started with: for agents and teams text, or text with pictures and files. */
export type InputOfDefinition<D extends AnyDefinition> = D extends {
  readonly kind: 'workflow'
  readonly '~input'?: infer Input
}
  ? Exclude<Input, undefined>
  : string | UserInput

/** Says of a definition that a runtime does not have that it does not. */
export type RegisteredIn<
  Definitions extends readonly AnyDefinition[],
  D extends AnyDefinition,
> = D extends Definitions[number]
  ? unknown
  : { readonly 'This definition is not one of the runtime: give it to createRuntime({ definitions })': D['name'] }

type ServiceNeeds<D> = D extends { readonly kind: 'workflow' } ? Needs<unknown, unknown> : D

/** The services that serve all definitions. */
export type ServicesOf<D extends readonly AnyDefinition[]> = [ServiceNeeds<D[number]>] extends [
  Needs<never, infer Services>,
]
  ? Services
  : unknown

/** The options of `start`: a context is asked for where the definition has one. */
export type StartOptions<D extends AnyDefinition> = {
  /** 1 to 200 printable characters without spaces. The same id with the same input is the same run. @default a fresh one */
  readonly id?: string
  /** Words to find the run by. */
  readonly tags?: readonly string[]
  /** Detaches the handle when it aborts; the run goes on. */
  readonly signal?: AbortSignal
} & ContextOption<D>

/** The options of `enqueue`. */
export type EnqueueOptions<D extends AnyDefinition> = {
  /** 1 to 200 printable characters without spaces. The same id with the same input is the same run. @default a fresh one */
  readonly id?: string
  /** Words to find the run by. */
  readonly tags?: readonly string[]
  /** The higher, the sooner a worker takes it. @default 0 */
  readonly priority?: number
} & ContextOption<D>

type ContextOption<D extends AnyDefinition> = [ContextOfDefinition<D>] extends [undefined]
  ? unknown
  : { readonly context: ContextOfDefinition<D> }

/** Options that may be left out where nothing in them is asked for. */
export type OptionalUnlessContext<D extends AnyDefinition, Options> = [ContextOfDefinition<D>] extends [undefined]
  ? [options?: Options]
  : [options: Options]
