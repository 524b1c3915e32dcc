// What the rules say of a call. Pure, over the facts that the journal holds (invariant 6).
import type { Facts } from '../../define/facts.ts'
import type { Condition, RuleBook } from '../../define/rule-book.ts'
import { listed, often, sentence } from '../../define/rule-words.ts'
import type { Rule } from '../../define/rules.ts'
import type { Digest } from '../../values/digest.ts'
import { messageOf } from '../../values/errors.ts'
import type { Remark } from '../calls/remark.ts'
import { timesOf } from '../state/counts.ts'
import type { AgentState, CallState } from '../state/state.ts'
import { isOffered } from './offered.ts'
import { factsFor } from './past-calls.ts'

/** A call may run, must wait for the others of its reply, or is refused with what the model is told. */
export type Verdict =
  | { readonly kind: 'allowed' }
  | { readonly kind: 'later' }
  | {
      readonly kind: 'refused'
      readonly rule: Rule['kind']
      readonly told: string
      /** What is odd of the rule, for whoever wrote it. */
      readonly remark?: Remark
    }

/** One call of the current reply, as it is judged. */
export interface CallPlace {
  readonly state: AgentState
  /** All calls of the reply. */
  readonly calls: readonly CallState[]
  readonly call: CallState
  readonly book: RuleBook
  /** The fingerprint of the call as it would run. */
  readonly asked: Digest
  /** What the call is given, with tokens in the place of secrets. */
  readonly input: () => unknown
}

type Of<K extends Condition['kind']> = Extract<Condition, { kind: K }>

const ALLOWED: Verdict = { kind: 'allowed' }
const LATER: Verdict = { kind: 'later' }

/** Judges one call of the current reply. The first rule that does not allow it decides. */
export function evaluateRules(given: CallPlace): Verdict {
  if (waitsItsTurn(given)) return LATER
  const place = { ...given, input: once(given.input) }
  for (const condition of place.book.conditions.get(place.call.call.name) ?? []) {
    const verdict = judgeBy(condition, place)
    if (verdict.kind !== 'allowed') return verdict
  }
  return ALLOWED
}

function judgeBy(condition: Condition, place: CallPlace): Verdict {
  switch (condition.kind) {
    case 'after':
      return judgeAfter(condition, place)
    case 'after-any':
      return judgeAfterAny(condition, place)
    case 'before':
      return judgeUnspent(condition, place)
    case 'yields':
      return place.calls.some((other) => isOpenCallOf(other, condition.to)) ? LATER : ALLOWED
    case 'exclusive': {
      const verdict = judgeUnspent(condition, place)
      if (verdict.kind !== 'allowed') return verdict
      return place.calls.some((other) => isOpenCallOf(other, condition.others) && comesBefore(other, place))
        ? LATER
        : ALLOWED
    }
    case 'at-most':
      return judgeAtMost(condition, place)
    case 'alone':
      return place.calls.length === 1 ? ALLOWED : refuseBeside(condition, place)
    case 'confirmed':
      return judgeConfirmed(condition, place)
    case 'when':
      return judgeWhen(condition, place)
    case 'argument-from':
      return judgeArgument(condition, place)
    default:
      return condition satisfies never
  }
}

/** The tools that the model may call now, or undefined where that is all of them. */
export function legalTools(
  state: AgentState,
  names: readonly string[],
  { conditions }: RuleBook,
): readonly string[] | undefined {
  if (conditions.size === 0) return undefined
  const legal = names.filter((name) =>
    (conditions.get(name) ?? []).every((condition) => isOpen(state, name, condition)),
  )
  return legal.length === names.length ? undefined : legal
}

/** Whether a call of a tool may be allowed as the run stands; what its arguments are decides the rest. */
function isOpen({ returned, ran, confirmed }: AgentState, tool: string, condition: Condition): boolean {
  switch (condition.kind) {
    case 'after':
      return condition.needs.every((need) => timesOf(returned, need) > 0)
    case 'after-any':
      return condition.needs.some((need) => timesOf(returned, need) > 0)
    case 'before':
    case 'exclusive':
      return condition.others.every((other) => timesOf(ran, other) === 0)
    case 'at-most':
      return timesOf(ran, tool) < condition.times
    case 'argument-from':
      return condition.of.from === null || timesOf(returned, condition.of.from) > 0
    case 'confirmed':
      return confirmed.length > 0 && condition.by.some((asker) => timesOf(returned, asker) > 0)
    case 'yields':
    case 'alone':
    case 'when':
      return true
    default:
      return condition satisfies never
  }
}

/** What several rules look at is made once. */
function once(make: () => unknown): () => unknown {
  let made: { readonly value: unknown } | undefined
  return () => (made ??= { value: make() }).value
}

function isOpenCallOf({ call, stage }: CallState, tools: readonly string[]): boolean {
  return stage.kind !== 'settled' && tools.includes(call.name)
}

/**
 * Calls that a function judges are run by themselves, at their place in the order of the reply: what it is told must be
 * the same, however long the others take.
 */
function waitsItsTurn(place: CallPlace): boolean {
  const { calls, call, book } = place
  if (calls.length === 1 || book.judged.size === 0) return false
  const isJudged = book.judged.has(call.call.name)
  return calls.some(
    (other) =>
      other.stage.kind !== 'settled' &&
      // A handoff waits for all others, and what is no tool is told at once.
      book.tools.has(other.call.name) &&
      (isJudged || book.judged.has(other.call.name)) &&
      comesBefore(other, place),
  )
}

/** The order of a reply's calls: as the rules have it, those that a function judges last, and then as the model wrote them. */
function comesBefore(other: CallState, { calls, call, book }: CallPlace): boolean {
  if (other === call) return false
  const rank = rankOf(other, book) - rankOf(call, book)
  if (rank !== 0) return rank < 0
  const judged = Number(book.judged.has(other.call.name)) - Number(book.judged.has(call.call.name))
  return judged === 0 ? calls.indexOf(other) < calls.indexOf(call) : judged < 0
}

function rankOf({ call }: CallState, { rank }: RuleBook): number {
  return rank.get(call.name) ?? 0
}

function judgeAfter({ rule, needs }: Of<'after'>, { state, calls, call }: CallPlace): Verdict {
  const missing = needs.filter((need) => timesOf(state.returned, need) === 0)
  if (missing.length === 0) return ALLOWED
  if (calls.some((other) => isOpenCallOf(other, missing))) return LATER
  const first = listed(missing)
  const told = `${name(call)} may be called only after ${first} has succeeded in this conversation. Call ${first} first.`
  return refuse(rule, told)
}

function judgeAfterAny({ rule, needs, awaited }: Of<'after-any'>, { state, calls, call }: CallPlace): Verdict {
  if (needs.some((need) => timesOf(state.returned, need) > 0)) return ALLOWED
  if (calls.some((other) => isOpenCallOf(other, awaited))) return LATER
  const first = listed(needs, 'or')
  const told = `${name(call)} may be called only after ${first} has succeeded in this conversation. Call ${first} first.`
  return refuse(rule, told)
}

function judgeUnspent({ kind, rule, others }: Of<'before' | 'exclusive'>, { state, call }: CallPlace): Verdict {
  const ran = others.find((other) => timesOf(state.ran, other) > 0)
  if (ran === undefined) return ALLOWED
  const when =
    kind === 'before' ? `only before ${listed(others, 'or')}` : `only where ${listed(others, 'or')} was not called`
  return refuse(
    rule,
    `${name(call)} may be called ${when}, and ${ran} was called in this conversation. Go on without it.`,
  )
}

function judgeAtMost({ rule, times }: Of<'at-most'>, { state, calls, call }: CallPlace): Verdict {
  const tool = name(call)
  const done = timesOf(state.ran, tool)
  if (done >= times)
    return refuse(
      rule,
      `${tool} may be called only ${often(times)} in this conversation, and it was. Go on without it.`,
    )
  const before = calls.slice(0, calls.indexOf(call))
  const pending = before.filter((other) => isOpenCallOf(other, [tool])).length
  return done + pending >= times ? LATER : ALLOWED
}

function refuseBeside({ rule }: Of<'alone'>, { call }: CallPlace): Verdict {
  const told = `${name(call)} may be called only by itself, and this reply has other calls. Look at what they gave, and then call it alone.`
  return refuse(rule, told)
}

/** What was confirmed before this reply: of what is asked beside the call, nobody knew the answer who made it. */
function judgeConfirmed({ rule, by }: Of<'confirmed'>, { state, call, asked }: CallPlace): Verdict {
  if (state.confirmed.includes(asked)) return ALLOWED
  const [tool, asker] = [name(call), listed(by, 'or')]
  const told = `${tool} may be called only with arguments to which the user has said yes before, asked by ${asker}. Call ${asker} with these arguments first, and ${tool} with the same once the answer is yes.`
  return refuse(rule, told)
}

function judgeWhen({ rule, of }: Of<'when'>, { state, call, input }: CallPlace): Verdict {
  const asked = askWhen(of, input(), factsFor(state))
  if (asked.allowed) return ALLOWED
  const why = of.says === undefined ? 'Find out what is missing, or call it with other arguments.' : sentence(of.says)
  const told = `a rule does not allow ${name(call)} with these arguments as the conversation stands. ${why}`
  return { ...refuse(rule, told), ...(asked.remark && { remark: asked.remark }) }
}

/** A function that cannot say yes says no. */
function askWhen(
  { tool, allows }: Of<'when'>['of'],
  input: unknown,
  facts: Facts,
): { readonly allowed: boolean; readonly remark?: Remark } {
  const about = `Rule when(${tool})`
  const odd = (what: string): Remark => ({
    about,
    line: `${about} ${what}, so that it allows no such call. Let it say true or false at once.`,
  })
  try {
    // Types say that it is true or false; JavaScript does not.
    const said = allows(input, facts)
    if (!(said instanceof Promise)) return { allowed: Boolean(said) }
    // Nobody waits for it, and a rejection must not end the process.
    said.catch(() => undefined)
    return { allowed: false, remark: odd('gave a promise, which nobody awaits') }
  } catch (error) {
    return { allowed: false, remark: odd(`threw: ${messageOf(error)}`) }
  }
}

function judgeArgument({ rule, of }: Of<'argument-from'>, { state, calls, call, input }: CallPlace): Verdict {
  const given = input()
  const value =
    typeof given === 'object' && given !== null ? (given as Readonly<Record<string, unknown>>)[of.field] : undefined
  if (value === undefined || isOffered(state, of, value)) return ALLOWED
  const { from, field } = of
  if (from === null)
    return refuse(
      rule,
      `${field} of ${name(call)} must be the one that is known of this conversation. Call it again with that.`,
    )
  if (calls.some((other) => isOpenCallOf(other, [from]))) return LATER
  const told = `${field} of ${name(call)} must be one that ${from} has given in this conversation. Call ${from} first, and give what it gives.`
  return refuse(rule, told)
}

function refuse(rule: Rule['kind'], why: string): Extract<Verdict, { kind: 'refused' }> {
  return { kind: 'refused', rule, told: `Not executed: ${why}` }
}

function name({ call }: CallState): string {
  return call.name
}
