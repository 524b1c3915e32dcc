/** A value that a lineage keeps secret, and what stands for it wherever its text would appear. */
export interface Secret {
  /** `secret_` and 22 characters of base64url. */
  readonly token: string
  readonly value: string
}

/** What a lineage keeps secret. */
export interface LineageSecrets {
  /** The token of a value: always the same in this lineage, and another one in every other. */
  readonly token: (value: string) => string
  readonly secrets: readonly Secret[]
}
