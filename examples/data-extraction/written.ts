import type { Entry } from '@reprise/core'
import type { Written } from './extraction/results.ts'

/** What the workflow wrote last; undefined where it has not come that far. */
export function lastWritten(entries: readonly Entry[]): Written | undefined {
  const last = entries.findLast((entry) => entry.kind === 'step.returned' && entry.body.name === 'write')
  // The workflow's own step gave it.
  return last?.kind === 'step.returned' ? (last.body.result as unknown as Written) : undefined
}
