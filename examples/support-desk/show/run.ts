import { type Entry, type EntryBodies, type EntryKind, formatUsd, type ModelReply, type Runtime } from '@reprise/core'
import { columns } from './columns.ts'
import { short } from './short.ts'

/**
 * Prints what happened in a run, entry by entry.
 *
 * @returns the exit code.
 * @throws DefinitionError when there is no such run.
 */
export async function showRun(runtime: Runtime, runId: string): Promise<number> {
  const row = await runtime.runs.get(runId)
  const entries = await runtime.runs.entries(runId)
  const [first] = entries
  const lines = entries.map((entry) => [
    entry.seq,
    `${entry.at - (first?.at ?? 0)} ms`.padStart(9),
    entry.key,
    entry.kind,
    tell(entry),
  ])
  console.log(`${runId}: ${row.name}, ${row.status}, taken up ${times(row.attempts)}\n`)
  console.log(columns(lines).join('\n'))
  return 0
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`
}

/** What the entries of a ticket say beside their kind. */
const TELL: { readonly [K in EntryKind]?: (body: EntryBodies[K]) => string } = {
  'run.started': ({ input }) => short(JSON.stringify(input)),
  'model.replied': ({ reply }) => tellReply(reply),
  'model.failed': ({ error }) => short(error.message),
  'call.judged': ({ name, allowed, told }) => (allowed ? `${name} is allowed` : short(told ?? '')),
  'call.intended': ({ name }) => name,
  'call.returned': ({ name, result }) => `${name} -> ${short(JSON.stringify(result))}`,
  'call.failed': ({ name, error }) => `${name} -> ${short(error.message)}`,
  'call.doubted': ({ name, reason }) => `${name}: ${reason}`,
  'call.resolved': ({ name, happened, by }) => `${name} ${happened ? 'happened' : 'did not happen'}, says ${by}`,
  'handoff.made': ({ to }) => `to ${to}`,
  'output.judged': ({ told }) => short(told),
  'run.completed': ({ output }) => JSON.stringify(output),
  'run.failed': ({ outcome, error }) => `${outcome}: ${error.message}`,
  'run.cancelled': ({ reason }) => reason,
}

function tell({ kind, body }: Entry): string {
  // The kind says which body it is; TypeScript cannot follow that through the table.
  const say = TELL[kind] as ((body: Entry['body']) => string) | undefined
  return say?.(body) ?? ''
}

function tellReply({ items, usage, costNano }: ModelReply): string {
  const said = items.flatMap((item) => {
    if (item.kind === 'call') return [`${item.name}(${item.arguments})`]
    return item.kind === 'assistant' || item.kind === 'refusal' ? [item.text] : []
  })
  const tokens = usage
    ? `${usage.inputTokens} tokens in (${usage.cachedTokens} cached), ${usage.outputTokens} out`
    : 'tokens unknown'
  return `${short(said.join(' + '))} [${tokens}, ${costNano === undefined ? 'price unknown' : formatUsd(costNano)}]`
}
