export type { FolderOptions } from '../folder/root.ts'
export type { CsvPage } from './page.ts'
export { readCsv, type ReadCsvOptions } from './read-csv.ts'
