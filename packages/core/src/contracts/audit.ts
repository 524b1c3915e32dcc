// What is kept of who did what: without content, and longer than what it was done to.

/** Who does something. */
export interface Author {
  /** As you know them: 1 to 200 characters. It stays in the audit when what was done to is erased. */
  readonly id: string
  /** Where they are known from: `oidc`, `cli`, `api-key`. 1 to 200 characters. */
  readonly source: string
}

/** Who does something: a text is an id whose source is `program`. */
export type By = string | Author

/**
 * What is told of.
 *
 * @example
 * ```ts
 * import { AUDITED } from '@reprise/core'
 *
 * console.log(AUDITED.includes('erased')) // true
 * ```
 */
export const AUDITED = [
  'approved',
  'rejected',
  'answered',
  'resolved',
  'edited',
  'rewound',
  'cancelled',
  'released',
  'read',
  'exported',
  'revealed',
  'imported',
  'backed-up',
  'remembered',
  'erased',
  'pruned',
] as const

/**
 * What somebody did. `revealed` is an export with its secrets in the clear, `released` a run that was put back from
 * quarantine, `remembered` a fact that somebody has set, `pruned` the audit itself.
 */
export type AuditAction = (typeof AUDITED)[number]

/** That somebody did something, as it is to be kept. */
export interface AuditNote {
  /** Milliseconds since 1970. */
  readonly at: number
  readonly action: AuditAction
  readonly by: Author
  /** The run that it was done to, and its lineage; null where it was the whole store, or the audit. */
  readonly runId: string | null
  readonly lineageId: string | null
  /** Whose run that is; never the person whose data it holds. */
  readonly tenant: string | null
  /** Which of several things it was: the id of an ask or a doubt, the kinds of edits, a run that another went on with. */
  readonly what: string | null
}

/** The same, as it is kept. */
export interface AuditEntry extends AuditNote {
  /** Rises from one to the next. */
  readonly id: number
}

/** What of the audit is given. */
export interface AuditFilter {
  readonly runId?: string
  /** Of all runs of a lineage. */
  readonly lineageId?: string
  readonly tenant?: string
  /** The id of who did it. */
  readonly by?: string
  readonly action?: AuditAction
  /** What was done at this moment or later, in milliseconds since 1970. */
  readonly from?: number
  /** What was done before this moment, in milliseconds since 1970. */
  readonly before?: number
  /** What comes after the one of this id, in the order asked for: the last of the page before. */
  readonly after?: number
  /** By when it was written down. @default 'oldest' first */
  readonly order?: 'oldest' | 'newest'
  /** 1 to 1,000. @default 100 */
  readonly limit?: number
}
