// What must not be of runs that are queued with something: taken before their moment, worked beside too many, ended as late
// too early, or going on too late.
import type { RunRow, StoredEntry } from '@reprise/core'
import { bodyOf, isLate, type Seen } from './seen.ts'

/** How long a run may go on after its deadline: a wait looks at the clock each half a minute, and an end may take a while. */
const OVERTIME_MS = 90_000

/** Watches the queue for the auditor. */
export class QueueWatch {
  readonly #runs: ReadonlyMap<string, Seen>
  readonly #latest: () => number
  readonly #agreedFrom: () => number
  readonly #complain: (complaint: string) => void

  /**
   * @param latest gives the most that any clock says, in milliseconds since 1970.
   * @param agreedFrom gives the moment from which on all clocks say the same; Infinity where they do not.
   */
  constructor(
    runs: ReadonlyMap<string, Seen>,
    latest: () => number,
    agreedFrom: () => number,
    complain: (complaint: string) => void,
  ) {
    this.#runs = runs
    this.#latest = latest
    this.#agreedFrom = agreedFrom
    this.#complain = complain
  }

  /** What is queued for a moment is not taken before any clock says that it has come. */
  taken({ id }: RunRow): void {
    const { status, wakeAt } = this.#runs.get(id)?.row ?? {}
    if (status === 'queued' && wakeAt && wakeAt > this.#latest()) this.#complain(`${id} was taken before its moment`)
  }

  /** No more runs of a key are owned than each says when it is begun, or gone on with after a wait. */
  hasRoom({ id, concurrency, tenant }: RunRow): void {
    if (!concurrency) return
    const { key, limit } = concurrency
    const owned = [...this.#runs.values()].filter(
      ({ row }) => row.owner !== null && row.endedAt === null && row.tenant === tenant && row.concurrency?.key === key,
    )
    if (owned.length > limit)
      this.#complain(`${id} is one of ${owned.length} runs of "${key}" that are worked: ${limit} may be`)
  }

  /** A run is late once any clock says so, and expires only where nobody has begun it. */
  failed({ row, entries }: Seen, entry: StoredEntry): void {
    const { error } = bodyOf(entry, 'run.failed')
    if (!isLate(error)) return
    const isExpired = error.code === 'run_expired'
    const at = isExpired ? row.expireAt : row.deadlineAt
    if (at === null) return this.#complain(`${row.id} is said to be late, and has all the time`)
    if (this.#latest() < at) this.#complain(`${row.id} is said to be late before its time`)
    if (isExpired && entries.some(({ kind }) => kind !== 'run.started'))
      this.#complain(`${row.id} is said to have expired, and was begun`)
  }

  /** Nothing goes on long after its deadline, once all clocks say the same. */
  goesOn({ row: { id, deadlineAt } }: Seen, { kind, at }: StoredEntry): void {
    if (deadlineAt === null || kind === 'run.cancelled') return
    if (at > Math.max(deadlineAt, this.#agreedFrom()) + OVERTIME_MS)
      this.#complain(`${id}: ${kind} was written ${at - deadlineAt} ms after its deadline`)
  }
}
