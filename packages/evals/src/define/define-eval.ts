import {
  type AnyDefinition,
  type ContextOfDefinition,
  DefinitionError,
  defineWorkflow,
  type InputOfDefinition,
  type OutputOfDefinition,
} from '@reprise/core'
import { z } from 'zod'
import type { ToolPolicy, Trials } from '../tools/policy.ts'
import { swapper } from '../tools/swap.ts'
import { checkGates, type Gates, MEASURES } from './gates.ts'
import type { Data, Row } from './row.ts'
import type { Scorer } from './scorer.ts'

/** A task that is plain code: it becomes a run of one step. */
export type TaskFunction<Input = never, Output = unknown> = (input: Input) => Output | Promise<Output>

type InputOf<Task> = Task extends AnyDefinition
  ? InputOfDefinition<Task>
  : Task extends (input: infer Input) => unknown
    ? Input
    : never
type OutputOf<Task> = Task extends AnyDefinition
  ? OutputOfDefinition<Task>
  : Task extends (input: never) => infer Output
    ? Awaited<Output>
    : never
type ContextOf<Task> = Task extends AnyDefinition ? ContextOfDefinition<Task> : undefined

/** What `defineEval` takes. */
export interface EvalOptions<
  Task,
  Expected,
  Scorers extends Readonly<Record<string, Scorer<OutputOf<Task>, Expected>>>,
> {
  /** 1 to 32 letters, digits, `_` or `-`. */
  readonly name: string
  readonly data: Data<InputOf<Task>, Expected, ContextOf<Task>>
  /** An agent, a team, a workflow, or a function. */
  readonly task: Task
  /** By the names that tables and gates call them. */
  readonly scorers: Scorers
  readonly gates?: Gates<Extract<keyof Scorers, string>>
  /** How often each row is run: 1 to 100. @default 1 */
  readonly repeat?: number
  /** The scorers that must all give 1 for a trial to be a success, as pass^k counts it. @default all of them */
  readonly success?: readonly Extract<keyof Scorers, string>[]
  /** Who answers tools in the tools' place. @default the tools themselves, which then act on the world */
  readonly tools?: ToolPolicy
  /** What else the task's runs start: agents that a workflow asks, those behind `agentTool`. Their tools follow `tools` too. */
  readonly definitions?: readonly AnyDefinition[]
}

/** An evaluation, as a runtime and the command line hold it. */
export interface Eval {
  readonly kind: 'eval'
  readonly name: string
  readonly data: Data
  /** What each row starts a run of. */
  readonly task: AnyDefinition
  readonly scorers: ReadonlyMap<string, Scorer>
  readonly gates: Gates
  readonly repeat: number
  readonly success: readonly string[]
  readonly tools: ToolPolicy | undefined
  /** What its tools are told of the trials that are under way: it is run in one runtime at a time. */
  readonly trials: Trials
  /** What the runtime needs: the task, with its tools answered as `tools` says, and all agents that judge. */
  readonly definitions: readonly AnyDefinition[]
  /** The task and what it starts, as they were given: what they are tells whether a trial was asked before. */
  readonly originals: readonly AnyDefinition[]
  /** The text of a function that is the task. */
  readonly code: string
}

const NAME = /^[\w-]{1,32}$/
const MOST_REPEATS = 100

/**
 * Defines an evaluation: questions, who answers them, who scores the answers, and what must hold. Its `definitions` go to the
 * runtime that it is run in; `reprise eval` finds both among a config's exports.
 *
 * @throws DefinitionError at a name, a number or a gate that cannot be.
 * @example
 * ```ts
 * import { createRuntime, defineAgent } from '@reprise/core'
 * import { defineEval, exact, runEval } from '@reprise/evals'
 * import { memoryStore, scriptedModel } from '@reprise/testing'
 *
 * const desk = defineAgent({ name: 'desk', model: 'gpt-4.1-mini', instructions: 'Say in one word what is asked for.' })
 * const words = defineEval({
 *   name: 'words',
 *   data: [{ id: 'broken', input: 'My lamp is broken.', expected: 'refund' }],
 *   task: desk,
 *   scorers: { exact: exact() },
 *   gates: { exact: { min: 0.9 } },
 * })
 * const models = scriptedModel([{ text: 'refund' }])
 * await using runtime = createRuntime({ store: memoryStore(), models, definitions: words.definitions })
 * const { report } = await runEval(words, { runtime })
 * console.log(report.scores[0]?.mean?.estimate, report.gates[0]?.ok) // 1 true
 * ```
 */
export function defineEval<
  const Task extends AnyDefinition | TaskFunction,
  Expected,
  const Scorers extends Readonly<Record<string, Scorer<OutputOf<Task>, Expected>>>,
>(options: EvalOptions<Task, Expected, Scorers>): Eval {
  const { name, repeat = 1, gates = {}, tools } = options
  if (typeof name !== 'string' || !NAME.test(name))
    throw bad(`An evaluation has the name ${JSON.stringify(name)}. Use 1 to 32 letters, digits, "_" or "-".`)
  const where = `Evaluation "${name}"`
  if (!Number.isInteger(repeat) || repeat < 1 || repeat > MOST_REPEATS)
    throw bad(`${where} has repeat ${String(repeat)}. Give a whole number of 1 to ${MOST_REPEATS}.`)
  // What a scorer is given is what the task's types promise.
  const scorers = new Map(Object.entries(options.scorers as Readonly<Record<string, Scorer>>))
  const names = [...scorers.keys()]
  if (names.length === 0) throw bad(`${where} has no scorers. Give it some, as { exact: exact() }.`)
  const taken = names.find(
    (scorer) => (MEASURES as readonly string[]).includes(scorer) || /^passHat|^noWorse/.test(scorer),
  )
  if (taken !== undefined) throw bad(`${where}: "${taken}" is measured in any case. Call the scorer something else.`)
  checkGates(where, gates, names, repeat)
  const success = options.success ?? names
  const unknown = success.find((scorer) => !scorers.has(scorer))
  if (unknown !== undefined) throw bad(`${where}: success names "${unknown}". Its scorers are: ${names.join(', ')}.`)
  const code = typeof options.task === 'function' ? options.task.toString() : ''
  const trials: Trials = { runtime: undefined, recorded: new Map() }
  const originals = [taskOf(name, options.task), ...(options.definitions ?? [])]
  const all = originals.map(swapper(tools, trials))
  const judges = [...scorers.values()].flatMap((scorer) => (typeof scorer === 'function' ? [] : scorer.definitions))
  return {
    kind: 'eval',
    name,
    data: options.data,
    task: all[0] as AnyDefinition,
    scorers,
    gates: gates,
    repeat,
    success,
    tools,
    trials,
    definitions: [...new Set([...all, ...judges])],
    originals,
    code,
  }
}

function taskOf(name: string, task: AnyDefinition | TaskFunction): AnyDefinition {
  if (typeof task !== 'function') return task
  // The rows' types are those that the function takes.
  const call = task as (input: unknown) => unknown
  return defineWorkflow({
    name: `eval-${name}`,
    input: z.unknown(),
    run: (ctx, input) => ctx.step('task', () => call(input)),
  })
}

/** The row's own type, for functions that make rows of a task. */
export type RowOf<Task, Expected = unknown> = Row<InputOf<Task>, Expected, ContextOf<Task>>

function bad(message: string): DefinitionError {
  return new DefinitionError({ code: 'bad_eval', message })
}
