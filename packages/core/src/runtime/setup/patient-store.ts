// A store as this runtime asks it: what only reads is asked again where the store was out of reach. A commit is asked again by
// engine/commit, and whoever looks again by itself (a beat, a worker) is told at once.
import type { Clock } from '../../contracts/clock.ts'
import type { Store } from '../../contracts/store.ts'
import { isUnreachable, retrying } from '../../engine/commit/retrying.ts'

/** What changes nothing when it is done twice. */
const AGAIN: ReadonlySet<PropertyKey> = new Set<keyof Store>([
  ...([
    'run',
    'newest',
    'used',
    'runs',
    'entries',
    'inbox',
    'secrets',
    'audit',
    'schedules',
    'facts',
    'search',
  ] as const),
  // Two messages of one mark are one.
  ...(['send', 'sendEarly'] as const),
])

/** Gives a store whose reads wait for it where it cannot be reached. */
export function patientStore(store: Store, clock: Clock): Store {
  return new Proxy(store, {
    get(target, name): unknown {
      const value: unknown = Reflect.get(target, name)
      if (typeof value !== 'function') return value
      if (!AGAIN.has(name)) return value.bind(target) as unknown
      return (...given: unknown[]) => retrying(clock, async () => value.apply(target, given) as unknown, isUnreachable)
    },
  })
}
