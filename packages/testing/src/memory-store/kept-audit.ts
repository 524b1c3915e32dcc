// Who did what, as the memory store keeps it.
import type { AuditEntry, AuditFilter, AuditNote } from '@reprise/core'

const DEFAULT_LIMIT = 100

/** What was done, in the order in which it was written down. */
export class KeptAudit {
  #entries: AuditEntry[] = []
  #last = 0

  add(notes: readonly AuditNote[] = []): void {
    for (const note of notes) this.#entries.push({ ...note, id: ++this.#last })
  }

  list({ after, order = 'oldest', limit = DEFAULT_LIMIT, ...filter }: AuditFilter): readonly AuditEntry[] {
    const entries = order === 'newest' ? this.#entries.toReversed() : this.#entries
    const isAfter = ({ id }: AuditEntry): boolean =>
      after === undefined || (order === 'newest' ? id < after : id > after)
    return entries.filter((entry) => isAfter(entry) && fits(entry, filter)).slice(0, limit)
  }

  prune(before: number, limit: number): number {
    const old = this.#entries.filter(({ at }) => at < before).toSorted((a, b) => a.at - b.at)
    const gone = new Set(old.slice(0, limit))
    this.#entries = this.#entries.filter((entry) => !gone.has(entry))
    return gone.size
  }
}

function fits(
  entry: AuditEntry,
  { runId, lineageId, tenant, by, action, from = -Infinity, before = Infinity }: AuditFilter,
): boolean {
  const isOf = (wanted: string | undefined, is: string | null): boolean => wanted === undefined || wanted === is
  const isRun = isOf(runId, entry.runId) && isOf(lineageId, entry.lineageId) && isOf(tenant, entry.tenant)
  return isRun && isOf(by, entry.by.id) && isOf(action, entry.action) && entry.at >= from && entry.at < before
}
