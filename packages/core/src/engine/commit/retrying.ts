// Asks a store again that is busy or full. committer.ts, journal-writer.ts and runtime/drive/lease.ts call this; whether a
// write that seemed to fail was made after all is known by the store, which does not make it twice.
import type { Clock } from '../../contracts/clock.ts'
import { RepriseError } from '../../values/errors.ts'

/** How often a store is asked that is busy or full, and how long the first wait is, in milliseconds: it doubles. */
const ATTEMPTS = 6
const BASE_MS = 50

/**
 * Asks a store again where that may help.
 *
 * @param isStores whether an error is the store's own. @default all are
 * @throws the last error.
 */
export async function retrying<T>(
  clock: Clock,
  ask: () => Promise<T>,
  isStores: (error: unknown) => boolean = () => true,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await ask()
    } catch (error) {
      if (attempt === ATTEMPTS || !isStores(error) || !RepriseError.is(error) || !error.retryable) throw error
      await clock.sleep(BASE_MS * 2 ** (attempt - 1))
    }
  }
}
