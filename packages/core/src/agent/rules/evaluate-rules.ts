// What the rules say of a call. Pure, over the facts that the journal holds (invariant 6).
import type { Rule } from '../../define/rules.ts'
import { timesOf } from '../state/counts.ts'
import type { AgentState, CallState } from '../state/state.ts'

/** A call may run, must wait for the others of its reply, or is refused with what the model is told. */
export type Verdict =
  | { readonly kind: 'allowed' }
  | { readonly kind: 'later' }
  | { readonly kind: 'refused'; readonly told: string }

const ALLOWED: Verdict = { kind: 'allowed' }

/** Judges one call of the current reply. The first rule that does not allow it decides. */
export function evaluateRules(
  state: AgentState,
  calls: readonly CallState[],
  call: CallState,
  rules: readonly Rule[],
): Verdict {
  for (const rule of rules) {
    if (rule.tool !== call.call.name) continue
    const verdict = judgeBy(rule, state, calls, call)
    if (verdict.kind !== 'allowed') return verdict
  }
  return ALLOWED
}

function judgeBy(rule: Rule, state: AgentState, calls: readonly CallState[], call: CallState): Verdict {
  switch (rule.kind) {
    case 'after':
      return judgeAfter(state, calls, rule.tool, rule.needs)
    case 'at-most':
      return judgeAtMost(state, calls, call, rule.times)
    default:
      return rule satisfies never
  }
}

/** The tools that the model may call now, or undefined where that is all of them. */
export function legalTools(
  state: AgentState,
  names: readonly string[],
  rules: readonly Rule[],
): readonly string[] | undefined {
  if (rules.length === 0) return undefined
  const legal = names.filter((name) => rules.every((rule) => rule.tool !== name || isOpen(state, rule)))
  return legal.length === names.length ? undefined : legal
}

function isOpen(state: AgentState, rule: Rule): boolean {
  switch (rule.kind) {
    case 'after':
      return rule.needs.every((need) => timesOf(state.returned, need) > 0)
    case 'at-most':
      return timesOf(state.ran, rule.tool) < rule.times
    default:
      return rule satisfies never
  }
}

function judgeAfter(state: AgentState, calls: readonly CallState[], tool: string, needs: readonly string[]): Verdict {
  const missing = needs.filter((need) => timesOf(state.returned, need) === 0)
  if (missing.length === 0) return ALLOWED
  if (calls.some(({ call, stage }) => missing.includes(call.name) && stage.kind !== 'settled')) return { kind: 'later' }
  const first = missing.join(' and ')
  return {
    kind: 'refused',
    told: `Not executed: ${tool} may be called only after ${first} has succeeded in this conversation. Call ${first} first.`,
  }
}

function judgeAtMost(state: AgentState, calls: readonly CallState[], call: CallState, times: number): Verdict {
  const done = timesOf(state.ran, call.call.name)
  if (done >= times) return { kind: 'refused', told: refuseMore(call.call.name, times) }
  const before = calls.slice(0, calls.indexOf(call))
  const pending = before.filter((other) => other.call.name === call.call.name && other.stage.kind !== 'settled').length
  return done + pending >= times ? { kind: 'later' } : ALLOWED
}

function refuseMore(tool: string, times: number): string {
  const often = times === 1 ? 'once' : `${times} times`
  return `Not executed: ${tool} may be called only ${often} in this conversation, and it was. Go on without it.`
}
