import type { InboxMessage, NewRun, RunWrite, WriteResult } from '@reprise/core'
import type { AllKept } from './all-kept.ts'
import type { Claims } from './claims.ts'
import { adopt, finish, fresh, inPlaceOf, isSame, isSameOwner, type Kept } from './kept-run.ts'
import { asWrite } from './writes.ts'

/** Writes what runs have to say: all of a write, or nothing. */
export class Writer {
  readonly #kept: AllKept
  readonly #claims: Claims

  constructor(kept: AllKept, claims: Claims) {
    this.#kept = kept
    this.#claims = claims
  }

  write(write: RunWrite): WriteResult {
    const kept = this.#keptFor(write)
    if (kept === undefined) return { kind: write.create ? 'exists' : 'stale' }
    const begins = (write.begins ?? []).map(asWrite)
    const begun = begins.map((begin) => this.#keptFor(begin))
    if (begun.includes(undefined)) return { kind: 'exists' }
    const { runs, schedules, secrets } = this.#kept
    if (write.fires && !runs.has(write.runId) && !schedules.move(write.fires)) return { kind: 'stale' }
    this.#writeTo(kept, write)
    for (const [index, begin] of begins.entries()) {
      const to = begun[index]
      if (to) this.#writeTo(inPlaceOf(to, kept), begin)
    }
    return write.countSecrets ? { kind: 'written', secrets: secrets.count(kept.row.lineageId) } : { kind: 'written' }
  }

  #writeTo(kept: Kept, write: RunWrite): void {
    const { runs, kin, owners, early, audit, facts, secrets } = this.#kept
    if (!runs.has(kept.row.id)) kept.inbox.push(...early.move(kept.row.id))
    runs.set(kept.row.id, kept)
    kin.add(kept.row)
    const { owner } = kept.row
    if (owner !== null && !owners.has(owner)) this.#claims.hear(owner, 0)
    const added = write.entries.slice(kept.entries.length - (write.entries[0]?.seq ?? 0))
    kept.entries.push(...added)
    if (added.length > 0 || write.entries.length === 0) {
      audit.add(write.audit)
      for (const fact of write.facts ?? []) facts.keep(fact)
    }
    const last = write.entries.at(-1)
    if (last !== undefined && last.seq !== kept.entries.length - 1) return
    finish(kept, write)
    secrets.keep(kept.row.lineageId, write.secrets)
    for (const message of write.messages ?? []) this.#leave(message)
    for (const { runId, parentKey } of write.adopts ?? []) {
      const rounds = kin.roundsOf(runId).flatMap((id) => runs.get(id) ?? [])
      for (const row of adopt(rounds, kept.row.id, parentKey)) kin.add(row)
    }
  }

  #leave(message: InboxMessage): void {
    const kept = this.#kept.runs.get(message.runId)
    if (!kept || kept.row.endedAt !== null || kept.inbox.some(({ dedupe }) => dedupe === message.dedupe)) return
    kept.inbox.push(message)
  }

  /** Gives the run that a write goes on with, or would begin; undefined when the write is refused. */
  #keptFor({ runId, epoch, create, entries, row }: RunWrite): Kept | undefined {
    const found = this.#kept.runs.get(runId)
    const next = found?.entries.length ?? 0
    const first = entries[0]?.seq ?? next
    if (first > next || entries.some(({ seq }, index) => seq !== first + index)) return undefined
    if (found === undefined) return create && !this.#isShut(create) ? fresh(create, entries) : undefined
    const own = found.row.epoch === epoch && (create === undefined || (isSameOwner(found.row, create) && first < next))
    // What ended a run may stand though its caller saw an error: then nothing else becomes of it.
    if (found.row.endedAt !== null && row && entries.length === 0) return undefined
    return own && entries.every((entry) => isSame(entry, found.entries[entry.seq])) ? found : undefined
  }

  /** Whether a run does not begin: its lineage was erased, or is another tenant's, or its session has that turn. */
  #isShut(create: NewRun): boolean {
    const { lineageId, tenant = null } = create
    const { runs, erased, kin } = this.#kept
    if (kin.hasTurn(create)) return true
    const first = runs.get(lineageId)?.row
    return erased.has(lineageId) || (first !== undefined && first.tenant !== tenant)
  }
}
