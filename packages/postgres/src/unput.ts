import type { Missing } from './outside.ts'

/** Ends a transaction whose batch has blobs that are to be put outside first. */
export class Unput extends Error {
  readonly missing: Missing

  constructor(missing: Missing) {
    super(`${missing.blobs.length} blobs stand nowhere yet`)
    this.missing = missing
  }
}
