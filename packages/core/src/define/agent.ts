import type { HostedTool } from '../contracts/hosted.ts'
import type { ModelSettings } from '../contracts/model.ts'
import type { InferInput, InferOutput, Schema } from '../contracts/schema.ts'
import type { CompiledSchema } from '../schema/compile.ts'
import { DefinitionError } from '../values/errors.ts'
import { findUnjson, type Jsonify } from '../values/json.ts'
import { badArgument, checkEach, checkKind, checkOptions } from './argument.ts'
import { type Compact, DEFAULT_COMPACT } from './compact.ts'
import { compileOutput } from './compile-output.ts'
import { checkCount, checkDistinct, checkName, checkVersion } from './names.ts'
import { MODEL_RETRY, retryPolicy, type RetryOptions, type RetryPolicy } from './retry.ts'
import { limitsOf, type Budget, type Limits } from './budget.ts'
import { checkRules } from './check-rules.ts'
import { READ_RESULT, readsOn } from './read-result.ts'
import { RULE_KINDS, type Rule } from './rules.ts'
import type { AnyMemory } from './memory.ts'
import type { AnyTool, Needs, StartedWith } from './tool.ts'

/** The most tokens of one reply where an agent says nothing. */
export const DEFAULT_MAX_OUTPUT_TOKENS = 4_096

/** How often an answer that breaks its schema is sent back before the run fails. */
export const OUTPUT_REPAIRS = 3

/** What a resumed run does with text that has changed since it was recorded: go on as recorded, take the new one, or stop. */
export type OnChange = 'pin' | 'adopt' | 'stop'

/** Tools that together need the contexts and services that each of them needs. */
type ContextNeeds<Tools extends readonly AnyTool[]> =
  Tools[number] extends Needs<infer Context, never> ? Context : unknown
type ServiceNeeds<Tools extends readonly AnyTool[]> =
  Tools[number] extends Needs<never, infer Services> ? Services : unknown

/** What `defineAgent` takes. */
export interface AgentOptions<
  Name extends string,
  Context extends Schema | undefined,
  Output extends Schema | undefined,
  Tools extends readonly AnyTool[],
> {
  /** 1 to 64 letters, digits, `_` or `-`. */
  readonly name: Name
  /** Raised when the agent's behaviour changes on purpose. @default 1 */
  readonly version?: number
  /** The model's name at its service. */
  readonly model: string
  readonly settings?: ModelSettings
  /** The most tokens of one reply. @default 4096 */
  readonly maxOutputTokens?: number
  /** Facts about a run that are journaled with it and shown to tools and instructions, not to the model. */
  readonly context?: Context
  /** What the model is told to be and do: rendered once when the agent takes a run, and recorded. */
  readonly instructions: string | ((run: { readonly context: ContextOf<Context> }) => string)
  readonly tools?: Tools
  /** Tools that the model's service carries out itself: no rule and no effect governs them. */
  readonly hosted?: readonly HostedTool[]
  /** What it knows from earlier runs, and keeps for later ones: it has two tools more for each memory. */
  readonly memory?: AnyMemory | readonly AnyMemory[]
  /** Which of its calls may come when. Those of its team hold too. */
  readonly rules?: readonly Rule[]
  /**
   * Whether it must call a tool before it answers: whichever (`'required'`), or this one. It holds until the agent has made a
   * call since it took the run; an answer that comes before is sent back. @default 'auto'
   */
  readonly toolChoice?: 'auto' | 'required' | AnyTool
  /** Whether one reply may hold several calls. Those of a server that does not heed it run one after the other. @default true */
  readonly parallelCalls?: boolean
  /** How many calls of a run are under way at once while it holds it, 1 or more. @default no limit */
  readonly parallel?: number
  /** The shape of the answer: any Standard Schema that offers JSON Schema. Without it the answer is text. */
  readonly output?: Output
  readonly budget?: Budget
  /**
   * How the conversation is made shorter: `trimResults`, `summarize` or `compactBy`. `false` leaves it as it is, and a request
   * that does not fit ends the run. @default trimResults(): where the next request would not fit into what the model reads
   */
  readonly compact?: Compact | false
  /** When the model's service fails in a way that may pass. @default 8 attempts from 500 ms */
  readonly retry?: RetryOptions
  /** @default 'pin' */
  readonly onChange?: OnChange
}

/** The context that a schema describes, as it comes back from the journal. */
export type ContextOf<Context extends Schema | undefined> = [Context] extends [Schema]
  ? Jsonify<InferOutput<Context>>
  : undefined

/** What a run is given for its context; what the schema fills in may be left out. */
export type ContextInputOf<Context extends Schema | undefined> = [Context] extends [Schema]
  ? InferInput<Context>
  : undefined

/** The answer that a schema describes; without one it is text. */
export type OutputOf<Output extends Schema | undefined> = [Output] extends [Schema]
  ? Jsonify<InferOutput<Output>>
  : string

/** An agent of any types, as the engine holds it. */
export interface AnyAgent extends Limits {
  readonly kind: 'agent'
  readonly name: string
  readonly version: number
  readonly model: string
  readonly settings: ModelSettings
  readonly maxOutputTokens: number
  readonly context: Schema | undefined
  readonly instructions: (run: { readonly context: unknown }) => string
  readonly tools: readonly AnyTool[]
  readonly hosted: readonly HostedTool[]
  readonly memory: readonly AnyMemory[]
  readonly rules: readonly Rule[]
  readonly toolChoice: 'auto' | 'required' | AnyTool
  readonly parallelCalls: boolean
  readonly parallel: number
  readonly output: CompiledSchema | undefined
  readonly compact: Compact | false
  readonly retry: RetryPolicy
  readonly onChange: OnChange
}

/** An agent with its types. */
export interface Agent<
  Name extends string = string,
  Context = unknown,
  Output = unknown,
  Services = unknown,
  Start = Context,
>
  extends AnyAgent, Needs<Context, Services>, StartedWith<Start> {
  readonly name: Name
  readonly '~output'?: Output
}

/**
 * Defines an agent: a model with instructions, tools, rules and the shape of its answer.
 *
 * @throws DefinitionError when a name is refused or stands twice, a rule cannot hold, or a strict schema cannot say the output.
 * @example
 * ```ts
 * import { atMost, defineAgent, defineTool } from '@reprise/core'
 * import { z } from 'zod'
 *
 * const input = z.object({ orderId: z.string() })
 * const refund = defineTool({ name: 'refund', description: 'Refunds.', input, effect: 'once', execute: () => 'done' })
 * const support = defineAgent({
 *   name: 'support',
 *   model: 'gpt-4.1-mini',
 *   instructions: 'You help the customers of a shop.',
 *   tools: [refund],
 *   rules: [atMost(refund, 1)],
 *   output: z.object({ resolution: z.enum(['solved', 'escalated']), reply: z.string() }),
 * })
 * ```
 */
export function defineAgent<
  const Name extends string,
  Context extends Schema | undefined = undefined,
  Output extends Schema | undefined = undefined,
  const Tools extends readonly AnyTool[] = readonly [],
>(
  options: AgentOptions<Name, Context, Output, Tools> & ContextFits<Context, Tools>,
): Agent<Name, ContextOf<Context>, OutputOf<Output>, ServiceNeeds<Tools>, ContextInputOf<Context>> {
  checkOptions('defineAgent was given options', options, 'Give it { name, model, instructions }.')
  const { name, version = 1, model, instructions, tools: own = [], hosted = [], rules = [], settings = {} } = options
  checkName('An agent', name)
  const where = `Agent "${name}"`
  checkVersion(where, version)
  checkLists(where, { tools: own, hosted, rules })
  const memory = memoriesOf(where, options.memory)
  const tools = [...own, ...memory.flatMap((one) => one.tools)]
  const names = tools.map((tool) => tool.name)
  checkDistinct(where, 'tool', readsOn(tools) ? [...names, READ_RESULT] : names)
  checkDistinct(
    where,
    'MCP server',
    hosted.flatMap((tool) => (tool.kind === 'mcp' ? tool.label : [])),
  )
  checkRules(where, rules, tools)
  const calling = callingOf(where, options, names)
  checkSettings(where, settings)
  if (options.compact) checkKind(`${where}: compact`, options.compact, ['compact'], COMPACTS)
  const { maxOutputTokens = DEFAULT_MAX_OUTPUT_TOKENS } = options
  checkCount(where, 'maxOutputTokens', maxOutputTokens)
  return {
    kind: 'agent',
    name,
    version,
    model,
    settings,
    maxOutputTokens,
    context: options.context,
    // The engine renders with the context that the schema accepted.
    instructions: (typeof instructions === 'string' ? () => instructions : instructions) as AnyAgent['instructions'],
    tools,
    hosted,
    memory,
    rules,
    ...calling,
    output: options.output && compileOutput(options.output, where),
    ...limitsOf(where, options.budget),
    compact: options.compact ?? DEFAULT_COMPACT,
    retry: retryPolicy(where, options.retry, MODEL_RETRY),
    onChange: options.onChange ?? 'pin',
  }
}

const COMPACTS = 'Give it what trimResults, summarize or compactBy gave, or false.'

const HOSTED_KINDS: readonly HostedTool['kind'][] = ['web-search', 'file-search', 'code-interpreter', 'mcp']

function checkLists(
  where: string,
  {
    tools,
    hosted,
    rules,
  }: Required<Pick<AgentOptions<string, undefined, undefined, readonly AnyTool[]>, 'tools' | 'hosted' | 'rules'>>,
): void {
  checkEach(
    `${where}: tools`,
    tools,
    ['tool'],
    'Give it tools that defineTool or agentTool made: is one used before it is defined, or its import misspelt?',
  )
  checkEach(
    `${where}: hosted`,
    hosted,
    HOSTED_KINDS,
    `Give it hosted tools, each with its kind: ${HOSTED_KINDS.join(', ')}.`,
  )
  checkEach(`${where}: rules`, rules, RULE_KINDS, 'Give it rules that after, atMost and the like made.')
}

interface Calling {
  readonly toolChoice?: 'auto' | 'required' | AnyTool
  readonly parallelCalls?: boolean
  readonly parallel?: number
}

/** How an agent's replies may call tools. */
function callingOf(
  where: string,
  { toolChoice = 'auto', parallelCalls = true, parallel = Infinity }: Calling,
  tools: readonly string[],
): Pick<AnyAgent, 'toolChoice' | 'parallelCalls' | 'parallel'> {
  if (parallel !== Infinity) checkCount(where, 'parallel', parallel)
  if (typeof parallelCalls !== 'boolean')
    throw badArgument(`${where}: parallelCalls`, parallelCalls, 'Give it true or false.')
  const calling = { parallelCalls, parallel: parallelCalls ? parallel : 1 }
  if (toolChoice === 'auto') return { toolChoice, ...calling }
  if (tools.length === 0)
    throw badArgument(`${where}: toolChoice`, toolChoice, 'It has no tools to choose: leave it out, or give it tools.')
  if (toolChoice === 'required') return { toolChoice, ...calling }
  checkKind(`${where}: toolChoice`, toolChoice, ['tool'], `Give it 'auto', 'required' or one of its tools.`)
  if (tools.includes(toolChoice.name)) return { toolChoice, ...calling }
  throw badArgument(`${where}: toolChoice`, toolChoice.name, `It is none of its tools, which are: ${tools.join(', ')}.`)
}

function memoriesOf(where: string, given: AnyMemory | readonly AnyMemory[] = []): readonly AnyMemory[] {
  const memories = Array.isArray(given) ? (given as readonly AnyMemory[]) : [given as AnyMemory]
  checkEach(
    `${where}: memory`,
    memories,
    ['memory'],
    'Give it what memory({ scope, schema }) made, or several of these.',
  )
  return memories
}

/** They go into the journal and to the model's service as JSON. */
function checkSettings(where: string, settings: ModelSettings): void {
  const lost = findUnjson(settings)
  if (!lost) return
  throw new DefinitionError({
    code: 'bad_settings',
    message: `${where}: settings${lost.path} is ${lost.found}, which JSON cannot say. Give a number, a text, or leave it out.`,
    details: { path: lost.path },
  })
}

/** Says that tools need a context that the agent does not offer, and which. */
type ContextFits<Context extends Schema | undefined, Tools extends readonly AnyTool[]> =
  ContextOf<Context> extends ContextNeeds<Tools>
    ? unknown
    : [Context] extends [Schema]
      ? { readonly context: NoContext<ContextNeeds<Tools>> }
      : NoContext<ContextNeeds<Tools>>

interface NoContext<Needed> {
  readonly 'A tool needs a context that this agent does not have': Needed
}
