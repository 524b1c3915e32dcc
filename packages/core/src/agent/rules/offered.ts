// Which values of an argument earlier calls have given. What a call has given is looked at once, and a value is then found
// at once, however many calls there were.
import type { Rule } from '../../define/rules.ts'
import { copyJson } from '../../values/json.ts'
import { sortedJson } from '../../values/sorted-json.ts'
import { type Fact, factsOf } from '../state/facts.ts'
import type { AgentState } from '../state/state.ts'

type FromRule = Extract<Rule, { kind: 'argument-from' }>

/** What is known of one list of calls, which only grows. */
interface Index {
  /** How many of them were looked at. */
  seen: number
  /** The first call that gave a value, by the value as JSON. */
  readonly first: Map<string, number>
}

const indexes = new WeakMap<FromRule, WeakMap<readonly Fact[], Index>>()

/** Tells whether a rule's argument may have a value: an earlier call, or the run's context, has given it. */
export function isOffered({ context, memory }: AgentState, rule: FromRule, value: unknown): boolean {
  const wanted = sayValue(value)
  if (wanted === undefined) return false
  if (rule.from === null) return valuesOf(rule, context).includes(wanted)
  const { items, length } = factsOf(memory, rule.from)
  const at = indexOf(rule, items).first.get(wanted)
  // A state of before has seen less of the list.
  return at !== undefined && at < length
}

function indexOf(rule: FromRule, items: readonly Fact[]): Index {
  let ofRule = indexes.get(rule)
  if (!ofRule) indexes.set(rule, (ofRule = new WeakMap()))
  let index = ofRule.get(items)
  if (!index) ofRule.set(items, (index = { seen: 0, first: new Map() }))
  for (; index.seen < items.length; index.seen++)
    for (const value of valuesOf(rule, copyJson(items[index.seen]?.result)))
      if (!index.first.has(value)) index.first.set(value, index.seen)
  return index
}

/** What a result, or a context, offers: a function that throws finds nothing in it. */
function valuesOf({ select }: FromRule, given: unknown): readonly string[] {
  let found: unknown
  try {
    found = select(given)
  } catch {
    return []
  }
  const all = Array.isArray(found) ? [found, ...(found as readonly unknown[])] : [found]
  return all.map(sayValue).filter((value) => value !== undefined)
}

/** A value as JSON; undefined for what JSON cannot say. */
function sayValue(value: unknown): string | undefined {
  if (value === undefined) return undefined
  try {
    return sortedJson(value)
  } catch {
    return undefined
  }
}
