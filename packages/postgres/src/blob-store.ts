/** A blob as a store of them lists it. */
export interface ListedBlob {
  readonly name: string
  /** When it was put, in milliseconds since 1970, by the clock of the place; NaN where it does not say: then it is kept. */
  readonly at: number
}

/**
 * Where large bodies stand beside a database. A name is put once and never again, so nobody deletes what somebody else has just
 * put. Names are those that `newBlobName` gives.
 */
export interface BlobStore {
  /**
   * Keeps bytes under a name that it has not. When it resolves, they survive what the place promises to survive; until then,
   * and after a crash, nothing of them can be read.
   *
   * @throws StoreError with code `blobs_failed` or `blobs_refused`.
   */
  put(name: string, bytes: Uint8Array): Promise<void>

  /** The bytes that were put; undefined where there are none. @throws what `put` throws. */
  get(name: string): Promise<Uint8Array | undefined>

  /** Deletes blobs, one after the other: one that is not there is deleted. @throws what `put` throws. */
  delete(names: readonly string[]): Promise<void>

  /** All blobs, in no order, also those that come or go meanwhile. What is no blob is passed over. @throws what `put` throws. */
  list(): AsyncIterable<ListedBlob>
}
