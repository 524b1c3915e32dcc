import type { AgentCard, ToolCard } from '../contracts/model.ts'
import type { DefinitionRef } from '../contracts/entry.ts'
import type { Schema } from '../contracts/schema.ts'
import type { CompiledSchema } from '../schema/compile.ts'
import { copyJson } from '../values/json.ts'
import type { AnyAgent, OnChange } from './agent.ts'
import { DEFAULT_HANDOFFS, DEFAULT_TURNS, type RunLimits } from './budget.ts'
import type { Handoff } from './handoff.ts'
import { readResult, readsOn } from './read-result.ts'
import { type RuleBook, ruleBook } from './rule-book.ts'
import { describeRules } from './rule-words.ts'
import type { Rule } from './rules.ts'
import { type AnyTeam, handoffName } from './team.ts'
import type { AnyTool } from './tool.ts'
import type { AnyWorkflow } from './any-workflow.ts'

/** Anything that a run can be started with. */
export type AnyDefinition = AnyAgent | AnyTeam | AnyWorkflow

/** An agent's place in a plan: what it may call, whom it may hand over to, and how the model is shown it. */
export interface AgentPlan {
  readonly agent: AnyAgent
  readonly tools: ReadonlyMap<string, AnyTool>
  /** The ways to hand over, by the names of the tools that do. */
  readonly ways: ReadonlyMap<string, Handoff>
  /** As today's code would show it to the model. */
  readonly card: AgentCard
  /** What holds for its calls: its own rules and its team's. */
  readonly rules: RuleBook
}

/** A definition made ready to run: an agent is a team of one. */
export interface Plan extends RunLimits {
  readonly definition: AnyAgent | AnyTeam
  readonly ref: DefinitionRef
  readonly entry: string
  readonly agents: ReadonlyMap<string, AgentPlan>
  readonly output: CompiledSchema | undefined
  readonly onChange: OnChange
  readonly contexts: readonly Schema[]
  /** Whether a run keeps what calls were given and gave, since rules look at it. */
  readonly remembers: boolean
}

const plans = new WeakMap<AnyAgent | AnyTeam, Plan>()

/** Gives the plan of an agent or a team; each is made once. */
export function planOf(definition: AnyAgent | AnyTeam): Plan {
  let plan = plans.get(definition)
  if (!plan) plans.set(definition, (plan = makePlan(definition)))
  return plan
}

function makePlan(definition: AnyAgent | AnyTeam): Plan {
  const { kind, name, version, output, onChange } = definition
  const team =
    kind === 'team'
      ? definition
      : { agents: new Map([[name, definition]]), ways: new Map<string, Handoff[]>(), rules: [] }
  const agents = [...team.agents.values()]
  const posts = agents.map((agent) => makePost(agent, team.ways.get(agent.name) ?? [], team.rules, output, name))
  return {
    definition,
    ref: { kind, name, version },
    entry: kind === 'team' ? definition.entry.name : name,
    agents: new Map(posts.map((post) => [post.agent.name, post])),
    output,
    turns: definition.turns ?? DEFAULT_TURNS,
    // Of an agent alone it would be a limit of its own, and there is nobody to hand over to.
    handoffs: (kind === 'team' ? definition.handoffs : undefined) ?? DEFAULT_HANDOFFS,
    totalTurns: definition.totalTurns ?? Infinity,
    onChange,
    contexts: [...new Set(agents.flatMap((agent) => agent.context ?? []))],
    remembers: posts.some(({ rules }) => rules.readsFacts),
  }
}

function makePost(
  agent: AnyAgent,
  to: readonly Handoff[],
  teamRules: readonly Rule[],
  output: CompiledSchema | undefined,
  owner: string,
): AgentPlan {
  const rules = ruleBook([...agent.rules, ...teamRules], agent.tools)
  const callable = readsOn(agent.tools) ? [...agent.tools, readResult] : agent.tools
  const told = callable.map(({ name, card }) => ({
    ...card,
    description: describeRules(card.description, name, rules),
  }))
  const tools: ToolCard[] = [...told, ...to.map(handoffCard)]
  return {
    agent,
    tools: new Map(callable.map((tool) => [tool.name, tool])),
    ways: new Map(to.map((way) => [handoffName(way.agent.name), way])),
    rules,
    card: asRead({
      agent: agent.name,
      version: agent.version,
      model: agent.model,
      settings: agent.settings,
      maxOutputTokens: agent.maxOutputTokens,
      tools,
      ...(agent.hosted.length > 0 && { hosted: agent.hosted }),
      ...(!agent.parallelCalls && { parallelCalls: false }),
      ...(agent.memory.length > 0 && { memory: agent.memory.map((memory) => memory.card) }),
      output: output ? { name: owner, schema: output.json } : null,
    }),
  }
}

/** A card as a journal gives it back: runs that start and runs that are taken up again go by the same. */
function asRead(card: AgentCard): AgentCard {
  return copyJson(card) as AgentCard
}

function handoffCard({ agent: { name }, description, payload }: Handoff): ToolCard {
  return {
    name: handoffName(name),
    description: description ?? ownWords(name),
    parameters: payload?.json ?? { type: 'object', properties: {}, required: [], additionalProperties: false },
  }
}

function ownWords(name: string): string {
  return `Hands the conversation over to the agent "${name}", who answers from then on. Call it alone, after everything else is done.`
}
