// The rules of an agent, its team's among them, laid out for judging its calls: made once, looked up for each call.
import { allBefore, anyBefore, confirmersOf, type RuledTool, ruleGraph, type RuleGraph } from './rule-graph.ts'
import type { Rule } from './rules.ts'

type Of<K extends Rule['kind']> = Extract<Rule, { kind: K }>

/** What a rule asks of the calls of one tool; `rule` is the kind of the rule that it comes from. */
export type Condition = { readonly rule: Rule['kind'] } & (
  | { readonly kind: 'after'; readonly needs: readonly string[] }
  /** `awaited` are those that do not wait for the tool themselves. */
  | { readonly kind: 'after-any'; readonly needs: readonly string[]; readonly awaited: readonly string[] }
  /** None of these may have done anything. */
  | { readonly kind: 'before'; readonly others: readonly string[] }
  /** The same, and whichever comes first in a reply is run. */
  | { readonly kind: 'exclusive'; readonly others: readonly string[] }
  /** Those that are called in the same reply come first. */
  | { readonly kind: 'yields'; readonly to: readonly string[] }
  | { readonly kind: 'at-most'; readonly times: number }
  | { readonly kind: 'alone' }
  /** `by` are the tools that ask a user. */
  | { readonly kind: 'confirmed'; readonly by: readonly string[] }
  | { readonly kind: 'when'; readonly of: Of<'when'> }
  | { readonly kind: 'argument-from'; readonly of: Of<'argument-from'> }
)

/** The rules that hold for an agent's calls. */
export interface RuleBook {
  /** The names of the tools that the agent may call. */
  readonly tools: ReadonlySet<string>
  /** By tool. */
  readonly conditions: ReadonlyMap<string, readonly Condition[]>
  /** Where a tool's calls come among those of a reply: those of lower rank first. A tool that is not there has 0. */
  readonly rank: ReadonlyMap<string, number>
  /** Tools whose calls are judged by a function: nothing else of a reply goes on meanwhile. */
  readonly judged: ReadonlySet<string>
  /** What must have returned how often before the run may end. */
  readonly atEnd: readonly Of<'at-least'>[]
  /** Whether a rule looks at what earlier calls were given or gave. */
  readonly readsFacts: boolean
}

/** Lays out rules that were checked. */
export function ruleBook(rules: readonly Rule[], tools: readonly RuledTool[]): RuleBook {
  const graph = ruleGraph(rules, tools)
  const conditions = new Map<string, Condition[]>()
  for (const rule of rules)
    for (const [tool, condition] of conditionsOf(rule, graph, tools))
      conditions.set(tool, [...(conditions.get(tool) ?? []), condition])
  for (const [tool, all] of conditions)
    conditions.set(
      tool,
      all.toSorted((one, other) => turnOf(one) - turnOf(other)),
    )
  return {
    tools: new Set(tools.map(({ name }) => name)),
    conditions,
    rank: ranksOf(graph, conditions.keys()),
    judged: new Set(rules.flatMap((rule) => (rule.kind === 'when' ? rule.tool : []))),
    atEnd: rules.filter((rule) => rule.kind === 'at-least'),
    readsFacts: rules.some((rule) => rule.kind === 'when' || (rule.kind === 'argument-from' && rule.from !== null)),
  }
}

/** What is to be called first is said before what is wrong with the arguments, and nobody is asked about wrong ones. */
function turnOf({ kind }: Condition): number {
  if (kind === 'confirmed') return 2
  return kind === 'when' || kind === 'argument-from' ? 1 : 0
}

function conditionsOf(
  rule: Rule,
  graph: RuleGraph,
  tools: readonly RuledTool[],
): readonly (readonly [string, Condition])[] {
  const { kind } = rule
  switch (kind) {
    case 'after':
      return [[rule.tool, { rule: kind, kind, needs: rule.needs }]]
    case 'after-any': {
      const awaited = rule.needs.filter((need) => !waitsFor(graph, need, rule.tool))
      return [[rule.tool, { rule: kind, kind, needs: rule.needs, awaited }]]
    }
    case 'before':
      return [
        [rule.tool, { rule: kind, kind, others: rule.others }],
        ...rule.others.map((other) => [other, { rule: kind, kind: 'yields', to: [rule.tool] }] as const),
      ]
    case 'exclusive':
      return [
        [rule.tool, { rule: kind, kind, others: rule.others }],
        ...rule.others.map((other) => [other, { rule: kind, kind, others: [rule.tool] }] as const),
      ]
    case 'sequence':
      return rule.tools.flatMap((tool, at) => {
        const need = rule.tools[at - 1]
        return need === undefined ? [] : [[tool, { rule: kind, kind: 'after', needs: [need] }] as const]
      })
    case 'at-most':
      return [[rule.tool, { rule: kind, kind, times: rule.times }]]
    case 'alone':
      return [[rule.tool, { rule: kind, kind }]]
    case 'confirmed':
      return [[rule.tool, { rule: kind, kind, by: confirmersOf(tools, rule.tool) }]]
    case 'when':
      return [[rule.tool, { rule: kind, kind, of: rule }]]
    case 'argument-from':
      return [[rule.tool, { rule: kind, kind, of: rule }]]
    case 'at-least':
      return []
    default:
      return rule satisfies never
  }
}

/** Whether a tool comes after another by any rule, in however many steps. */
function waitsFor(graph: RuleGraph, tool: string, other: string): boolean {
  return tool === other || allBefore(tool, anyBefore(graph)).has(other)
}

/** How many others come before each tool at most, one after the other. */
function ranksOf(graph: RuleGraph, tools: Iterable<string>): ReadonlyMap<string, number> {
  const ranks = new Map<string, number>()
  const rankOf = (tool: string): number => {
    const known = ranks.get(tool)
    if (known !== undefined) return known
    const any = (graph.needsAny.get(tool) ?? []).flat().filter((need) => !waitsFor(graph, need, tool))
    const before = [...(graph.earlier.get(tool) ?? []), ...any]
    const rank = before.length === 0 ? 0 : 1 + Math.max(...before.map(rankOf))
    ranks.set(tool, rank)
    return rank
  }
  for (const tool of tools) rankOf(tool)
  return ranks
}
