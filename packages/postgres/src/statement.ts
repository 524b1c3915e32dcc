/** A statement, and what is given to it: `$1` stands for the first value. */
export interface Statement {
  readonly text: string
  readonly values: readonly unknown[]
}
