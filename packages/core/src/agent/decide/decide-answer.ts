// What becomes of an answer: it is the run's output, or it goes back with the exact complaint.
import type { RunFormat } from '../../contracts/entry.ts'
import type { Plan } from '../../define/plan.ts'
import { OUTPUT_REPAIRS } from '../../define/agent.ts'
import { sayInput } from '../../journal/fingerprint.ts'
import { RUN_KEY, turnKey } from '../../journal/keys.ts'
import type { CompiledSchema } from '../../schema/compile.ts'
import { explain } from '../../schema/explain.ts'
import { messageOf } from '../../values/errors.ts'
import { findUnjson, type Json } from '../../values/json.ts'
import { refuseWritten } from '../../values/read-json.ts'
import type { Action } from './action.ts'
import { answersIn } from './answers-in.ts'
import { type Early, tooEarly } from '../rules/too-early.ts'
import { held } from '../state/fold.ts'
import type { AgentState } from '../state/state.ts'

/** Judges an answer by the schema that governs the run. */
export function decideAnswer(state: AgentState, plan: Plan, text: string): Action {
  const agentPlan = plan.agents.get(held(state).card.agent)
  const early = agentPlan && tooEarly(state, agentPlan)
  if (early) return sendBackEarly(state, early, text)
  const read = plan.output ? readAnswer(plan.output, text, state.format) : { output: text }
  if ('output' in read) return complete(read.output, text)
  if (state.repairs >= OUTPUT_REPAIRS) {
    return fail(
      'output_invalid',
      `The answer broke its schema ${OUTPUT_REPAIRS + 1} times in a row. The last complaint: ${read.complaint}`,
      text,
    )
  }
  const { ordinal, turn } = held(state)
  const told = `Your answer does not fit what was asked for.\n${read.complaint}\nAnswer again, whole, with this mended.`
  const draft = { kind: 'output.judged', key: turnKey(ordinal, turn), attempt: 1, body: { told } } as const
  if (read.fault === undefined) return { kind: 'record', draft }
  const about = `The output schema of "${plan.ref.name}"`
  return { kind: 'record', draft, remark: { about, line: `${about} ${read.fault}` } }
}

/** An answer that rules do not let end the run yet goes back as one that breaks its schema does. */
function sendBackEarly(state: AgentState, { rule, why }: Early, text: string): Action {
  if (state.repairs >= OUTPUT_REPAIRS) {
    const message = `The model answered too early ${OUTPUT_REPAIRS + 1} times in a row. The last complaint: ${why}`
    return fail('answer_too_early', message, text)
  }
  const { ordinal, turn } = held(state)
  const body = { told: `Your answer comes too early.\n${why}`, rule }
  return { kind: 'record', draft: { kind: 'output.judged', key: turnKey(ordinal, turn), attempt: 1, body } }
}

type Read = { readonly output: unknown } | { readonly complaint: string; readonly fault?: string | undefined }

/** A server that does not hold its model to the schema lets it say more than the answer: from the second format on, that is found. */
function readAnswer(schema: CompiledSchema, text: string, format: RunFormat): Read {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    const complaint = `It is not JSON: ${messageOf(error)}`
    return (format > 1 && readAnswerWithin(schema, text)) || { complaint }
  }
  return read(schema, value, format > 1 ? text : undefined)
}

/** What is said twice is one answer; undefined where there is none. */
function readAnswerWithin(schema: CompiledSchema, text: string): Read | undefined {
  const found = new Map(
    answersIn(text).map((answer) => {
      const value: unknown = JSON.parse(answer)
      return [sayInput(value), { value, answer }] as const
    }),
  )
  const reads = [...found.values()].map(({ value, answer }) => read(schema, value, answer))
  const fitting = reads.filter((one) => 'output' in one)
  if (fitting.length > 1) return { complaint: `It holds ${fitting.length} answers that differ. Give one.` }
  return fitting[0] ?? reads[0]
}

/** @param written where it is to be taken as it is written: in a journal of the first format anything was. */
function read(schema: CompiledSchema, value: unknown, written: string | undefined): Read {
  const complaint = written === undefined ? undefined : refuseWritten(written, value)
  if (complaint !== undefined) return { complaint }
  const decoded = schema.decode(value)
  if (decoded.ok) return { output: decoded.value }
  const fault = decoded.issues.find((issue) => issue.fault !== undefined)?.fault
  return { complaint: explain(decoded.issues), fault }
}

/** What a schema makes of an answer may be more than JSON: a model cannot mend that. */
function complete(output: unknown, text: string): Action {
  const lost = findUnjson(output)
  if (lost)
    return fail(
      'output_not_json',
      `The output cannot be kept in a journal: ${lost.path || 'it'} is ${lost.found}. Let the output schema give plain JSON.`,
      text,
    )
  return {
    kind: 'record',
    draft: { kind: 'run.completed', key: RUN_KEY, attempt: 1, body: { output: output as Json } },
  }
}

function fail(code: string, message: string, text: string): Action {
  const body = { outcome: 'failed', error: { code, message }, text } as const
  return { kind: 'record', draft: { kind: 'run.failed', key: RUN_KEY, attempt: 1, body } }
}
