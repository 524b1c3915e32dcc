// Calls a tool as an agent does: in a run, with a journal.
import { type AnyTool, type Clock, createRuntime, defineAgent, type Json, type JsonObject } from '@reprise/core'
import { memoryStore, scriptedModel } from '@reprise/testing'

/** What was recorded of one attempt. */
type Attempt = { readonly result: Json } | { readonly code: string }

/** What came of a call. */
export interface Called {
  /** What the model is told. */
  readonly told: string
  /** What was recorded of each attempt: a result, or an error's code. */
  readonly attempts: readonly Attempt[]
}

/** Lets a model call a tool once, in a run of its own; retries wait no time. */
export async function call(
  tool: AnyTool,
  args: JsonObject,
  { id = 'r', clock }: { id?: string; clock?: Clock } = {},
): Promise<Called> {
  let told = ''
  const model = scriptedModel(({ items }) => {
    const result = items.findLast((item) => item.kind === 'result')
    if (!result) return { calls: [{ name: tool.name, arguments: args }] }
    told = result.output
    return { text: 'done' }
  })
  const agent = defineAgent({ name: 'agent', model: 'm', instructions: '', tools: [tool] })
  await using runtime = createRuntime({
    store: memoryStore(),
    models: model,
    definitions: [agent],
    random: () => 0,
    ...(clock && { clock }),
  })
  const run = await runtime.start(agent, 'go', { id })
  await run.result()
  const entries = await runtime.runs.entries(id)
  return {
    told,
    attempts: entries.flatMap((entry): Attempt[] => {
      if (entry.kind === 'call.returned') return [{ result: entry.body.result }]
      return entry.kind === 'call.failed' ? [{ code: entry.body.error.code }] : []
    }),
  }
}

/** What the model is told of a call. */
export async function told(tool: AnyTool, args: JsonObject): Promise<string> {
  return (await call(tool, args)).told
}

/** What a call gave. @throws when it failed. */
export async function resultOf(tool: AnyTool, args: JsonObject): Promise<Json> {
  const { told, attempts } = await call(tool, args)
  const last = attempts.at(-1)
  if (!last || !('result' in last)) throw new Error(`The call failed: ${told}`)
  return last.result
}
