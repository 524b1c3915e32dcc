/** Something of a file that could not be taken. */
export interface NotTaken {
  /** Where it stands: `line 3`, or `line 3, span 00f067aa0ba902b7`. */
  readonly where: string
  /** Why, and what to do where something can be done, in whole sentences. */
  readonly why: string
}

/** What came of reading a file, beside its conversations. */
export class Report {
  /** What could not be taken, in the order of the file. */
  readonly skipped: NotTaken[] = []
  /** How many of each kind of record hold no exchange with a model, as spans of a program's own do. */
  readonly passed = new Map<string, number>()

  leaveOut(where: string, why: string): void {
    this.skipped.push({ where, why })
  }

  pass(kind: string): void {
    this.passed.set(kind, (this.passed.get(kind) ?? 0) + 1)
  }
}
