/** One way in which a value breaks its schema. Plain JSON. */
export interface Issue {
  /** From the root, like `items[0].quantity`; '' is the root itself. */
  readonly path: string
  /** The schema library's own words, or ours. */
  readonly message: string
  /** What would have been right, where the message may not say it. */
  readonly expected?: string
  /** The start of what stands there, as JSON; `nothing` where nothing stands. */
  readonly got: string
  /** What is wrong with the schema's own check, as a sentence goes on after its name: for whoever wrote it. */
  readonly fault?: string
}

/** What came of holding a value against a schema. */
export type Decoded<Output = unknown> =
  | { readonly ok: true; readonly value: Output }
  | { readonly ok: false; readonly issues: readonly Issue[] }
