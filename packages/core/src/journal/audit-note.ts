import type { AuditAction, AuditNote, Author } from '../contracts/audit.ts'
import type { RunRow } from '../contracts/run.ts'

/** Who does something, where that was not said. */
export const SOMEBODY: Author = { id: 'unknown', source: 'program' }

/** What somebody does to a run. */
export interface Deed {
  readonly action: AuditAction
  readonly by: Author
  /** Milliseconds since 1970. */
  readonly at: number
  /** Which of several things it is. @default null */
  readonly what?: string
}

/** Makes what is kept of it: without content, and without the person whose data the run holds. */
export function noteOf(
  { id: runId, lineageId, tenant }: Pick<RunRow, 'id' | 'lineageId' | 'tenant'>,
  { action, by: { id, source }, at, what }: Deed,
): AuditNote {
  return { at, action, by: { id, source }, runId, lineageId, tenant, what: what ?? null }
}
