import { DefinitionError } from '../values/errors.ts'
import { allBefore, confirmersOf, findCircle, type RuledTool, ruleGraph, type RuleGraph } from './rule-graph.ts'
import type { Rule } from './rules.ts'

/**
 * Checks the rules of an agent, or of a team: each speaks of tools that exist, every tool can be called at some time, and
 * the run can end.
 *
 * @param tools all that a rule may be about.
 * @throws DefinitionError naming the rule, or the tools that wait for each other.
 */
export function checkRules(where: string, rules: readonly Rule[], tools: readonly RuledTool[]): void {
  const known = namesOf(tools)
  for (const rule of rules) {
    const missing = toolsOf(rule).find((name) => !known.includes(name))
    if (missing === undefined) continue
    throw new DefinitionError({
      code: 'bad_rule',
      message: `${where} has a rule (${rule.kind}) about the tool "${missing}", which it does not have. It has: ${known.join(', ') || 'none'}.`,
      details: { rule: rule.kind, tool: missing },
    })
  }
  checkConfirmed(where, rules, tools)
  checkOrder(where, rules, tools)
}

/**
 * Checks that an agent can ask for the confirmations that its calls need.
 *
 * @throws DefinitionError naming the tool of which it has none that asks.
 */
export function checkConfirmed(where: string, rules: readonly Rule[], tools: readonly RuledTool[]): void {
  const names = namesOf(tools)
  const rule = rules
    .filter((one) => one.kind === 'confirmed')
    .find(({ tool }) => names.includes(tool) && confirmersOf(tools, tool).length === 0)
  if (!rule) return
  const { kind, tool } = rule
  throw new DefinitionError({
    code: 'bad_rule',
    message: `${where} has a rule (${kind}) about the tool "${tool}", and no tool that asks for that. Add askConfirmation(${tool}) to the tools.`,
    details: { rule: kind, tool },
  })
}

function namesOf(tools: readonly RuledTool[]): readonly string[] {
  return [...new Set(tools.map(({ name }) => name))]
}

/**
 * Checks that rules which hold together, as an agent's and its team's do, leave every tool a time, and the run an end.
 *
 * @throws DefinitionError naming the tools that wait for each other.
 */
export function checkOrder(where: string, rules: readonly Rule[], tools: readonly RuledTool[]): void {
  const known = namesOf(tools)
  const graph = ruleGraph(rules, tools)
  const circle = findCircle(known, (tool) => graph.earlier.get(tool) ?? []) ?? circleOfAny(graph, known)
  if (circle) throw unsatisfiable(where, circle.join(' after '), { circle })
  const apart = exclusions(rules)
  for (const tool of known) {
    const pair = pairOf([tool, ...neededBy(graph, tool)], apart)
    if (pair)
      throw unsatisfiable(where, `${tool} needs ${pair.join(' and ')}, of which only one may be called`, { pair })
  }
  checkEnd(where, rules, graph, apart)
}

/** All tools that a rule is about. */
function toolsOf(rule: Rule): readonly string[] {
  switch (rule.kind) {
    case 'after':
    case 'after-any':
      return [rule.tool, ...rule.needs]
    case 'before':
    case 'exclusive':
      return [rule.tool, ...rule.others]
    case 'sequence':
      return rule.tools
    case 'argument-from':
      return rule.from === null ? [rule.tool] : [rule.tool, rule.from]
    case 'at-most':
    case 'at-least':
    case 'alone':
    case 'confirmed':
    case 'when':
      return [rule.tool]
    default:
      return rule satisfies never
  }
}

/** Where each of the tools that one is enough of waits, too: the circle that they are in. */
function circleOfAny({ needs, needsAny }: RuleGraph, known: readonly string[]): readonly string[] | undefined {
  const callable = new Set<string>()
  const isCallable = (tool: string): boolean =>
    [...(needs.get(tool) ?? [])].every((need) => callable.has(need)) &&
    (needsAny.get(tool) ?? []).every((any) => any.some((need) => callable.has(need)))
  for (let before = -1; before < callable.size;) {
    before = callable.size
    for (const tool of known) if (isCallable(tool)) callable.add(tool)
  }
  const lost = known.filter((tool) => !callable.has(tool))
  // Each of these needs one that is among them.
  const next = (tool: string): Iterable<string> => {
    const all = [...(needs.get(tool) ?? [])].find((need) => !callable.has(need))
    const any = (needsAny.get(tool) ?? []).find((list) => !list.some((need) => callable.has(need)))?.[0]
    return [all ?? any].filter((need) => need !== undefined)
  }
  return findCircle(lost, next)
}

function neededBy({ needs }: RuleGraph, tool: string): ReadonlySet<string> {
  return allBefore(tool, (other) => needs.get(other) ?? [])
}

type Pair = readonly [string, string]

function exclusions(rules: readonly Rule[]): readonly Pair[] {
  return rules.flatMap((rule) =>
    rule.kind === 'exclusive' ? rule.others.map((other): Pair => [rule.tool, other]) : [],
  )
}

/** Two of the tools that exclude each other. */
function pairOf(tools: readonly string[], apart: readonly Pair[]): Pair | undefined {
  return apart.find(([one, other]) => tools.includes(one) && tools.includes(other))
}

function checkEnd(where: string, rules: readonly Rule[], graph: RuleGraph, apart: readonly Pair[]): void {
  const wanted = rules.filter((rule) => rule.kind === 'at-least')
  const limits = rules.filter((rule) => rule.kind === 'at-most')
  for (const { tool, times } of wanted) {
    const limit = limits.find((rule) => rule.tool === tool && rule.times < times)
    if (limit) throw endless(where, `${tool} at least ${times} times and at most ${limit.times}`, { tool })
  }
  const all = wanted.flatMap(({ tool }) => [tool, ...neededBy(graph, tool)])
  const pair = pairOf(all, apart)
  if (pair) throw endless(where, `${pair.join(' and ')} both, of which only one may be called`, { pair })
}

function unsatisfiable(where: string, why: string, details: DefinitionError['details']): DefinitionError {
  const message = `${where} has rules that no call can satisfy: ${why}. Take one of them away.`
  return new DefinitionError({ code: 'bad_rule', message, details })
}

function endless(where: string, why: string, details: DefinitionError['details']): DefinitionError {
  const message = `${where} has rules by which no run can end: ${why}. Take one of them away.`
  return new DefinitionError({ code: 'bad_rule', message, details })
}
