// Which calls failed, where a recording tells of tools apart from the conversation, and without the ids of calls.
import { parsed } from '../read/json.ts'
import type { Exchange } from '../say/exchange.ts'

/** A tool's run that failed. */
export interface FailedRun {
  readonly group: string
  readonly name: string
  /** As text or as an object. */
  readonly input: unknown
}

/** Gives exchanges with the ids of the calls that failed, by the tool's name and the arguments. */
export function withFailures(exchanges: readonly Exchange[], runs: readonly FailedRun[]): readonly Exchange[] {
  if (runs.length === 0) return exchanges
  const failures = new Set(runs.map(({ group, name, input }) => keyOf(group, name, input)))
  return exchanges.map((exchange) => {
    const failed = [...exchange.request, ...(exchange.reply?.items ?? [])].flatMap((item) =>
      item.kind === 'call' && failures.has(keyOf(exchange.group, item.name, item.arguments)) ? item.callId : [],
    )
    return failed.length > 0 ? { ...exchange, failed: [...(exchange.failed ?? []), ...failed] } : exchange
  })
}

function keyOf(group: string, name: string, input: unknown): string {
  return JSON.stringify([group, name, parsed(input) ?? input])
}
