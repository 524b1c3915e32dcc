import type { Entry } from '@reprise/core'
import { Written } from './extraction/results.ts'

/** What the workflow wrote last; undefined where it has not come that far. */
export function lastWritten(entries: readonly Entry[]): Written | undefined {
  const writes = entries.flatMap((entry) =>
    entry.kind === 'step.returned' && entry.body.name === 'write' ? [entry.body.result] : [],
  )
  return writes.length === 0 ? undefined : Written.parse(writes.at(-1))
}
