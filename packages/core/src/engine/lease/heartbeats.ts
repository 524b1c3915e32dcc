// The heartbeats of owners as this process has seen them. runtime/drive/lease.ts asks here whether one stands still before a
// run is taken from its owner, and the claim that follows is refused by the store where the owner has beaten since.
// Reads the store, writes nothing. It keeps invariant 8 without comparing two clocks.
import type { Clock } from '../../contracts/clock.ts'
import type { Store } from '../../contracts/store.ts'
import type { OwnerHeartbeat } from '../../contracts/take.ts'

/** How often an owner shows that it lives and looks for messages, in milliseconds. */
export const HEARTBEAT_MS = 1_000

/** How long a heartbeat must stand still before a run is taken from its owner, in milliseconds. */
const LEASE_MS = 15_000

/** How long an owner that has not beaten may still believe that its runs are its own, in milliseconds. */
export const TRUST_MS = 5_000

/**
 * Watches the heartbeats of all owners on this process's own monotonic clock: no two clocks are compared, so none may jump
 * (invariant 8, fault 12).
 */
export class Heartbeats {
  readonly #store: Store
  readonly #clock: Clock
  #seen = new Map<string, { readonly heartbeat: number; readonly since: number }>()
  /** When it was last looked, before the store was asked and after it had answered. */
  #looked = { from: -Infinity, to: -Infinity }

  constructor(store: Store, clock: Clock) {
    this.#store = store
    this.#clock = clock
  }

  /** Looks at all heartbeats, and gives them. */
  async look(): Promise<readonly OwnerHeartbeat[]> {
    const from = this.#clock.monotonic()
    const owners = await this.#store.owners()
    const to = this.#clock.monotonic()
    // The same count after a gap may be that of other runs. An answer may be as old as its question.
    const before = to - this.#looked.from < TRUST_MS ? this.#seen : new Map<string, never>()
    this.#looked = { from, to }
    this.#seen = new Map(
      owners.map(({ owner, heartbeat }) => {
        const seen = before.get(owner)
        return [owner, seen?.heartbeat === heartbeat ? seen : { heartbeat, since: to }]
      }),
    )
    return owners
  }

  /** The heartbeat at which an owner was seen last; null where it was not. */
  beatOf(owner: string): number | null {
    return this.#seen.get(owner)?.heartbeat ?? null
  }

  /** For how long an owner's heartbeat was seen to stand still, in milliseconds: 0 where it is seen for the first time. */
  stillMs(owner: string): number {
    return this.#looked.to - (this.#seen.get(owner)?.since ?? this.#looked.to)
  }

  /**
   * Tells whether an owner's heartbeat has stood still for a whole lease. Whoever does not look all the time does not know:
   * what was seen a while ago tells nothing of now.
   */
  standsStill(owner: string): boolean {
    const seen = this.#seen.get(owner)
    const { from, to } = this.#looked
    return seen !== undefined && from - seen.since >= LEASE_MS && this.#clock.monotonic() - to < TRUST_MS
  }
}
