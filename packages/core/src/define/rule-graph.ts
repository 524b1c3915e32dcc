// Which tools come before which, as rules have it: found once for each agent, when it is defined.
import type { Rule } from './rules.ts'
import type { AnyTool } from './tool.ts'

/** What rules look at of a tool. */
export type RuledTool = Pick<AnyTool, 'name' | 'confirms'>

/** The tools that ask a user whether a tool may be called. */
export function confirmersOf(tools: readonly RuledTool[], tool: string): readonly string[] {
  return [...new Set(tools.flatMap(({ name, confirms }) => (confirms === tool ? name : [])))]
}

/** The tools that come before a tool, by its name. */
type Earlier = ReadonlyMap<string, ReadonlySet<string>>

/** What comes before what. */
export interface RuleGraph {
  /** What comes before a tool wherever both are called. */
  readonly earlier: Earlier
  /** What must have returned before a tool may be called at all. */
  readonly needs: Earlier
  /** Lists of which one must have returned, by the tool that needs it. */
  readonly needsAny: ReadonlyMap<string, readonly (readonly string[])[]>
}

/** Reads the rules of an agent, its team's among them, and which of its tools ask for confirmations. */
export function ruleGraph(rules: readonly Rule[], tools: readonly RuledTool[]): RuleGraph {
  const earlier = new Map<string, Set<string>>()
  const needs = new Map<string, Set<string>>()
  const needsAny = new Map<string, (readonly string[])[]>()
  const come = (tool: string, after: string): void => add(earlier, tool, after)
  const need = (tool: string, after: string): void => {
    come(tool, after)
    add(needs, tool, after)
  }
  const needAny = (tool: string, any: readonly string[]): void =>
    void needsAny.set(tool, [...(needsAny.get(tool) ?? []), any])
  for (const rule of rules) {
    switch (rule.kind) {
      case 'after':
        for (const other of rule.needs) need(rule.tool, other)
        break
      case 'sequence':
        for (const [at, tool] of rule.tools.entries()) {
          const other = rule.tools[at - 1]
          if (other !== undefined) need(tool, other)
        }
        break
      case 'argument-from':
        if (rule.from !== null) need(rule.tool, rule.from)
        break
      case 'before':
        for (const other of rule.others) come(other, rule.tool)
        break
      case 'after-any':
        needAny(rule.tool, rule.needs)
        break
      case 'confirmed': {
        const [first, ...others] = confirmersOf(tools, rule.tool)
        if (first !== undefined && others.length === 0) need(rule.tool, first)
        else if (first !== undefined) needAny(rule.tool, [first, ...others])
        break
      }
      case 'at-most':
      case 'at-least':
      case 'alone':
      case 'exclusive':
      case 'when':
        break
      default:
        rule satisfies never
    }
  }
  return { earlier, needs, needsAny }
}

function add(map: Map<string, Set<string>>, key: string, value: string): void {
  const known = map.get(key)
  if (known) known.add(value)
  else map.set(key, new Set([value]))
}

/** All that comes before a tool, in however many steps; the tool itself only where there is a circle. */
export function allBefore(tool: string, next: (tool: string) => Iterable<string>): ReadonlySet<string> {
  const all = new Set(next(tool))
  // A set is walked to what is added on the way too.
  for (const other of all) for (const further of next(other)) all.add(further)
  return all
}

/** What stands before a tool by any rule, those of which one is enough among them. */
export function anyBefore({ earlier, needsAny }: RuleGraph): (tool: string) => Iterable<string> {
  return (tool) => [...(earlier.get(tool) ?? []), ...(needsAny.get(tool) ?? []).flat()]
}

/**
 * The first circle from one of the tools on: each comes after the next.
 *
 * @returns the tools of the circle, the first of them once more at its end.
 */
export function findCircle(
  tools: Iterable<string>,
  next: (tool: string) => Iterable<string>,
): readonly string[] | undefined {
  const sound = new Set<string>()
  const look = (tool: string, path: readonly string[]): readonly string[] | undefined => {
    if (path.includes(tool)) return [...path.slice(path.indexOf(tool)), tool]
    // From here no circle is reached: each tool is looked at once.
    if (sound.has(tool)) return undefined
    for (const other of next(tool)) {
      const circle = look(other, [...path, tool])
      if (circle) return circle
    }
    sound.add(tool)
    return undefined
  }
  for (const tool of tools) {
    const circle = look(tool, [])
    if (circle) return circle
  }
  return undefined
}
