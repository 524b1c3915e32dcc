// Says in words what is recorded, and what today's code would do in its place.
import type { Draft } from '../../contracts/entry.ts'
import type { Plan } from '../../define/plan.ts'
import { sayInput } from '../../journal/fingerprint.ts'
import { parseOf } from '../calls/parse-call.ts'
import type { Action } from '../decide/action.ts'
import { agentPlanOf } from '../decide/decide.ts'
import { callAt } from '../state/calls-of.ts'
import type { AgentState } from '../state/state.ts'
import { essence } from './kinds.ts'

/**
 * Names an entry that is recorded, or would be.
 *
 * @param args of the call that it concerns, where it does, in words.
 */
export function describeEntry({ kind, key, attempt, body }: Draft, args = ''): string {
  const named = 'name' in body
  const said = essence({ kind, body })
  // A fingerprint of the arguments tells a person nothing: they stand there themselves.
  const detail = said === '' || ('asked' in body && said === body.asked) ? '' : ` (${said})`
  return `${kind}${named ? ` ${body.name}` : ''} at ${key}${named ? args : ''}${attempt > 1 ? `, attempt ${attempt}` : ''}${detail}`
}

/** What today's code would do. */
export function describeAction(action: Action, state: AgentState, plan: Plan): string {
  switch (action.kind) {
    case 'record':
      return describeEntry(action.draft, todaysArguments(state, plan, action.draft.key))
    case 'ask':
      return `ask the model at ${action.key}`
    case 'compact':
      return `sum the conversation up at ${action.key}`
    case 'call':
      return `call ${action.tool.name} at ${action.key} with ${sayInput(action.input())}`
    case 'read-memory':
      return `read the memory "${action.memory.name}" at ${action.key}`
    case 'reconcile':
      return `reconcile ${action.tool.name} at ${action.key}`
    case 'wait':
      return `wait (${action.waiting.kind}) at ${action.waiting.key}`
    default:
      return action satisfies never
  }
}

/** The arguments of a call as today's code reads them, in words; nothing where it cannot. */
function todaysArguments(state: AgentState, plan: Plan, key: string): string {
  const call = callAt(state, key)
  const parsed = call && parseOf(state, call, agentPlanOf(state, plan))
  return parsed?.kind === 'tool' ? ` with ${sayInput(parsed.input())}` : ''
}
