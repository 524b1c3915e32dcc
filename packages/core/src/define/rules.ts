import { DefinitionError } from '../values/errors.ts'
import { checkKind } from './argument.ts'
import { checkCount } from './names.ts'
import type { AnyTool } from './tool.ts'

/** Which calls may come when. Kept by the runtime, inside a batch of parallel calls and across a resume. */
export type Rule =
  | { readonly kind: 'after'; readonly tool: string; readonly needs: readonly string[] }
  | { readonly kind: 'at-most'; readonly tool: string; readonly times: number }

const KINDS: { readonly [K in Rule['kind']]: true } = { after: true, 'at-most': true }

/** The kinds of rule. */
export const RULE_KINDS: readonly string[] = Object.keys(KINDS)

/** What rules are about. */
const ITS_TOOLS = 'Give it what defineTool or agentTool gave.'

/**
 * Allows a tool only after others have returned in the same run.
 *
 * @example
 * ```ts
 * import { after, defineAgent, defineTool } from '@reprise/core'
 * import { z } from 'zod'
 *
 * const input = z.object({ orderId: z.string() })
 * const find = defineTool({ name: 'find', description: 'Finds.', input, effect: 'read', execute: () => '$30' })
 * const refund = defineTool({ name: 'refund', description: 'Refunds.', input, effect: 'once', execute: () => 'done' })
 * const desk = defineAgent({
 *   name: 'desk',
 *   model: 'gpt-4.1-mini',
 *   instructions: 'You help the customers of a shop.',
 *   tools: [find, refund],
 *   rules: [after(refund, find)],
 * })
 * ```
 */
export function after(tool: AnyTool, ...needs: readonly [AnyTool, ...AnyTool[]]): Rule {
  for (const each of [tool, ...needs]) checkKind('after was given tool', each, ['tool'], ITS_TOOLS)
  return { kind: 'after', tool: tool.name, needs: needs.map((need) => need.name) }
}

/**
 * Allows a tool a number of times in a run: calls count whose effect may have happened. One that was refused does not: by
 * its schema, by a rule, by a person, by a rollback, or by a ToolError that says that it is no use to try again. A tool that
 * only reads counts when it has returned.
 *
 * @param times 1 or more.
 * @throws DefinitionError when `times` is not a whole number of 1 or more.
 * @example
 * ```ts
 * import { atMost, defineAgent, defineTool } from '@reprise/core'
 * import { z } from 'zod'
 *
 * const input = z.object({ orderId: z.string() })
 * const refund = defineTool({ name: 'refund', description: 'Refunds.', input, effect: 'once', execute: () => 'done' })
 * const desk = defineAgent({
 *   name: 'desk',
 *   model: 'gpt-4.1-mini',
 *   instructions: 'You help the customers of a shop.',
 *   tools: [refund],
 *   rules: [atMost(refund, 1)],
 * })
 * ```
 */
export function atMost(tool: AnyTool, times: number): Rule {
  checkKind('atMost was given tool', tool, ['tool'], ITS_TOOLS)
  checkCount(`atMost(${tool.name})`, 'times', times)
  return { kind: 'at-most', tool: tool.name, times }
}

/**
 * Checks the rules of an agent: each speaks of tools that exist, and every tool can be called at some time.
 *
 * @param known the names of all tools whose calls a rule may wait for.
 * @throws DefinitionError naming the rule.
 */
export function checkRules(
  where: string,
  rules: readonly Rule[],
  own: readonly string[],
  known: readonly string[],
): void {
  for (const rule of rules) {
    const missing =
      [rule.tool].find((name) => !own.includes(name)) ?? needsOf(rule).find((name) => !known.includes(name))
    if (missing === undefined) continue
    throw new DefinitionError({
      code: 'bad_rule',
      message: `${where} has a rule (${rule.kind}) about the tool "${missing}", which it does not have. It has: ${known.join(', ') || 'none'}.`,
      details: { rule: rule.kind, tool: missing },
    })
  }
  const sound = new Set<string>()
  for (const tool of own) {
    const circle = findCircle(tool, rules, [], sound)
    if (!circle) continue
    throw new DefinitionError({
      code: 'bad_rule',
      message: `${where} has rules that no call can satisfy: ${circle.join(' after ')}. Take one of them away.`,
      details: { circle },
    })
  }
}

/** The tools that must have returned before a rule allows its own. */
function needsOf(rule: Rule): readonly string[] {
  switch (rule.kind) {
    case 'after':
      return rule.needs
    case 'at-most':
      return []
    default:
      return rule satisfies never
  }
}

/** @param sound tools from which no circle is reached: each is looked at once. */
function findCircle(
  tool: string,
  rules: readonly Rule[],
  path: readonly string[],
  sound: Set<string>,
): readonly string[] | undefined {
  if (path.includes(tool)) return [...path.slice(path.indexOf(tool)), tool]
  if (sound.has(tool)) return undefined
  for (const rule of rules) {
    if (rule.tool !== tool) continue
    for (const need of needsOf(rule)) {
      const circle = findCircle(need, rules, [...path, tool], sound)
      if (circle) return circle
    }
  }
  sound.add(tool)
  return undefined
}
