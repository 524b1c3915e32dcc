import type { UserInput } from '../contracts/item.ts'
import type { ContextGiven, OutputGiven } from '../define/given.ts'
import type { AnyWorkflow } from '../define/any-workflow.ts'
import type { AnyDefinition } from '../define/plan.ts'
import type { Needs } from '../define/tool.ts'
import type { CatchUp, Overlap } from './schedules/schedule.ts'
import type { Whose } from './setup/whose.ts'
import type { QueueingOptions } from './start/queueing.ts'

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
export type StartOptions<D extends AnyDefinition> = Whose & {
  /** 1 to 200 printable characters without spaces. The same id with the same input is the same run. @default a fresh one */
  readonly id?: string
  /** Words to find the run by. */
  readonly tags?: readonly string[]
  /** Detaches the handle when it aborts; the run goes on. */
  readonly signal?: AbortSignal
} & ContextOption<D>

/** Lets what is asked for be part of a transaction of the program's. */
export interface InTransaction {
  /**
   * A transaction on the store's own database, as the store's package says: what is asked for is there if and only if that is
   * committed, and nobody acts on it before. @default a transaction of its own
   */
  readonly tx?: object | undefined
}

/** The options of `enqueue`. */
export type EnqueueOptions<D extends AnyDefinition> = InTransaction &
  Whose & {
    /** 1 to 200 printable characters without spaces. The same id with the same input is the same run. @default a fresh one */
    readonly id?: string
    /** Words to find the run by. */
    readonly tags?: readonly string[]
  } & QueueingOptions &
  ContextOption<D>

/** The options of `schedule`: a context is asked for where the definition has one. */
export type ScheduleOptions<D extends AnyDefinition> = {
  /** What its runs are of. Which version drives them is the worker's affair: the newest that it has. */
  readonly definition: D
  /**
   * Minute, hour, day of the month, month, day of the week, with seconds before them where wanted, as in
   * `'30 2 * * MON-FRI'`; or `@hourly`, `@daily`, `@weekly`, `@monthly`, `@yearly`.
   */
  readonly cron: string
  /** Whose clocks count: a name of the IANA database, as `'Europe/Oslo'`. @default 'UTC' */
  readonly timeZone?: string
  /**
   * What becomes of moments at which no worker was up: nothing (`none`; a minute late is not missed), a run for the last of
   * them, or one for each. @default 'last'
   */
  readonly catchUp?: CatchUp
  /**
   * What becomes of a moment that comes while the last run has not ended: it begins nothing (`skip`), waits until that has
   * ended (`queue`), or begins its run and cancels that one (`cancel`). @default 'skip'
   */
  readonly overlap?: Overlap
  /**
   * A declaration of a lower version than the stored one changes nothing: raise it with each change, and two deploys that are
   * at work side by side do not take turns. 1 or more. @default 1
   */
  readonly version?: number
  /** Words to find its runs by, beside `schedule:NAME`. */
  readonly tags?: readonly string[]
  /** The higher, the sooner a worker takes its runs. @default 0 */
  readonly priority?: number
  /** Whose runs they are. */
  readonly tenant?: string
  /** Whose data its runs hold. */
  readonly user?: string
} & ContextOption<D> &
  ScheduledInput<D>

/** What each run is given: JSON without secrets, with or without the moment that it stands for. */
type ScheduledInput<D extends AnyDefinition> =
  | { readonly input: InputOfDefinition<D>; readonly momentAs?: never }
  | (D extends { readonly kind: 'workflow' } ? WithMoment<InputOfDefinition<D>> : never)

/** An input of which one member is the moment. */
type WithMoment<Input> = {
  [K in keyof Input & string]: {
    readonly input: Omit<Input, K>
    /** The member of the input that is the moment, as ISO 8601 in UTC. */
    readonly momentAs: K
  }
}[keyof Input & string]

/** The options of `send`. */
export interface SendOptions<W extends AnyWorkflow> {
  /** Two messages of one id are one, as far as a run and the ten continuations before it. @default a fresh one */
  readonly id?: string
  /**
   * What is queued under the run's id where there is no such run: it begins with the signal in its inbox, both in one write, or
   * the other by whoever was first. A run that is there gets the signal, whatever its input is, where it is of the same
   * workflow, tenant and user.
   */
  readonly create?: QueueingOptions &
    Whose & {
      readonly workflow: W
      readonly input: InputOfDefinition<W>
      /** Words to find the run by. */
      readonly tags?: readonly string[]
    }
  /**
   * Whether a signal for a run that is not there is kept until it begins, whoever begins it: up to 100 for one id, and as long
   * as what has ended is kept (`gc`). @default false: it is refused
   */
  readonly early?: boolean
}

/** The options of `session`: one of `agent` and `team`, and a context where it has one. */
export type SessionOptions<D extends AnyDefinition> = Whose &
  ({ readonly agent: D; readonly team?: never } | { readonly team: D; readonly agent?: never }) &
  ContextOption<D>

type ContextOption<D extends AnyDefinition> = [ContextOfDefinition<D>] extends [undefined]
  ? unknown
  : { readonly context: ContextOfDefinition<D> }

/** Options that may be left out where nothing in them is asked for. */
export type OptionalUnlessContext<D extends AnyDefinition, Options> = [ContextOfDefinition<D>] extends [undefined]
  ? [options?: Options]
  : [options: Options]
