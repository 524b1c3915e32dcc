// What becomes of the calls of one reply: told, judged, run, handed over, or left in doubt.
import type { Plan, Post } from '../define/plan.ts'
import type { AnyTool } from '../define/tool.ts'
import { callDigest } from '../journal/fingerprint.ts'
import { RUN_KEY } from '../journal/keys.ts'
import type { Action } from './action.ts'
import { judge } from './judge.ts'
import { parseCall } from './parse-call.ts'
import type { AgentState, CallState } from './state.ts'

/** Gives the actions for all calls that are not settled. */
export function decideCalls(state: AgentState, calls: readonly CallState[], post: Post, plan: Plan): readonly Action[] {
  const actions = calls.flatMap((call) =>
    call.stage.kind === 'settled' ? [] : (decideCall(state, calls, call, post, plan) ?? []),
  )
  const busy = actions.filter((action) => action.kind !== 'wait')
  const [rest] = actions
  // A call that waits for a person holds nothing else up: the run rests when there is nothing else to do.
  if (busy.length > 0 || rest?.kind !== 'wait') return busy
  return state.waiting
    ? [rest]
    : [{ kind: 'record', draft: { kind: 'run.waiting', key: RUN_KEY, attempt: 1, body: { waiting: rest.waiting } } }]
}

function decideCall(
  state: AgentState,
  calls: readonly CallState[],
  call: CallState,
  post: Post,
  plan: Plan,
): Action | undefined {
  const parsed = parseCall(call.call, post)
  switch (parsed.kind) {
    case 'bad':
      return tell(call, parsed.code, parsed.told)
    case 'handoff':
      return decideHandoff(state, calls, call, parsed.to, post, plan)
    case 'tool':
      return decideTool(state, calls, call, parsed.tool, parsed.input, post)
    default:
      return parsed satisfies never
  }
}

function tell({ call, key }: CallState, code: string, message: string): Action {
  return {
    kind: 'record',
    draft: { kind: 'call.failed', key, attempt: 1, body: { name: call.name, error: { code, message }, retryAt: null } },
  }
}

function decideTool(
  state: AgentState,
  calls: readonly CallState[],
  of: CallState,
  tool: AnyTool,
  input: unknown,
  post: Post,
): Action | undefined {
  const { call, key, stage } = of
  switch (stage.kind) {
    case 'open': {
      const rules = stage.judged ? [] : post.agent.rules.filter((rule) => rule.tool === call.name)
      if (rules.length > 0) return decideByRules(state, calls, of, rules)
      if (tool.effect !== 'once')
        return { kind: 'call', key, attempt: stage.attempt, retryAt: stage.retryAt, tool, input }
      const body = { name: call.name, asked: callDigest(call.name, input) }
      return { kind: 'record', draft: { kind: 'call.intended', key, attempt: stage.attempt, body } }
    }
    case 'intended':
      return { kind: 'call', key, attempt: stage.attempt, retryAt: null, tool, input }
    case 'doubted':
      // Once it is written that the run rests, the tool was asked and did not know.
      return tool.reconcile && state.waiting?.key !== key
        ? { kind: 'reconcile', key, attempt: stage.attempt, tool, input }
        : { kind: 'wait', waiting: { kind: 'in-doubt', key, tool: tool.name } }
    case 'settled':
      return undefined
    default:
      return stage satisfies never
  }
}

function decideByRules(
  state: AgentState,
  calls: readonly CallState[],
  call: CallState,
  rules: Parameters<typeof judge>[3],
): Action | undefined {
  const verdict = judge(state, calls, call, rules)
  if (verdict.kind === 'later') return undefined
  const told = verdict.kind === 'refused' ? { told: verdict.told } : {}
  const body = { name: call.call.name, facts: state.seq, allowed: verdict.kind === 'allowed', ...told }
  return { kind: 'record', draft: { kind: 'call.judged', key: call.key, attempt: 1, body } }
}

/** A reply makes one handoff, the first it asks for, after its other calls are done. */
function decideHandoff(
  state: AgentState,
  calls: readonly CallState[],
  call: CallState,
  to: string,
  post: Post,
  plan: Plan,
): Action | undefined {
  const target = plan.posts.get(to)
  if (!target || calls.find((other) => parseCall(other.call, post).kind === 'handoff') !== call) {
    return tell(call, 'second_handoff', 'Not made: one reply hands over once, and the first handoff counts.')
  }
  if (calls.some((other) => other !== call && other.stage.kind !== 'settled')) return undefined
  const instructions = target.agent.instructions({ context: state.context })
  const body = { to, card: target.card, instructions, told: `The conversation is now with ${to}.` }
  return { kind: 'record', draft: { kind: 'handoff.made', key: call.key, attempt: 1, body } }
}
