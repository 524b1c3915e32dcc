import type { Entry } from '../../contracts/entry.ts'
import type { Ending } from './state.ts'

/** How an entry ends its run; null for one that does not. */
export function endingOf(entry: Entry): Ending | null {
  if (entry.kind === 'run.completed') return { kind: 'completed', ...entry.body }
  if (entry.kind === 'run.cancelled') {
    const { spent: _, ...rest } = entry.body
    return { kind: 'cancelled', ...rest }
  }
  if (entry.kind !== 'run.failed') return null
  const { outcome, spent: _, ...rest } = entry.body
  return { kind: outcome, ...rest }
}
