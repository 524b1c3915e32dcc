import { DefinitionError } from '@reprise/core'
import type { Correction } from '../seen/corrections.ts'

/** One question of an evaluation. */
export interface Row<Input = unknown, Expected = unknown, Context = unknown> {
  /** 1 to 64 printable characters without spaces: the same question keeps it, or results cannot be compared. */
  readonly id: string
  /** What the task is given. */
  readonly input: Input
  /** The context of the task's run, where its definition has one. */
  readonly context?: Context
  /** What should come of it, for scorers. */
  readonly expected?: Expected
  /** The run that the question was drawn from: tools answer as they did there. */
  readonly recorded?: string
  /** What people said in that run. */
  readonly corrections?: readonly Correction[]
}

/** Questions: a list, or what gives one when the evaluation is run. */
export type Data<Input = unknown, Expected = unknown, Context = unknown> =
  | readonly Row<Input, Expected, Context>[]
  | (() => Promise<readonly Row<Input, Expected, Context>[]>)

/** So that the name of an evaluation, a digest and the number of a repeat fit into a run's id too. */
const ID = /^[\x21-\x7E]{1,64}$/

/** Loads questions, and checks that they can be told apart. */
export async function loadRows(name: string, data: Data): Promise<readonly Row[]> {
  const rows = typeof data === 'function' ? await data() : data
  if (!Array.isArray(rows) || rows.length === 0)
    throw badRow(
      `The evaluation "${name}" has no rows: its data is ${Array.isArray(rows) ? 'an empty list' : typeof rows}. Give it a list of { id, input }, or what fromJsonl, fromCsv or fromRuns gave.`,
    )
  const seen = new Map<string, number>()
  for (const [at, row] of (rows as readonly Row[]).entries()) {
    checkRow(`Row ${at + 1} of the evaluation "${name}"`, row)
    const before = seen.get(row.id)
    if (before !== undefined)
      throw badRow(
        `Rows ${before + 1} and ${at + 1} of the evaluation "${name}" have the same id "${row.id}". Give each its own.`,
      )
    seen.set(row.id, at)
  }
  return rows as readonly Row[]
}

/**
 * Checks one row as it comes from outside.
 *
 * @param where what the message calls it: `Line 3 of tickets.jsonl`.
 * @throws DefinitionError with code `bad_row`.
 */
export function checkRow(where: string, row: unknown): asserts row is Row {
  if (typeof row !== 'object' || row === null || Array.isArray(row))
    throw badRow(`${where} is ${JSON.stringify(row) ?? String(row)}, which is no row. Give { id, input, expected }.`)
  const { id, input } = row as Partial<Row>
  if (typeof id !== 'string' || !ID.test(id))
    throw badRow(
      `${where} has the id ${JSON.stringify(id) ?? 'undefined'}. Give 1 to 64 printable ASCII characters without spaces.`,
    )
  if (input === undefined) throw badRow(`${where} ("${id}") has no input. Give what the task is to be given.`)
}

/** The error about a row. */
export function badRow(message: string): DefinitionError {
  return new DefinitionError({ code: 'bad_row', message })
}
