export type { Cell, QueryRows } from './protocol.ts'
export { querySqlite, type QuerySqliteOptions } from './query-sqlite.ts'
