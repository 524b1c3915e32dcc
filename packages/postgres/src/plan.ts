import type { Beginning, NewFact, NewRun, RunWrite, ScheduleChange } from '@reprise/core'
import type { Cipher } from '@reprise/format'
import { Batch } from './batch.ts'
import type { MovedMessage } from './batch.ts'
import type { Ciphers } from './ciphers.ts'
import type { Kept } from './lineages.ts'
import type { SessionTurns } from './session-turns.ts'
import { freshStanding } from './standings.ts'
import type { Standing, StandingHashes } from './standings.ts'

/** What comes of one write; the secrets are counted when all is written. */
export type Planned = 'written' | 'stale' | 'exists'

/** What a write goes on from: a run that stands, or the row of one that begins. */
type Base = { readonly standing: Standing; readonly cipher: Cipher } | { readonly create: NewRun; readonly kept: Kept }

/** A run that is written to. */
type Opened = Extract<Base, { readonly standing: Standing }>

/** What is known beside the runs. */
interface Beside {
  readonly etags: Map<string, string>
  readonly early: ReadonlyMap<string, readonly MovedMessage[]>
  readonly turns: SessionTurns
}

/**
 * Decides what becomes of writes whose runs are locked, one after the other, each on what those before it have made: a
 * refusal is known before anything of a write is written, and concerns it alone (invariant 8).
 */
export class Plan {
  readonly batch = new Batch()
  readonly #standings: Map<string, Standing>
  readonly #hashes: StandingHashes
  readonly #ciphers: Ciphers
  /** Of the schedules that writes fire, by their names. */
  readonly #etags: Map<string, string>
  /** What waits for runs that are to begin, by their ids. */
  readonly #early: ReadonlyMap<string, readonly MovedMessage[]>
  readonly #turns: SessionTurns

  constructor(
    standings: Map<string, Standing>,
    hashes: StandingHashes,
    ciphers: Ciphers,
    { etags, early, turns }: Beside,
  ) {
    this.#etags = etags
    this.#early = early
    this.#turns = turns
    this.#standings = standings
    this.#hashes = hashes
    this.#ciphers = ciphers
  }

  /** How a run stands once all this is written. */
  standing(runId: string): Standing | undefined {
    return this.#standings.get(runId)
  }

  write(write: RunWrite): Planned {
    if (write.fires && !this.#standings.has(write.runId) && !this.#isSeen(write.fires)) return 'stale'
    const base = this.#baseOf(write)
    if (base === undefined) return write.create ? 'exists' : 'stale'
    const begins = (write.begins ?? []).map(asWrite)
    const bases = begins.map((begin) => this.#baseOf(begin))
    if (bases.includes(undefined)) return 'exists'
    // A run that stands was begun together with its schedule's next moment.
    if (write.fires && 'create' in base && !this.#fire(write.fires)) return 'stale'
    // Each is there before anything is left for it.
    const own = this.#open(base)
    const others = bases.map((from) => from && this.#open(from))
    this.#writeFrom(own, write)
    for (const [index, begin] of begins.entries()) {
      const from = others[index]
      if (from) this.#writeFrom(from, begin)
      if (begin.create?.parentId === null) this.batch.successors.push({ runId: begin.runId, before: write.runId })
    }
    return 'written'
  }

  /** Gives what a write goes on from, before anything is written; undefined when it is refused. */
  #baseOf({ runId, epoch, create, entries, row }: RunWrite): Base | undefined {
    const found = this.#standings.get(runId)
    const next = found?.next ?? 0
    const first = entries[0]?.seq ?? next
    if (first > next || !areInOrder(entries)) return undefined
    if (found === undefined) return create && this.#freshFor(create)
    const own = found.epoch === epoch && (create === undefined || (isSameWriter(found, create) && first < next))
    const cipher = this.#ciphers.of(found)
    // What ended a run may stand though its caller saw an error: then nothing else becomes of it.
    if (!own || !cipher || found.isGone || (found.ended && row && entries.length === 0)) return undefined
    return entries.every((entry) => entry.seq >= next || this.#hashes.stands(runId, cipher, entry))
      ? { standing: found, cipher }
      : undefined
  }

  /** Whether a schedule stands as it was seen. */
  #isSeen({ schedule: { name }, before }: ScheduleChange): boolean {
    return (this.#etags.get(name) ?? null) === before
  }

  /** Moves a schedule on, where it stands as it was seen. */
  #fire(change: ScheduleChange): boolean {
    const { name, etag } = change.schedule
    const kept = this.#ciphers.ofSchedule(name)
    if (kept === undefined || !this.#isSeen(change)) return false
    this.#etags.set(name, etag)
    this.batch.fired.push({ change, kept })
    return true
  }

  /** No run begins in a lineage that was erased, or is another tenant's, and none as a turn that its session has. */
  #freshFor(create: NewRun): Base | undefined {
    const kept = this.#ciphers.ofNew(create)
    const first = create.lineageId === create.id ? undefined : this.#standings.get(create.lineageId)
    const isShut = first !== undefined && (first.isErased || first.tenant !== (create.tenant ?? null))
    return kept === undefined || isShut || this.#turns.has(create) ? undefined : { create, kept }
  }

  #writeFrom({ standing: before, cipher }: Opened, write: RunWrite): void {
    const { runId, entries, row, release } = write
    const last = entries.at(-1)
    let standing = before
    const n = this.batch.place({ id: runId, epoch: standing.epoch, before: standing.next - 1, hash: standing.hash })
    // What stands already was noted, and learned, then.
    if (last === undefined || last.seq >= standing.next) {
      this.batch.note(n, write.audit ?? [])
      for (const fact of write.facts ?? []) this.#learn(fact)
    }
    for (const entry of entries) {
      if (entry.seq < standing.next) continue // it stands
      const hash = this.batch.append(n, runId, cipher, standing.hash, entry)
      this.#hashes.set(runId, entry.seq, hash)
      standing = { ...standing, next: entry.seq + 1, hash }
    }
    // A write that stands already, with others after it, has nothing left to do.
    if (last === undefined || last.seq === standing.next - 1) {
      this.batch.finish(n, write, (other) => this.#cipherOf(other))
      if (write.secrets && write.secrets.length > 0)
        this.batch.secrets.push({ lineageId: standing.lineageId, cipher, secrets: write.secrets })
      if (row) standing = { ...standing, ended: row.endedAt !== null }
      if (release) standing = { ...standing, owner: null }
    }
    this.#standings.set(runId, standing)
  }

  #learn(fact: NewFact): void {
    const kept = this.#ciphers.ofFacts(fact.scope)
    if (!kept) throw new Error('The keys of scopes are made before their facts are written')
    this.batch.facts.push({ fact, kept })
  }

  /** Begins a run that is not there; what waits for it comes before all that is left for it later. */
  #open(base: Base): Opened {
    if ('standing' in base) return base
    const { create: row, kept } = base
    this.batch.created.push({ row, keyId: kept.keyId })
    this.#turns.add(row)
    const standing = freshStanding(row, kept.keyId)
    this.#standings.set(row.id, standing)
    this.batch.welcome(row.id, this.#early.get(row.id) ?? [])
    return { standing, cipher: kept.cipher }
  }

  /** How a run is kept that gets a message; undefined where it is not there. */
  #cipherOf(runId: string): Cipher | undefined {
    const standing = this.#standings.get(runId)
    return standing && this.#ciphers.of(standing)
  }
}

/** Whether who writes a beginning may be who has written it before. */
function isSameWriter(found: Standing, { owner, tenant = null, user = null }: NewRun): boolean {
  return found.owner === owner && found.tenant === tenant && found.user === user
}

/** Whether entries follow each other without a gap. */
export function areInOrder(entries: RunWrite['entries']): boolean {
  const first = entries[0]?.seq ?? 0
  return entries.every(({ seq }, index) => seq === first + index)
}

/** The write that begins a run beside another's. */
export function asWrite({ row, ...begin }: Beginning): RunWrite {
  return { runId: row.id, epoch: row.epoch, create: row, ...begin }
}
