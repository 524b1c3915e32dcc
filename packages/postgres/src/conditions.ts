/** The condition that each part of a filter makes of what stands for its value. */
export type Conditions<Part extends string> = Readonly<Record<Part, (value: string) => string>>

/**
 * The conditions that a filter makes, for `where`; of what it leaves open it makes none.
 *
 * @param given notes a value of the statement, and says what stands for it there.
 */
export function conditionsOf<Part extends string>(
  conditions: Conditions<Part>,
  filter: Readonly<Partial<Record<Part, unknown>>>,
  given: (value: unknown) => string,
): string[] {
  const parts = Object.keys(conditions) as Part[] // its own names
  return parts.flatMap((part) => (filter[part] === undefined ? [] : [conditions[part](given(filter[part]))]))
}
