/** What is asked of a query process. */
export interface QueryAsk {
  readonly file: string
  readonly sql: string
  readonly maxRows: number
  readonly maxChars: number
  readonly timeoutMs: number
}

/** What a cell of a result holds, as JSON can say it. */
export type Cell = string | number | null

/** Rows of a query. */
export interface QueryRows {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly Cell[])[]
  /** What is missing from it. */
  readonly note?: string
}

/** Why a query gave no rows. */
export interface QueryFailure {
  readonly code: string
  readonly message: string
  /** Whether the same query may succeed later. */
  readonly retryable: boolean
}

/** What came of a query. */
export type QueryAnswer = { readonly rows: QueryRows } | { readonly failure: QueryFailure }

/** What a query process sends at the end of a query. */
export interface QueryEnd {
  readonly answer: QueryAnswer
  /** Whether the process takes no other. */
  readonly isLast: boolean
}

/** What the thread says before its query, as loading SQLite is none of the query's time. */
export const BEGUN = 'begun'
