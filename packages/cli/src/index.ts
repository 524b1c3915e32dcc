export type { Io } from './line/io.ts'
export { main } from './main.ts'
export { runAsProcess } from './process.ts'
