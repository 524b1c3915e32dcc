import type { TrialRun } from '../define/scorer.ts'

/** What a run gave, or why it gave nothing. */
export function outputOf<Output>({
  outcome,
}: TrialRun<Output>):
  | { readonly output: Output; readonly why?: undefined }
  | { readonly output?: undefined; readonly why: string } {
  switch (outcome.kind) {
    case 'completed':
      return { output: outcome.output }
    case 'waiting':
      return { why: `it waits: ${outcome.waiting.kind}` }
    case 'cancelled':
      return { why: `it was cancelled: ${outcome.reason}` }
    case 'failed':
    case 'refused':
    case 'incomplete':
    case 'over-budget':
      return { why: `it ended as ${outcome.kind}: ${outcome.error.message}` }
    default:
      return outcome satisfies never
  }
}
