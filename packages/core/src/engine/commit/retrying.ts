// Asks a store again that is busy, full or out of reach. committer.ts, journal-writer.ts and runtime/drive/lease.ts call this; whether a
// write that seemed to fail was made after all is known by the store, which does not make it twice.
import type { Clock } from '../../contracts/clock.ts'
import { RepriseError } from '../../values/errors.ts'

/** How often a store is asked that is busy or full, and how long the first wait is, in milliseconds: it doubles. */
const ATTEMPTS = 6
const BASE_MS = 50

/** For how long a store is asked again that cannot be reached, and how long the longest wait is then, in milliseconds. */
const UNREACHABLE_MS = 20_000
const LONGEST_MS = 1_000

/**
 * Asks a store again where that may help. One that is out of reach, as a server that is begun anew, is given longer than a
 * lease: what was begun is known again by the store where others have not taken the run meanwhile.
 *
 * @param isStores whether an error is the store's own. @default all are
 * @throws the last error.
 */
export async function retrying<T>(
  clock: Clock,
  ask: () => Promise<T>,
  isStores: (error: unknown) => boolean = () => true,
): Promise<T> {
  let lostAt: number | undefined
  for (let attempt = 1; ; attempt++) {
    try {
      return await ask()
    } catch (error) {
      if (!isStores(error) || !RepriseError.is(error) || !error.retryable) throw error
      if (isUnreachable(error)) {
        lostAt ??= clock.monotonic()
        if (clock.monotonic() - lostAt >= UNREACHABLE_MS) throw error
      } else if (attempt >= ATTEMPTS) throw error
      await clock.sleep(Math.min(BASE_MS * 2 ** (attempt - 1), LONGEST_MS))
    }
  }
}

/** Whether a store could not be reached: nobody knows whether it did what it was asked for. */
export function isUnreachable(error: unknown): boolean {
  return RepriseError.is(error) && error.code === 'store_unreachable'
}
