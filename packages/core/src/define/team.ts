import type { Schema } from '../contracts/schema.ts'
import type { CompiledSchema } from '../schema/compile.ts'
import { DefinitionError } from '../values/errors.ts'
import type { Agent, AnyAgent, OnChange, OutputOf } from './agent.ts'
import { badArgument, checkEach, checkKind, checkOptions } from './argument.ts'
import { limitsOf, type Budget, type Limits } from './budget.ts'
import { checkConfirmed, checkOrder, checkRules } from './check-rules.ts'
import { compileOutput } from './compile-output.ts'
import { asHandoff, type Handoff } from './handoff.ts'
import { checkDistinct, checkName, checkVersion } from './names.ts'
import { RULE_KINDS, type Rule } from './rules.ts'
import type { Needs, StartedWith } from './tool.ts'

/** Who may hand over to whom: to an agent, or by what `handoff` says of it. */
export type Handoffs = readonly (readonly [from: AnyAgent, to: readonly (AnyAgent | Handoff)[]])[]

/** What `defineTeam` takes. */
export interface TeamOptions<
  Name extends string,
  Entry extends AnyAgent,
  Routes extends Handoffs,
  Output extends Schema | undefined,
> {
  /** 1 to 64 letters, digits, `_` or `-`. */
  readonly name: Name
  /** @default 1 */
  readonly version?: number
  /** The agent that takes a run first. */
  readonly entry: Entry
  /** Who may hand over to whom; circles are fine. */
  readonly handoffs: Routes
  /** The shape of the answer, whoever gives it. @default the entry's */
  readonly output?: Output
  /** Which calls may come when, whoever makes them; the rules of each agent hold for its own calls beside these. */
  readonly rules?: readonly Rule[]
  /** Of the whole run, whoever holds it. */
  readonly budget?: Budget
  /** @default 'pin' */
  readonly onChange?: OnChange
}

/** A team of any types, as the engine holds it. */
export interface AnyTeam extends Limits {
  readonly kind: 'team'
  readonly name: string
  readonly version: number
  readonly entry: AnyAgent
  /** All agents by name, the entry first. */
  readonly agents: ReadonlyMap<string, AnyAgent>
  /** The ways that each agent may hand over, by its name. */
  readonly ways: ReadonlyMap<string, readonly Handoff[]>
  readonly output: CompiledSchema | undefined
  readonly rules: readonly Rule[]
  readonly onChange: OnChange
}

/** A team with its types. */
export interface Team<
  Name extends string = string,
  Context = unknown,
  Output = unknown,
  Services = unknown,
  Start = Context,
>
  extends AnyTeam, Needs<Context, Services>, StartedWith<Start> {
  readonly name: Name
  readonly '~output'?: Output
}

type Members<Entry extends AnyAgent, Routes extends Handoffs> =
  | Entry
  | Routes[number][0]
  | TargetOf<Routes[number][1][number]>
type TargetOf<To> = To extends Handoff<infer Target> ? Target : To extends AnyAgent ? To : never
type ContextNeeds<Member extends AnyAgent> =
  Member extends Needs<infer Context, never> ? (Context extends undefined ? never : (context: Context) => void) : never
/** The context that serves all members; those without one ask for nothing. */
type SharedContext<Member extends AnyAgent> = [ContextNeeds<Member>] extends [never]
  ? undefined
  : ContextNeeds<Member> extends (context: infer Context) => void
    ? Context
    : never
/** What serves all members as the context of a run that begins. */
type SharedStart<Member extends AnyAgent> = [StartNeeds<Member>] extends [never]
  ? undefined
  : StartNeeds<Member> extends (context: infer Context) => void
    ? Context
    : never
type StartNeeds<Member extends AnyAgent> =
  Member extends StartedWith<infer Context> ? (Context extends undefined ? never : (context: Context) => void) : never
type SharedServices<Member extends AnyAgent> = [Member] extends [Needs<never, infer Services>] ? Services : unknown
type AnswerOf<Entry extends AnyAgent> = Entry extends Agent<string, never, infer Output, never, never> ? Output : never

/** The name of the tool by which an agent hands over to another. */
export function handoffName(agent: string): string {
  return `transfer_to_${agent}`
}

/**
 * Defines a team: agents that hand one run over to each other, with one conversation and one journal.
 *
 * @throws DefinitionError when names clash, a member is never reached, or a handoff is stated twice.
 * @example
 * ```ts
 * import { defineAgent, defineTeam } from '@reprise/core'
 *
 * const model = 'gpt-4.1-mini'
 * const triage = defineAgent({ name: 'triage', model, instructions: 'Hand over to whoever can help.' })
 * const orders = defineAgent({ name: 'orders', model, instructions: 'You know all about orders.' })
 * const returns = defineAgent({ name: 'returns', model, instructions: 'You take goods back.' })
 * const desk = defineTeam({
 *   name: 'desk',
 *   entry: triage,
 *   handoffs: [
 *     [triage, [orders, returns]],
 *     [returns, [triage]],
 *   ],
 * })
 * ```
 */
export function defineTeam<
  const Name extends string,
  Entry extends AnyAgent,
  const Routes extends Handoffs,
  Output extends Schema | undefined = undefined,
>(
  options: TeamOptions<Name, Entry, Routes, Output>,
): Team<
  Name,
  SharedContext<Members<Entry, Routes>>,
  [Output] extends [Schema] ? OutputOf<Output> : AnswerOf<Entry>,
  SharedServices<Members<Entry, Routes>>,
  SharedStart<Members<Entry, Routes>>
> {
  checkOptions('defineTeam was given options', options, 'Give it { name, entry, handoffs }.')
  const { name, version = 1, entry, handoffs: routes, rules = [] } = options
  checkName('A team', name)
  const where = `Team "${name}"`
  checkVersion(where, version)
  checkKind(`${where}: entry`, entry, ['agent'], 'Give it the agent that begins.')
  const { turns = entry.turns, handoffs, totalTurns } = limitsOf(where, options.budget)
  checkRoutes(where, routes)
  const routed = routes.map(([from, to]) => [from, to.map(asHandoff)] as const)
  const members = [...new Set([entry, ...routed.flatMap(([from, to]) => [from, ...to.map(({ agent }) => agent)])])]
  checkDistinct(
    where,
    'agent',
    members.map((member) => member.name),
  )
  checkDistinct(
    where,
    'handoff list',
    routes.map(([from]) => from.name),
  )
  const ways = new Map(routed.map(([from, to]) => [from.name, to]))
  checkReached(where, entry.name, members, ways)
  for (const member of members) checkHandoffNames(where, member, ways.get(member.name) ?? [])
  checkTeamRules(where, rules, members)
  return {
    kind: 'team',
    name,
    version,
    entry,
    agents: new Map(members.map((member) => [member.name, member])),
    ways,
    output: options.output ? compileOutput(options.output, where) : entry.output,
    turns,
    handoffs,
    rules,
    totalTurns,
    onChange: options.onChange ?? 'pin',
  }
}

function checkRoutes(where: string, routes: Handoffs): void {
  const expected = 'Give it pairs of an agent and a list of agents: [[triage, [orders, returns]]].'
  if (!Array.isArray(routes)) throw badArgument(`${where}: handoffs`, routes, expected)
  for (const [at, route] of (routes as readonly unknown[]).entries()) {
    if (!Array.isArray(route)) throw badArgument(`${where}: handoffs[${at}]`, route, expected)
    const [from, to] = route as readonly unknown[]
    checkKind(`${where}: handoffs[${at}][0]`, from, ['agent'], expected)
    checkEach(`${where}: handoffs[${at}][1]`, to, ['agent', 'handoff'], expected)
    if ((to as readonly unknown[]).length === 0)
      throw badArgument(
        `${where}: handoffs[${at}][1]`,
        to,
        'It lists nobody: name at least one agent there, or leave the pair out.',
      )
  }
}

/** Each of a team's rules is about tools of its agents, and with the rules of each agent they leave every tool a time. */
function checkTeamRules(where: string, rules: readonly Rule[], members: readonly AnyAgent[]): void {
  checkEach(`${where}: rules`, rules, RULE_KINDS, 'Give it rules that after, atMost and the like made.')
  if (rules.length === 0) return
  const known = members.flatMap(({ tools }) => tools)
  checkRules(where, rules, known)
  for (const member of members) {
    const its = `${where} and its agent "${member.name}"`
    checkConfirmed(its, rules, member.tools)
    checkOrder(its, [...rules, ...member.rules], known)
  }
}

function checkReached(
  where: string,
  entry: string,
  members: readonly AnyAgent[],
  ways: ReadonlyMap<string, readonly Handoff[]>,
): void {
  const reached = new Set([entry])
  for (const agent of reached) for (const next of ways.get(agent) ?? []) reached.add(next.agent.name)
  const lost = members.find((member) => !reached.has(member.name))
  if (!lost) return
  throw new DefinitionError({
    code: 'unreachable_agent',
    message: `${where} never reaches the agent "${lost.name}". Hand over to it from one of: ${[...reached].join(', ')}.`,
    details: { agent: lost.name },
  })
}

function checkHandoffNames(where: string, from: AnyAgent, to: readonly Handoff[]): void {
  const names = to.map(({ agent }) => handoffName(agent.name))
  for (const name of names) checkName(`${where}: the handoff from "${from.name}"`, name)
  checkDistinct(`${where}: agent "${from.name}"`, 'tool', [...from.tools.map((tool) => tool.name), ...names])
}
