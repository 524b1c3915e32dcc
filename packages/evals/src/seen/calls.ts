import type { CallItem, Entry, Json, Runtime } from '@reprise/core'

/** A call that a model made, and what came of it, as a journal tells. */
export interface Call {
  /** The run that it was made in: the trial's own, or one of those that came of it. */
  readonly runId: string
  /** Its place in that run's journal: `agent:0/turn:1/call:0`. */
  readonly key: string
  readonly name: string
  /** What the model wrote, read as JSON; its text where that is none. */
  readonly arguments: Json
  /**
   * `returned`: it ran. `failed`: its tool threw, or there is none. `refused`: a rule or a person refused it, so it never ran.
   * `open`: the run came no further.
   */
  readonly state: 'returned' | 'failed' | 'refused' | 'open'
  /** What it gave; null unless it returned. */
  readonly result: Json
  /** What the model was told instead of a result. */
  readonly told?: string
  /** The error's code, of a call that failed. */
  readonly code?: string
  /** There where a rule refused it. */
  readonly byRule?: true
  /** The person who refused it. */
  readonly refusedBy?: { readonly by: string; readonly reason: string }
  /** What a person said of it when it was in doubt. */
  readonly settled?: { readonly by: string; readonly happened: boolean; readonly result: Json }
}

/** Who settles a doubt where the tool itself can tell: no person. */
const NO_PERSON = 'reconcile'

/** Who refuses an approval whose time is over. */
const CLOCK = 'the clock'

/**
 * Lists the calls of a run in the order in which its model made them.
 *
 * @param entries of that run, as `runtime.runs.entries` gives them.
 * @example
 * ```ts
 * import { createRuntime, defineAgent } from '@reprise/core'
 * import { callsOf } from '@reprise/evals'
 * import { memoryStore, scriptedModel } from '@reprise/testing'
 *
 * const desk = defineAgent({ name: 'desk', model: 'gpt-4.1-mini', instructions: 'You help the customers of a shop.' })
 * const models = scriptedModel([{ calls: [{ name: 'look', arguments: { id: 'a' } }] }, { text: 'Done.' }])
 * await using runtime = createRuntime({ store: memoryStore(), models, definitions: [desk] })
 * const run = await runtime.start(desk, 'Where is it?')
 * await run.outcome()
 * const [call] = callsOf(run.id, await runtime.runs.entries(run.id))
 * console.log(call?.name, call?.state, call?.code) // look failed unknown_tool
 * ```
 */
export function callsOf(runId: string, entries: readonly Entry[]): readonly Call[] {
  const calls = new Map<string, Call>()
  for (const entry of entries) {
    if (entry.kind === 'model.replied') {
      const made = entry.body.reply.items.filter((item): item is CallItem => item.kind === 'call')
      for (const [at, item] of made.entries()) {
        const key = `${entry.key}/call:${at}`
        calls.set(key, { runId, key, name: item.name, arguments: read(item.arguments), state: 'open', result: null })
      }
    }
    const call = calls.get(entry.key)
    if (call && isOfCall(entry)) calls.set(entry.key, { ...call, ...toldBy(entry) })
  }
  return [...calls.values()]
}

type CallEntry = Extract<Entry, { readonly kind: `${'call' | 'approval' | 'answer'}.${string}` }>

function isOfCall(entry: Entry): entry is CallEntry {
  return entry.kind.startsWith('call.') || entry.kind.startsWith('approval.') || entry.kind.startsWith('answer.')
}

/** What an entry tells of how a call ended. */
function toldBy(entry: CallEntry): Partial<Call> {
  switch (entry.kind) {
    case 'call.judged':
      return entry.body.allowed ? {} : { state: 'refused', byRule: true, told: entry.body.told ?? '' }
    case 'approval.given': {
      const { approved, by, told = '' } = entry.body
      if (approved) return {}
      return { state: 'refused', told, ...(by !== CLOCK && { refusedBy: { by, reason: told } }) }
    }
    case 'call.returned':
      return { state: 'returned', result: entry.body.result }
    case 'call.failed': {
      const { error, retryAt } = entry.body
      return retryAt === null ? { state: 'failed', told: error.message, code: error.code } : {}
    }
    case 'call.resolved': {
      const { happened, result, by } = entry.body
      return {
        ...(happened && { state: 'returned' as const, result }),
        ...(by !== NO_PERSON && { settled: { by, happened, result } }),
      }
    }
    case 'approval.asked':
    case 'answer.asked':
    case 'call.intended':
    case 'call.doubted':
      return {}
    default:
      return entry satisfies never
  }
}

function read(text: string): Json {
  try {
    return JSON.parse(text) as Json
  } catch {
    return text
  }
}

/** The calls of a run and of all runs that came of it. Those of an agent that was called as a tool follow that call. */
export async function allCalls(runtime: Runtime, runId: string, entries: readonly Entry[]): Promise<readonly Call[]> {
  const own = callsOf(runId, entries)
  const children = entries.filter((entry) => entry.kind === 'child.started')
  const below = new Map<string, readonly Call[]>()
  for (const { key, body } of children)
    below.set(key, await allCalls(runtime, body.runId, await runtime.runs.entries(body.runId)))
  const keys = new Set(own.map(({ key }) => key))
  const placed = own.flatMap((call) => [call, ...(below.get(call.key) ?? [])])
  return [...placed, ...children.flatMap(({ key }) => (keys.has(key) ? [] : (below.get(key) ?? [])))]
}
