export { type CsvPage, readCsv, type ReadCsvOptions } from './csv/index.ts'
export {
  type FileList,
  type FolderOptions,
  type FoundText,
  listFiles,
  type ListedEntry,
  type Match,
  readFiles,
  type ReadFilesOptions,
  searchFiles,
  writeFiles,
  type WriteFilesOptions,
} from './files/index.ts'
export { httpGet, type HttpOptions, httpPost, type Resolve } from './http/index.ts'
export { askUser, type AskUserOptions, type Question } from './people/index.ts'
export { skills } from './skills/index.ts'
export { type Cell, type QueryRows, querySqlite, type QuerySqliteOptions } from './sql/index.ts'
