import type { QueryFailure } from './protocol.ts'

/** What SQLite passes over before a statement. No part can match in two ways, so that it takes no time to fail. */
const LEADING = /^(?:[\s\uFEFF]|--[^\n]*(?:\n|$)|\/\*(?:[^*]|\*(?!\/))*\*\/)*/

/**
 * Refuses what does not begin as a query. Of what SQLite itself calls read-only, `ATTACH` opens files, `PRAGMA` and
 * `BEGIN` change the connection; and `VACUUM INTO` writes a file even over a read-only connection.
 */
export function refuseOtherThanQuery(sql: string): QueryFailure | undefined {
  const statement = sql.slice(LEADING.exec(sql)?.[0].length)
  const [word = ''] = /^\w*/.exec(statement) ?? []
  if (/^(?:select|with|values)$/i.test(word)) return undefined
  if (statement === '') return notAQuery('is empty')
  return notAQuery(`begins with ${word === '' ? JSON.stringify(statement.slice(0, 20)) : word.toUpperCase()}`)
}

/** Makes the failure of a statement that is no query. */
export function notAQuery(why: string): QueryFailure {
  return {
    code: 'not_a_query',
    message: `The statement ${why}, and this tool only reads: one SELECT, WITH ... SELECT or VALUES. For the tables use: SELECT name, sql FROM sqlite_schema.`,
    retryable: false,
  }
}
