import { type AnyTool, type CallContext, type Json, type Runtime, ToolError } from '@reprise/core'
import { callsOf } from '../seen/calls.ts'
import { canonical } from '../seen/canonical.ts'

/** A call that wants an answer. */
export interface AskedCall {
  readonly tool: AnyTool
  /** The arguments, in a form that is the same for equal ones. */
  readonly arguments: string
  /** How often this run was given an answer to the same call before: 0 the first time. */
  readonly before: number
  /** The run that the row was drawn from, where it was. */
  readonly recorded: string | undefined
}

/** What a call is answered with: a result, the sentence of a failure, or the tool itself. */
export type Answer =
  | { readonly kind: 'result'; readonly result: Json }
  | { readonly kind: 'failure'; readonly told: string; readonly code: string }
  | { readonly kind: 'live' }

/** Answers calls in the place of their tools. */
export interface ToolPolicy {
  /** Gives the answer; undefined refuses the call, and the model is told that nothing is recorded of it. */
  readonly answer: (call: AskedCall) => Promise<Answer | undefined>
  /** A text that differs where answers may: runs that were answered by another one are not taken up. */
  readonly print: () => Promise<string>
}

/** The trials of an evaluation that is under way: what their tools need to know. */
export interface Trials {
  runtime: Runtime | undefined
  /** The run that a trial's row was drawn from, by the trial's run. */
  readonly recorded: Map<string, string>
}

/** The code of the error that a refused call ends with. */
export const NOT_RECORDED = 'not_recorded'

/** Answers a call of a tool by a policy. */
export async function answer(
  tool: AnyTool,
  input: unknown,
  ctx: CallContext,
  { policy, trials: { runtime, recorded } }: { readonly policy: ToolPolicy; readonly trials: Trials },
): Promise<unknown> {
  const given = canonical(input)
  const before = runtime ? await answeredBefore(runtime, ctx.runId, tool, given) : 0
  // A child is of the lineage of its trial.
  const trial = runtime ? (await runtime.runs.get(ctx.runId)).lineageId : ctx.runId
  const found = await policy.answer({ tool, arguments: given, before, recorded: recorded.get(trial) })
  if (found?.kind === 'result') return found.result
  if (found?.kind === 'live') return tool.execute(input, ctx)
  const message = found?.told ?? `Nothing is recorded of ${tool.name} with ${given}. Go on without it.`
  throw new ToolError({ code: found?.code ?? NOT_RECORDED, message })
}

async function answeredBefore(runtime: Runtime, runId: string, tool: AnyTool, given: string): Promise<number> {
  const calls = callsOf(runId, await runtime.runs.entries(runId))
  const same = calls.filter(({ name, state }) => name === tool.name && (state === 'returned' || state === 'failed'))
  return same.filter((call) => canonicalInput(tool, call.arguments) === given).length
}

/** Arguments as a model wrote them, as the tool's schema reads them. */
export function canonicalInput(tool: AnyTool, given: Json): string {
  const decoded = tool.input.decode(given)
  return canonical(decoded.ok ? decoded.value : given)
}
