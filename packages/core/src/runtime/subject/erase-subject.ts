import type { AuditEntry, Author, By } from '../../contracts/audit.ts'
import type { RunRow } from '../../contracts/run.ts'
import type { Store } from '../../contracts/store.ts'
import type { Engine } from '../../engine/engine.ts'
import { noteOf } from '../../journal/audit-note.ts'
import { authorOf } from '../setup/author.ts'
import { checkSubject, factsOf, pagesOf, schedulesOf, type Subject } from './subject.ts'

/** What `eraseSubject` takes beside who is meant. */
export interface EraseSubjectOptions {
  /** Who wants it: it is told to whoever would read one of the runs, and stays in the audit. */
  readonly by: By
}

/** Where something of somebody may still be, that no erasure of this store reaches. */
export type OutOfReach =
  /** Copies that were made, and files that runs came from, as far as the audit knows. */
  | {
      readonly kind: 'exported' | 'revealed' | 'imported'
      readonly runId: string
      readonly at: number
      readonly by: Author
    }
  /** Copies of the whole store that were made since the first of the runs began, or what is known was written, as far as the audit knows. */
  | { readonly kind: 'backed-up'; readonly at: number; readonly by: Author }
  /** A run that came of another person's, and goes with that one alone. */
  | { readonly kind: 'lineage'; readonly runId: string; readonly lineageId: string }

/** What was erased of somebody. */
export interface SubjectErased {
  readonly lineages: number
  /** How many runs these lineages had. */
  readonly runs: number
  /** How many schedules were deleted, whose runs would have been theirs. */
  readonly schedules: number
  /** How many facts were deleted that were known of them. */
  readonly facts: number
  /** The runs that have not ended, and so keep their lineages: cancel them, and ask again. */
  readonly active: readonly string[]
  readonly outOfReach: readonly OutOfReach[]
  /** Somebody reads the store's files just then: what was erased is gone from them when that ends. */
  readonly pending?: true
}

const COPIES = ['exported', 'revealed', 'imported'] as const

/**
 * Erases all lineages of somebody, and deletes their schedules. See `Runtime.eraseSubject`.
 *
 * @param whole the store with what was done to all of it, where `engine.store` is a tenant's part.
 */
export async function eraseSubject(
  engine: Pick<Engine, 'store' | 'clock'>,
  whole: Store,
  given: Subject,
  options: EraseSubjectOptions,
): Promise<SubjectErased> {
  const subject = checkSubject('runtime.eraseSubject', given)
  const erasing = new Erasing(engine, subject, authorOf('runtime.eraseSubject', options))
  // First: what they begin until then is found with the runs.
  await erasing.schedules()
  for await (const page of pagesOf(engine.store, subject))
    // Their rows stand in this page as they were before one of them was erased with the others.
    for (const row of new Map(page.map((one) => [one.lineageId, one])).values()) await erasing.lineageOf(row, page)
  // Last: what their runs have learned until then is there.
  await erasing.facts()
  return erasing.done(whole)
}

class Erasing {
  readonly #engine: Pick<Engine, 'store' | 'clock'>
  readonly #subject: Subject
  readonly #by: Author
  readonly #active = new Map<string, readonly string[]>()
  readonly #outOfReach: OutOfReach[] = []
  #since = Infinity
  #lineages = 0
  #runs = 0
  #schedules = 0
  #facts = 0
  #pending = false

  constructor(engine: Pick<Engine, 'store' | 'clock'>, subject: Subject, by: Author) {
    this.#engine = engine
    this.#subject = subject
    this.#by = by
  }

  async schedules(): Promise<void> {
    const { store } = this.#engine
    const names: string[] = []
    for await (const { name } of schedulesOf(store, this.#subject)) names.push(name)
    // At once: a store may have to write its files anew for it.
    const deleted = await Promise.all(names.map((name) => store.deleteSchedule(name, true)))
    this.#schedules += deleted.filter((gone) => gone !== false).length
    this.#pending ||= deleted.includes('pending')
  }

  async facts(): Promise<void> {
    const { store, clock } = this.#engine
    const { tenant = null } = this.#subject
    let oldest = Infinity
    for await (const { at } of factsOf(store, this.#subject)) oldest = Math.min(oldest, at)
    // The note names nobody: it stands longer than what it tells of.
    const of = { by: this.#by, runId: null, lineageId: null, tenant, what: 'facts' }
    const { facts, pending = false } = await store.eraseFacts(this.#subject, {
      at: clock.now(),
      action: 'erased',
      ...of,
    })
    this.#facts = facts
    if (facts > 0) this.#since = Math.min(this.#since, oldest)
    this.#pending ||= pending
  }

  async lineageOf({ lineageId, tenant }: RunRow, page: readonly RunRow[]): Promise<void> {
    if (this.#active.has(lineageId)) return
    const { store, clock } = this.#engine
    const own = page.filter((row) => row.lineageId === lineageId)
    if (await this.#isAnothers(lineageId)) {
      for (const { id: runId } of own) this.#outOfReach.push({ kind: 'lineage', runId, lineageId })
      return
    }
    const copies = await copiesOf(store, lineageId)
    const at = clock.now()
    const note = noteOf({ id: lineageId, lineageId, tenant }, { action: 'erased', by: this.#by, at })
    const erasure = await store.erase(lineageId, this.#by.id, at, note)
    if (erasure.kind === 'active') {
      this.#active.set(lineageId, erasure.runIds)
      return
    }
    this.#lineages += 1
    this.#runs += erasure.runs
    this.#pending ||= erasure.pending ?? false
    this.#outOfReach.push(...copies)
    for (const { createdAt } of own) this.#since = Math.min(this.#since, createdAt)
  }

  async done(whole: Store): Promise<SubjectErased> {
    const backups =
      this.#lineages + this.#facts === 0 ? [] : await audited(whole, { action: 'backed-up', from: this.#since })
    return {
      lineages: this.#lineages,
      runs: this.#runs,
      schedules: this.#schedules,
      facts: this.#facts,
      active: [...this.#active.values()].flat(),
      outOfReach: [...this.#outOfReach, ...backups.map(({ at, by }) => ({ kind: 'backed-up' as const, at, by }))],
      ...(this.#pending && { pending: true as const }),
    }
  }

  /** Whether the first run of a lineage is there, and is another person's. */
  async #isAnothers(lineageId: string): Promise<boolean> {
    const { user } = this.#subject
    const first = user === undefined ? undefined : await this.#engine.store.run(lineageId)
    return first !== undefined && first.user !== user
  }
}

async function copiesOf(store: Store, lineageId: string): Promise<readonly OutOfReach[]> {
  const copies = await Promise.all(COPIES.map((action) => audited(store, { lineageId, action })))
  return copies.flat().flatMap(({ action, runId, at, by }) => {
    const kind = COPIES.find((one) => one === action)
    return kind && runId !== null ? [{ kind, runId, at, by }] : []
  })
}

/** All that the audit has, page after page. */
async function audited(store: Store, filter: Parameters<Store['audit']>[0]): Promise<readonly AuditEntry[]> {
  const all: AuditEntry[] = []
  for (let page = await store.audit(filter); page.length > 0;) {
    all.push(...page)
    const after = page.at(-1)?.id
    page = after === undefined ? [] : await store.audit({ ...filter, after })
  }
  return all
}
