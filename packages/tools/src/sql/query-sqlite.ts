import { resolve } from 'node:path'
import { DefinitionError, defineTool, ToolError } from '@reprise/core'
import { z } from 'zod'
import { limit } from '../options/limit.ts'
import type { QueryAsk, QueryRows } from './protocol.ts'
import { refuseOtherThanQuery } from './refuse-writes.ts'
import { runQuery } from './run-query.ts'

const MAX_ROWS = 100
const MAX_CHARS = 40_000
const MAX_SQL_CHARS = 20_000
const TIMEOUT_MS = 5_000

/** How a SQLite file is queried. */
export interface QuerySqliteOptions<Name extends string> {
  /** The database file. */
  readonly file: string
  /** Rows that one call gives at most. @default 100 */
  readonly maxRows?: number
  /** How long one query may take, in milliseconds. @default 5,000 */
  readonly timeoutMs?: number
  /** What the model calls the tool, where an agent has two of them. @default the name that the function's type shows */
  readonly name?: Name
}

/**
 * Makes a tool that reads a SQLite file by one SQL query a call: 100 rows and about 40,000 characters.
 *
 * The file is opened read-only, and only statements that read are run. Each query has a process to itself (four at
 * once, of all such tools), which is ended when the query takes longer than `timeoutMs` or more than 512 MB, and after
 * ten seconds without another query.
 *
 * @throws DefinitionError when the file is no path, or a limit no count.
 * @example
 * ```ts
 * import { defineAgent } from '@reprise/core'
 * import { querySqlite } from '@reprise/tools'
 *
 * const analyst = defineAgent({
 *   name: 'analyst',
 *   model: 'gpt-4.1-mini',
 *   instructions: 'Answer from the tables "orders" and "products".',
 *   tools: [querySqlite({ file: 'shop.db', maxRows: 50 })],
 * })
 * ```
 */
export function querySqlite<const Name extends string = 'query_sqlite'>(options: QuerySqliteOptions<Name>) {
  // The default of Name says the same.
  const name = (options.name ?? 'query_sqlite') as Name
  const limits = {
    file: pathOf(name, options.file),
    maxRows: limit(name, 'maxRows', options.maxRows, MAX_ROWS),
    maxChars: MAX_CHARS,
    timeoutMs: limit(name, 'timeoutMs', options.timeoutMs, TIMEOUT_MS),
  }
  return defineTool({
    name,
    description:
      'Reads a SQLite database by one SQL query: SELECT, WITH ... SELECT or VALUES. It cannot change anything. ' +
      'To learn the tables and their columns, begin with: SELECT name, sql FROM sqlite_schema.',
    input: z.object({
      sql: z.string().describe('One query in the SQL of SQLite, with its values written into it.'),
    }),
    effect: 'read',
    execute: ({ sql }, { signal }) => query({ ...limits, sql }, signal),
  })
}

async function query(ask: QueryAsk, signal: AbortSignal): Promise<QueryRows> {
  const refused = ask.sql.length > MAX_SQL_CHARS ? tooLong : refuseOtherThanQuery(ask.sql)
  const answer = refused ? { failure: refused } : await runQuery(ask, signal)
  if ('rows' in answer) return answer.rows
  throw new ToolError(answer.failure)
}

const tooLong = {
  code: 'sql_too_long',
  message: `The query is longer than ${MAX_SQL_CHARS} characters. Make it shorter.`,
  retryable: false,
}

function pathOf(tool: string, file: unknown): string {
  if (typeof file === 'string' && file !== '' && !file.includes('\0')) return resolve(file)
  throw new DefinitionError({
    code: 'bad_file',
    message: `Tool "${tool}" has the file ${JSON.stringify(file)}. It must be the path of a SQLite database.`,
    details: { tool },
  })
}
