/** The call that writes: its run stands in the line. */
export interface Writing {
  readonly runId: string
}

/** A line of the book. */
export interface Booked {
  /** The run of the ticket. */
  readonly ticket: string
  /** The tool that wrote it. */
  readonly tool: 'give_credit' | 'escalate'
  /** The customer. */
  readonly to: string
  /** What was credited; null where a ticket was passed on. */
  readonly cents: number | null
  /** Why, or what the person must know. */
  readonly text: string
}

/**
 * The desk's own book: credits given and tickets passed to a person.
 * It stands in the journal's own database, so that a line in it and the journal's entry about it are one transaction. What
 * writes gives a promise where that database is a server, and nothing where it is a file.
 */
export interface DeskBook {
  credit(ctx: Writing, customerId: string, cents: number, reason: string): Promise<void> | undefined
  escalate(ctx: Writing, customerId: string, summary: string): Promise<void> | undefined
  /** All lines. */
  lines(): Promise<readonly Booked[]>
  close(): Promise<void>
}
