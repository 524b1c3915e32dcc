// What becomes of an answer: it is the run's output, or it goes back with the exact complaint.
import type { Plan } from '../define/plan.ts'
import { OUTPUT_REPAIRS } from '../define/agent.ts'
import { RUN_KEY, turnKey } from '../journal/keys.ts'
import type { CompiledSchema } from '../schema/compile.ts'
import { explain } from '../schema/explain.ts'
import { messageOf } from '../words/errors.ts'
import type { Json } from '../words/json.ts'
import type { Action } from './action.ts'
import { held } from './fold.ts'
import type { AgentState } from './state.ts'

/** Judges an answer by the schema that governs the run. */
export function decideAnswer(state: AgentState, plan: Plan, text: string): Action {
  const read = plan.output ? readAnswer(plan.output, text) : { output: text }
  if ('output' in read) return { kind: 'record', draft: { kind: 'run.completed', key: RUN_KEY, attempt: 1, body: { output: read.output } } }
  if (state.repairs >= OUTPUT_REPAIRS) return giveUp(read.complaint, text)
  const { ordinal, turn } = held(state)
  const told = `Your answer does not fit what was asked for.\n${read.complaint}\nAnswer again, whole, with this mended.`
  return { kind: 'record', draft: { kind: 'output.judged', key: turnKey(ordinal, turn), attempt: 1, body: { told } } }
}

function readAnswer(schema: CompiledSchema, text: string): { output: Json } | { complaint: string } {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    return { complaint: `It is not JSON: ${messageOf(error)}` }
  }
  const decoded = schema.decode(value)
  // What is not JSON here (a schema that makes dates) is refused by path when it is written.
  return decoded.ok ? { output: decoded.value as Json } : { complaint: explain(decoded.issues) }
}

function giveUp(complaint: string, text: string): Action {
  const message = `The answer broke its schema ${OUTPUT_REPAIRS + 1} times in a row. The last complaint: ${complaint}`
  const body = { outcome: 'failed', error: { code: 'output_invalid', message }, text } as const
  return { kind: 'record', draft: { kind: 'run.failed', key: RUN_KEY, attempt: 1, body } }
}
