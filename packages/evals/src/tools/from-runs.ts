import { type AnyTool, digest, type RunFilter, type RunRow, type Runtime } from '@reprise/core'
import { allCalls, type Call } from '../seen/calls.ts'
import { runsOf } from '../seen/runs-of.ts'
import { type Answer, canonicalInput, type ToolPolicy } from './policy.ts'

/** How `toolsFromRuns` answers. */
export interface RecordedToolsOptions {
  /**
   * Which tools are run where nothing is recorded of a call: those that only read, or those that a function names. A tool that
   * is run acts on the world. @default 'none'
   */
  readonly live?: 'none' | 'read' | ((tool: AnyTool) => boolean)
}

/**
 * Answers tools from recorded runs, and refuses whatever is not recorded: nothing happens to the world. A call is known by its
 * tool and its arguments, however they were written and in whatever order calls come. The run that a row was drawn from
 * answers first, then the others; a call that is made again gets the answers in their order, and then the last one again.
 *
 * @param runtime whose runs they are; it may be another one than the evaluation's.
 * @param filter which of them: by status, name or tag.
 * @example
 * ```ts
 * import { createRuntime, defineAgent } from '@reprise/core'
 * import { defineEval, fromRuns, noneUnrecorded, toolsFromRuns } from '@reprise/evals'
 * import { openai } from '@reprise/openai'
 * import { sqlite } from '@reprise/store'
 *
 * const desk = defineAgent({ name: 'desk', model: 'gpt-4.1-mini', instructions: 'You help the customers of a shop.' })
 * const shop = createRuntime({ store: sqlite('shop.db'), models: openai(), definitions: [desk] })
 * const tickets = defineEval({
 *   name: 'tickets',
 *   data: fromRuns(shop, { name: 'desk', status: 'completed' }),
 *   task: desk,
 *   tools: toolsFromRuns(shop, { name: 'desk' }),
 *   scorers: { recorded: noneUnrecorded() },
 * })
 * ```
 */
export function toolsFromRuns(
  runtime: Runtime,
  filter: RunFilter,
  { live = 'none' }: RecordedToolsOptions = {},
): ToolPolicy {
  let loading: Promise<Recordings> | undefined
  const recordings = () => (loading ??= load(runtime, filter))
  return {
    async answer({ tool, arguments: given, before, recorded }) {
      const { of, all } = await recordings()
      const answers = (recorded && find(of.get(recorded), tool, given)) || find(all, tool, given)
      if (answers) return answers[Math.min(before, answers.length - 1)]
      const runs = live === 'read' ? tool.effect === 'read' : live !== 'none' && live(tool)
      return runs ? { kind: 'live' } : undefined
    },
    async print() {
      const { of } = await recordings()
      return digest(`${typeof live === 'function' ? live.toString() : live} ${[...of.keys()].join(' ')}`)
    },
  }
}

interface Recordings {
  /** Calls that were carried out or failed, by their run. */
  readonly of: ReadonlyMap<string, readonly Call[]>
  readonly all: readonly Call[]
}

async function load(runtime: Runtime, filter: RunFilter): Promise<Recordings> {
  const of = new Map<string, readonly Call[]>()
  for await (const { id } of runsOf(runtime, filter)) of.set(id, await recordedIn(runtime, id))
  return { of, all: [...of.values()].flat() }
}

async function recordedIn(runtime: Runtime, id: RunRow['id']): Promise<readonly Call[]> {
  const calls = await allCalls(runtime, id, await runtime.runs.entries(id))
  return calls.filter(({ state }) => state === 'returned' || state === 'failed')
}

/** Answers by their calls, of each list of recorded calls and each tool: made when a tool is first asked for. */
const indexes = new WeakMap<readonly Call[], Map<AnyTool, ReadonlyMap<string, readonly Call[]>>>()

function find(calls: readonly Call[] | undefined, tool: AnyTool, given: string): readonly Answer[] | undefined {
  return calls && indexOf(calls, tool).get(given)?.map(answerOf)
}

function indexOf(calls: readonly Call[], tool: AnyTool): ReadonlyMap<string, readonly Call[]> {
  const byTool = indexes.get(calls) ?? new Map<AnyTool, ReadonlyMap<string, readonly Call[]>>()
  indexes.set(calls, byTool)
  let index = byTool.get(tool)
  if (!index) {
    const ofTool = calls.filter(({ name }) => name === tool.name)
    byTool.set(tool, (index = Map.groupBy(ofTool, ({ arguments: it }) => canonicalInput(tool, it))))
  }
  return index
}

function answerOf({ state, result, told = '', code = 'tool_failed' }: Call): Answer {
  return state === 'returned' ? { kind: 'result', result } : { kind: 'failure', told, code }
}
