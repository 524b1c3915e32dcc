// What becomes of the calls of one reply: told, judged, run, handed over, or left in doubt.
import type { RecordedError, Waiting } from '../../contracts/entry.ts'
import type { Plan, AgentPlan } from '../../define/plan.ts'
import { type ReadInput, readResult } from '../../define/read-result.ts'
import { RUN_KEY } from '../../journal/keys.ts'
import { endBlocked, blockedEffect } from '../../journal/blocked-effect.ts'
import type { Action, Beside } from './action.ts'
import { approvalWait, askApproval } from '../rules/ask-approval.ts'
import { argumentsOf, asksAboutCall } from '../state/asked-call.ts'
import { answerWait, askAnswer } from '../rules/ask-answer.ts'
import { doubtWait } from '../state/doubt.ts'
import { decideHandoff } from './decide-handoff.ts'
import { type ParsedCall, parseOf } from '../calls/parse-call.ts'
import { readOn } from '../calls/read-on.ts'
import type { Remark } from '../calls/remark.ts'
import type { AgentState, CallState } from '../state/state.ts'
import { isWritten, type Judged, judgeCall, mayRun } from '../rules/verdict.ts'

type ToolCall = Extract<ParsedCall, { kind: 'tool' }>

/** The calls of one reply, and what decides about them. */
interface Batch {
  readonly state: AgentState
  readonly calls: readonly CallState[]
  readonly agentPlan: AgentPlan
  readonly plan: Plan
  readonly beside: Beside
}

/** Gives the actions for all calls that are not settled. */
export function decideCalls(batch: Batch): readonly Action[] {
  const open = batch.calls.filter(({ stage }) => stage.kind !== 'settled')
  const actions = open.flatMap((call) => decideCall(batch, call) ?? [])
  const busy = actions.filter(({ kind }) => kind !== 'wait')
  // A call that waits for a person, or is withheld, holds nothing else up: it counts when there is nothing else to do.
  const [rest] = actions.filter((action) => action.kind === 'wait').toSorted((a, b) => endOf(a) - endOf(b))
  if (busy.length > 0) return busy
  if (rest) return [batch.state.waiting ? rest : restsFor(rest.waiting)]
  return endsBy(batch.state, open)
}

/** What the calls of a reply wait for, whatever else is to be done for others of them, with what was asked for. */
export function callWaits(batch: Batch): readonly Waiting[] {
  return batch.calls.flatMap((call) => {
    if (call.stage.kind === 'settled') return []
    const action = decideCall(batch, call)
    return action?.kind === 'wait' ? [inFull(action.waiting, call, batch.agentPlan)] : []
  })
}

function inFull(waiting: Waiting, { call, edited }: CallState, { agent }: AgentPlan): Waiting {
  if (!asksAboutCall(waiting)) return waiting
  return { ...waiting, agent: agent.name, ...argumentsOf(edited?.call ?? call) }
}

function restsFor(waiting: Waiting): Action {
  return { kind: 'record', draft: { kind: 'run.waiting', key: RUN_KEY, attempt: 1, body: { waiting } } }
}

/** The first call that was withheld ends the run. */
function endsBy({ seq }: AgentState, open: readonly CallState[]): readonly Action[] {
  for (const { key, stage } of open) {
    if (stage.kind !== 'blocked') continue
    const body = endBlocked(stage.what, key, seq + 1)
    return [{ kind: 'record', draft: { kind: 'run.failed', key: RUN_KEY, attempt: 1, body } }]
  }
  return []
}

/** When a wait ends by itself: the soonest says when the run is to be looked at again. */
function endOf({ waiting }: Extract<Action, { kind: 'wait' }>): number {
  return ('until' in waiting ? waiting.until : undefined) ?? Number.MAX_VALUE
}

function decideCall(batch: Batch, call: CallState): Action | undefined {
  const parsed = parseOf(batch.state, call, batch.agentPlan)
  switch (parsed.kind) {
    case 'bad':
      return fail(call, { code: parsed.code, message: parsed.told }, parsed.remark)
    case 'handoff':
      return decideHandoff(batch, call, parsed)
    case 'tool':
      return decideTool(batch, call, parsed)
    default:
      return parsed satisfies never
  }
}

function fail({ call, key }: CallState, error: RecordedError, remark?: Remark): Action {
  const draft = { kind: 'call.failed', key, attempt: 1, body: { name: call.name, error, retryAt: null } } as const
  return { kind: 'record', draft, ...(remark !== undefined && { remark }) }
}

function decideTool(batch: Batch, call: CallState, parsed: ToolCall): Action | undefined {
  const { key, stage } = call
  const { tool, callDigest, input } = parsed
  switch (stage.kind) {
    case 'open': {
      const { attempt, retryAt } = stage
      const judged = stage.judged
        ? undefined
        : judgeCall(batch.state, batch.calls, call, parsed, batch.agentPlan.rules, batch.beside.reveal)
      if (judged?.kind === 'later') return undefined
      if (judged && (judged.kind === 'refused' || isWritten(batch.state, parsed, judged, call.edited)))
        return judgement(key, judged)
      if (!mayRun(batch.state, tool)) return fail(call, blockedEffect(`${tool.name} (${tool.effect}) at ${key}`))
      if (call.approved === null && mustBeAllowed(batch, call, parsed)) {
        return { kind: 'record', draft: askApproval(call, parsed, batch.state.at, call.asks + 1) }
      }
      if (tool === readResult)
        return { kind: 'record', draft: readOn(batch.state, call, callDigest, input() as ReadInput) }
      const runId = tool.child && batch.beside.resting?.(key)
      if (runId !== undefined) return { kind: 'wait', waiting: { kind: 'child', key, runId } }
      if (tool.effect === 'external') return { kind: 'record', draft: askAnswer(batch, call, parsed) }
      if (tool.effect !== 'once') return { kind: 'call', key, attempt, retryAt, tool, callDigest, input }
      return {
        kind: 'record',
        draft: { kind: 'call.intended', key, attempt, body: { name: tool.name, asked: callDigest } },
      }
    }
    case 'intended':
      return { kind: 'call', key, attempt: stage.attempt, retryAt: null, tool, callDigest, input }
    case 'unapproved':
      return { kind: 'wait', waiting: approvalWait(key, tool.name, stage) }
    case 'asked':
      return { kind: 'wait', waiting: answerWait(batch.beside.runId, key, tool.name, stage) }
    case 'doubted':
      if (tool.reconcile && !stage.asked) return { kind: 'reconcile', key, attempt: stage.attempt, tool, input }
      return { kind: 'wait', waiting: doubtWait(key, tool.name, stage) }
    case 'summarising':
    case 'summarised':
    case 'blocked':
    case 'settled':
      return undefined
    default:
      return stage satisfies never
  }
}

function judgement(key: string, judged: Exclude<Judged, { kind: 'later' }>): Action {
  const draft = { kind: 'call.judged', key, attempt: 1, body: judged.body } as const
  return { kind: 'record', draft, ...('remark' in judged && judged.remark && { remark: judged.remark }) }
}

/** As the verdict says; in a journal of the first format, as the tool says whenever it is looked at. */
function mustBeAllowed({ state, beside }: Batch, { verdict }: CallState, parsed: ToolCall): boolean {
  return verdict ? verdict.approval : parsed.needsApproval(state.context, beside.reveal)
}
