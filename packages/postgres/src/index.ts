export type { Encryption, GivenKey } from '@reprise/format'
export { postgres, type Place, type PostgresOptions } from './postgres.ts'
export type { PostgresStore } from './postgres-store.ts'
export type { PostgresTransaction } from './handle.ts'
