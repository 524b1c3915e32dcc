import { messageOf, RepriseError, StoreError } from '@reprise/core'

/** How many blobs are put, got or deleted at once. */
const AT_ONCE = 8

/**
 * Works on all, a few at a time. After a failure nothing more begins, and it is thrown once nothing is under way.
 *
 * @throws StoreError of the place of blobs.
 */
export async function eachOf<T>(all: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  const failures: unknown[] = []
  let next = 0
  const lane = async (): Promise<void> => {
    while (next < all.length && failures.length === 0) {
      const at = next++
      try {
        await work(all[at] as T) // it is below the length
      } catch (thrown) {
        failures.push(thrown)
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, all.length) }, lane))
  if (failures.length > 0) throw placeError(failures[0])
}

/** Says of what a place of blobs has thrown that it may mend, where it says nothing of that itself. */
export function placeError(thrown: unknown): Error {
  if (RepriseError.is(thrown)) return thrown
  return new StoreError({
    code: 'blobs_failed',
    message: `The place of blobs failed: ${messageOf(thrown)}. It is tried again; look at the place.`,
    retryable: true,
    cause: thrown,
  })
}
