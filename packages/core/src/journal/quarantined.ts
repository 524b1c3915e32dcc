// What a run in quarantine waits for, said in one way by all who fold its journal or write its row.
import type { Waiting } from '../contracts/entry.ts'
import { RUN_KEY } from './keys.ts'

/** Why a run in quarantine rests. */
export function quarantined(reason: string): Waiting {
  return { kind: 'quarantined', key: RUN_KEY, reason }
}
