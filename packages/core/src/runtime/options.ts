import type { Clock, Logger, Random } from '../contracts/clock.ts'
import type { Model } from '../contracts/model.ts'
import type { Owners } from '../contracts/owners.ts'
import type { Store } from '../contracts/store.ts'
import { badArgument, checkHas, checkKind, checkOptions } from '../define/argument.ts'
import type { OnError } from '../define/tool.ts'
import type { AnyDefinition } from '../define/plan.ts'
import { checkModels, type ModelTable } from './setup/models.ts'
import type { Ask } from './read/asks.ts'
import type { ServicesOf } from './types.ts'
import type { RetentionOptions } from './workers/retention.ts'

/** What `createRuntime` takes. */
export type RuntimeOptions<Definitions extends readonly AnyDefinition[]> = {
  /**
   * Where runs live. It may be given to several runtimes, and be used beside them. The last one that is closed closes the
   * store's files and connections, and the next use, by whomever, opens them again; what is in memory alone stays.
   * `store.close()` closes it for good, and is for whoever made the store.
   */
  readonly store: Store
  /**
   * Who answers: `openai()`, or any other model; or several by the names that agents ask for, as
   * `{ 'gpt-*': openai(), 'llama3.2': openai({ baseURL }) }`.
   */
  readonly models: Model | ModelTable
  /** All agents, teams and workflows whose runs are started or resumed here. */
  readonly definitions: Definitions
  /**
   * Replays each workflow run once it has ended, and logs an error where its code did not come to the same again: for
   * development and tests. @default false
   */
  readonly checkDeterminism?: boolean
  /**
   * How long what is under way may go on when the runtime is closed or a worker is stopped, in milliseconds: 0 or more.
   * Then its signals are aborted, and the runs are given up as they stand; a call of a `once` tool that runs on is left in
   * doubt. Keep it below the time after which your platform kills a process that it has told to end. @default 8,000
   */
  readonly closeGraceMs?: number
  /**
   * How many runs deep agents and workflows may call each other, below the run that a program starts: one that would be
   * deeper is not begun, and its caller is told so (`too_deep`). @default 16
   */
  readonly maxDepth?: number
  /**
   * What a model is told of an error that a tool threw and that is no ToolError, where the tool's own `onError` does not
   * say. @default the error's name and first line, with credentials covered
   */
  readonly onError?: OnError
  /**
   * Whether the stack of what a tool, a step, a model or a workflow threw is kept in the journal (`error.stack` of its
   * entry, at most 8,000 characters) and shown by `reprise show`. The log has it in either case; a model is never told it.
   * @default false
   */
  readonly recordStacks?: boolean
  /**
   * Tells somebody that a call must be allowed, or answered: a chat, a mail, a pager. It is called once the ask is committed,
   * at least once for each, also where a process has died in between, and for each of the runs that this runtime drives. The
   * run does not wait for it, but for its rest: for 10 seconds at most. What it throws is logged.
   *
   * @default nobody is told
   */
  readonly onApproval?: (ask: Ask) => void | Promise<void>
  /**
   * Deletes runs that have ended so long ago, with their blobs, while a worker of this runtime is up, as `gc` does: a little
   * at once, about every hour. Their ids may then begin anew, so keep them longer than anybody may start them again.
   * @default all runs are kept
   */
  readonly retention?: RetentionOptions
  /** @default the machine's */
  readonly clock?: Clock
  /** @default Math.random */
  readonly random?: Random
  /** @default the runtimes of this machine's processes */
  readonly owners?: Owners
  /** @default warnings and errors to stderr */
  readonly log?: Logger
} & (unknown extends ServicesOf<Definitions>
  ? { readonly services?: unknown }
  : { readonly services: ServicesOf<Definitions> })

/**
 * Checks what a program without types may give, or leave away.
 *
 * @throws DefinitionError with code `bad_argument`.
 */
export function checkRuntimeOptions(options: unknown): void {
  checkOptions('createRuntime was given options', options, 'Give it { store, models, definitions }.')
  const given = options as { readonly [K in 'store' | 'models' | 'definitions' | 'onApproval']?: unknown }
  const { store, models, definitions, onApproval } = given
  checkHas('createRuntime was given store', store, 'commit', 'Give it a store, such as sqlite(path).')
  checkModels(models)
  const list = 'Give it a list of what defineAgent, defineTeam and defineWorkflow gave.'
  if (!Array.isArray(definitions)) throw badArgument('createRuntime was given definitions', definitions, list)
  for (const [index, definition] of definitions.entries())
    checkKind(`createRuntime was given definitions[${index}]`, definition, ['agent', 'team', 'workflow'], list)
  if (onApproval !== undefined && typeof onApproval !== 'function')
    throw badArgument('createRuntime was given onApproval', onApproval, 'Give it a function: (ask) => tell somebody.')
}
