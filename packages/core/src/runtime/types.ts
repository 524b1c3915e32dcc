import type { Agent } from '../define/agent.ts'
import type { AnyDefinition } from '../define/plan.ts'
import type { Team } from '../define/team.ts'
import type { Needs, StartedWith } from '../define/tool.ts'

/** The output of a definition. */
export type OutputOfDefinition<D extends AnyDefinition> =
  D extends Agent<string, never, infer Output, never, never>
    ? Output
    : D extends Team<string, never, infer Output, never, never>
      ? Output
      : never

/** The context that a run of a definition is started with; undefined where it has none. */
export type ContextOfDefinition<D extends AnyDefinition> = D extends StartedWith<infer Context> ? Context : never

/** The services that serve all definitions. */
export type ServicesOf<D extends readonly AnyDefinition[]> = [D[number]] extends [Needs<never, infer Services>]
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
} & ([ContextOfDefinition<D>] extends [undefined] ? unknown : { readonly context: ContextOfDefinition<D> })

/** The arguments of `start`: options may be left out where nothing in them is asked for. */
export type StartArguments<D extends AnyDefinition> = [ContextOfDefinition<D>] extends [undefined]
  ? [options?: StartOptions<D>]
  : [options: StartOptions<D>]
