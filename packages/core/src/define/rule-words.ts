// What the model is told of rules with each tool: recorded with the tool's card, so that another wording changes no run.
import type { Condition, RuleBook } from './rule-book.ts'

/** Between what the user wrote of a tool and what is said of its rules. */
const MARK = '\n\nRules: '

/** A tool's description with what the rules ask of its calls, in a sentence; as it is where they ask nothing. */
export function describeRules(description: string, tool: string, book: RuleBook): string {
  const conditions = book.conditions.get(tool) ?? []
  const least = book.atEnd.filter((rule) => rule.tool === tool)
  const parts = [
    ...conditions.flatMap(sayCondition),
    ...least.map(({ times }) => `at least ${often(times)} before you answer`),
  ]
  const says = conditions.flatMap((one) => (one.kind === 'when' && one.of.says ? sentence(one.of.says) : []))
  const said = [...(parts.length > 0 ? [`Call it ${parts.join('; ')}.`] : []), ...says]
  return said.length === 0 ? description : `${description}${MARK}${said.join(' ')}`
}

/** What the user wrote of a tool. */
export function withoutRules(description: string): string {
  const at = description.lastIndexOf(MARK)
  return at === -1 ? description : description.slice(0, at)
}

function sayCondition(condition: Condition): string[] {
  switch (condition.kind) {
    case 'after':
      return [`only after ${listed(condition.needs)} ${condition.needs.length === 1 ? 'has' : 'have'} returned`]
    case 'after-any':
      return [`only after ${listed(condition.needs, 'or')} has returned`]
    case 'before':
      return [`only as long as ${listed(condition.others, 'or')} was not called`]
    case 'exclusive':
      return [`only where ${listed(condition.others, 'or')} was not called`]
    case 'at-most':
      return [`at most ${often(condition.times)} in a conversation`]
    case 'alone':
      return ['as the only call of a reply']
    case 'confirmed':
      return [`only with arguments to which the user has said yes, asked by ${listed(condition.by, 'or')}`]
    case 'argument-from': {
      const { field, from } = condition.of
      return [
        from === null
          ? `only with the ${field} that is known of this conversation`
          : `only with a value of ${field} that ${from} has given`,
      ]
    }
    case 'yields':
    case 'when':
      return []
    default:
      return condition satisfies never
  }
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(names: readonly string[], by: 'and' | 'or' = 'and'): string {
  const last = names.at(-1) ?? ''
  return names.length < 2 ? last : `${names.slice(0, -1).join(', ')} ${by} ${last}`
}

/** `once`, `2 times`. */
export function often(times: number): string {
  return times === 1 ? 'once' : `${times} times`
}

/** What the user says of a condition, as a sentence on one line. */
export function sentence(says: string): string {
  const line = says.trim().replaceAll(/\s+/g, ' ')
  return /[.!?]$/.test(line) ? line : `${line}.`
}
