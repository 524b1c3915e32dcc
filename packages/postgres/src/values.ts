/** The types of the columns that statements are given. */
type Type = 'bigint' | 'boolean' | 'bytea' | 'int' | 'smallint' | 'text'

/** The values of a statement, in the order in which it names them. */
export class Values {
  readonly all: unknown[] = []

  /** @returns what stands for a value in the statement. */
  add(type: Type | `${Type}[]`, value: unknown): string {
    return `$${this.all.push(value)}::${type}`
  }

  /**
   * Rows of a table that is made of columns, each one array.
   *
   * @returns what stands for it after `from`; its last column is `n`, the number of the row from 1.
   */
  rows(alias: string, columns: Readonly<Record<string, readonly [type: Type, values: readonly unknown[]]>>): string {
    const arrays = Object.values(columns).map(([type, values]) => this.add(`${type}[]`, values))
    return `unnest(${arrays.join(', ')}) with ordinality ${alias} (${[...Object.keys(columns), 'n'].join(', ')})`
  }
}
