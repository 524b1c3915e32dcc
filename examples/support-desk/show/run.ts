import { type Entry, formatUsd, type ModelReply, type Runtime } from '@reprise/core'
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

function tell(entry: Entry): string {
  switch (entry.kind) {
    case 'run.started':
      return `${entry.body.card.agent} hears: ${short(JSON.stringify(entry.body.input))}`
    case 'definition.changed':
      return `${entry.body.card.agent} as it is now`
    case 'model.replied':
      return tellReply(entry.body.reply)
    case 'model.failed':
      return short(entry.body.error.message)
    case 'call.judged':
      return entry.body.allowed ? `${entry.body.name} is allowed` : short(entry.body.told ?? '')
    case 'call.intended':
      return entry.body.name
    case 'call.returned':
      return `${entry.body.name} -> ${short(JSON.stringify(entry.body.result))}`
    case 'call.failed':
      return `${entry.body.name} -> ${short(entry.body.error.message)}`
    case 'call.doubted':
      return `${entry.body.name}: ${entry.body.reason}`
    case 'call.resolved':
      return `${entry.body.name} ${entry.body.happened ? 'happened' : 'did not happen'}, says ${entry.body.by}`
    case 'handoff.made':
      return `to ${entry.body.to}`
    case 'output.judged':
      return short(entry.body.told)
    case 'run.waiting':
      return `for ${entry.body.waiting.tool}`
    case 'run.completed':
      return JSON.stringify(entry.body.output)
    case 'run.failed':
      return `${entry.body.outcome}: ${entry.body.error.message}`
    case 'run.cancelled':
      return entry.body.reason
    default:
      return entry satisfies never
  }
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
