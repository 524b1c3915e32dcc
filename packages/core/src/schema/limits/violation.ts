/** What a strict schema can be wrong in. */
export type StrictRule =
  | 'root'
  | 'shape'
  | 'keyword'
  | 'object'
  | 'list'
  | 'values'
  | 'reference'
  | 'pattern'
  | 'format'
  | 'limit'

/** One place where a JSON Schema leaves the strict subset. */
export interface Violation {
  /** From the root, as references are written: `#/properties/items`. */
  readonly path: string
  readonly rule: StrictRule
  /** One sentence. */
  readonly message: string
}
