/**
 * A list that is only ever appended to. Appending shares what is there, so that a conversation of n items costs n in
 * all and not n squared, and an older log still shows what it showed.
 */
export interface Log<T> {
  /** May hold more than `length` items: those of later logs. */
  readonly items: readonly T[]
  readonly length: number
}

/** A log of nothing. */
export function emptyLog<T>(): Log<T> {
  return { items: [], length: 0 }
}

/** A log with more at its end. */
export function append<T>(log: Log<T>, more: readonly T[]): Log<T> {
  const shared = log.items.length === log.length
  // Only the newest log's array grows; its own length hides that from every older one.
  const items = (shared ? log.items : log.items.slice(0, log.length)) as T[]
  items.push(...more)
  return { items, length: items.length }
}

/** What a log shows, without a copy where it is the newest. */
export function view<T>(log: Log<T>): readonly T[] {
  return log.items.length === log.length ? log.items : log.items.slice(0, log.length)
}
