import type { RunStatus } from '@reprise/core'

/** How runs may stand. */
export const STATUSES = [
  'queued',
  'running',
  'waiting',
  'completed',
  'failed',
  'cancelled',
  'quarantined',
] as const satisfies RunStatus[]
