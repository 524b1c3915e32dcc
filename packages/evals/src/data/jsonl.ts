import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { badRow, checkRow, type Row } from '../define/row.ts'
import { fileOfRows } from './file-of-rows.ts'

/** Members that a row of a file may have. */
const MEMBERS = ['id', 'input', 'context', 'expected']

/**
 * Reads rows from a file of JSON lines, each `{ id?, input, context?, expected? }`, when the evaluation is run. A line without
 * an id has its number's: `line-3`. Empty lines are skipped.
 *
 * @param path of a file in UTF-8, from where the process runs.
 * @param row makes a row of what a line holds, where that has another shape.
 * @returns rows of any type: the task's schema and the scorers meet what is in the file.
 * @throws DefinitionError `bad_row` by the evaluation, naming the line.
 * @example
 * ```ts
 * import { writeFileSync } from 'node:fs'
 * import { fromJsonl } from '@reprise/evals'
 *
 * writeFileSync('tickets.jsonl', '{"input":"My lamp is broken.","expected":"refund"}\n')
 * const [row] = await fromJsonl('tickets.jsonl')()
 * console.log(row?.id) // line-1
 * ```
 */
export function fromJsonl<R extends Row = Row<never, never, never>>(
  path: string,
  row?: (held: unknown, line: number) => R,
): () => Promise<readonly R[]> {
  return async () =>
    (await jsonLines(path)).map(({ held, line, where }) => {
      // The file's types are met when its rows are run and scored.
      const made = row ? row(held, line) : (plain(where, held, line) as R)
      checkRow(where, made)
      return made
    })
}

/** What a line of a file holds, and what messages call it. */
interface Line {
  readonly line: number
  readonly where: string
  readonly held: unknown
}

/**
 * Reads the lines of a file as JSON; empty ones are skipped.
 *
 * @throws DefinitionError `bad_row` naming the line.
 */
export async function jsonLines(path: string): Promise<readonly Line[]> {
  const lines = (await readFile(fileOfRows(path), 'utf8')).replace(/^\uFEFF/, '').split('\n')
  return lines.flatMap((text, at) => {
    const [line, where] = [at + 1, `Line ${at + 1} of ${basename(path)}`]
    return text.trim() === '' ? [] : [{ line, where, held: parse(where, text) }]
  })
}

function parse(where: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw badRow(`${where} is no JSON: ${(error as Error).message}. Give one object a line.`)
  }
}

function plain(where: string, held: unknown, line: number): unknown {
  if (typeof held !== 'object' || held === null || Array.isArray(held)) return held
  checkMembers(where, Object.keys(held))
  return { id: `line-${line}`, ...held }
}

/** A word that is misspelt would otherwise be a question without an answer. */
export function checkMembers(where: string, members: readonly string[]): void {
  const stray = members.find((name) => !MEMBERS.includes(name))
  if (stray !== undefined)
    throw badRow(
      `${where} has "${stray}", which is no part of a row. It may have ${MEMBERS.join(', ')}; or say by a function how a row is made of it.`,
    )
}
