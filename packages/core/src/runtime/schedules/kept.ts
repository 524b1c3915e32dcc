import type { StoredSchedule } from '../../contracts/schedule.ts'
import type { Store } from '../../contracts/store.ts'
import { retrying } from '../../engine/commit/retrying.ts'
import type { Engine } from '../../engine/engine.ts'
import { encodeSchedule, type Schedule } from './schedule.ts'

/** A schedule as it is stored; undefined where there is none of the name. */
export async function storedSchedule(store: Store, name: string): Promise<StoredSchedule | undefined> {
  return (await store.schedules({ name, limit: 1 }))[0]
}

/**
 * Writes a schedule where it still stands as it was seen.
 *
 * @param before the etag that was seen; null where there was none.
 * @returns what is stored; undefined where somebody else has changed it meanwhile.
 */
export async function keepSchedule(
  { store, clock }: Pick<Engine, 'store' | 'clock'>,
  schedule: Schedule,
  before: string | null,
): Promise<StoredSchedule | undefined> {
  const stored = encodeSchedule(schedule)
  return (await retrying(clock, () => store.keepSchedule({ schedule: stored, before }))) ? stored : undefined
}
