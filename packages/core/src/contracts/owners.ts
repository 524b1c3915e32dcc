/** Names those who own runs, and tells which of them are gone (invariant 8). */
export interface Owners {
  /**
   * Makes a name under which a runtime owns runs.
   *
   * @param driving the runs that it drives, kept up to date by the caller; a closed runtime drives none.
   */
  name(driving: ReadonlySet<string>): string
  /**
   * Tells whether an owner certainly does not drive a run any more.
   *
   * @returns false where it does, and where nobody here can know.
   */
  isGone(owner: string, runId: string): boolean
  /**
   * Tells whether an owner certainly is of another process or thread of this machine that lives: what it began may go on
   * though it drives the run no more. Absent where nobody here can know.
   */
  livesElsewhere?(owner: string): boolean
  /** Tells whether an owner certainly drives no run any more. */
  isGoneWhole(owner: string): boolean
}
