import { DefinitionError, type RunRow, type RunWrite, type Store, type StoredEntry, type Waiting } from '@reprise/core'
import type { Source, SourceRun } from './source.ts'

/** How many runs are read, and how many writes make a commit, at most. */
export const PAGE = 100

/** How many characters of entries make a commit. */
const MOST_CHARS = 4 * 1024 * 1024

/** How many entries of a run are read at a time. */
const ENTRIES = 50

/** What runs wait for as long as not all is there. */
export const PARKED = {
  kind: 'quarantined',
  key: 'run',
  reason:
    'It is being moved here from another store, and goes on once all is here: where the move was cut short, begin it again.',
} satisfies Waiting

/** Tells whether a run is kept from going on by its move alone. */
export function isParked({ status, waiting }: RunRow): boolean {
  return status === 'quarantined' && waiting?.kind === 'quarantined' && waiting.reason === PARKED.reason
}

/**
 * Writes all runs that are not there, in the order of their creation. Nobody takes one: those that go on are in quarantine.
 *
 * @throws DefinitionError with code `run_exists` where another run has the id of one.
 */
export async function copyRuns(source: Source, to: Store): Promise<void> {
  const batch = new Batch(source, to)
  // What was committed is there, but for the messages of the last commit.
  const [newest] = await to.runs({ order: 'newest', limit: 1 })
  let last = newest ? source.numberBefore(newest.id, PAGE) : 0
  for (;;) {
    const page = source.runs('all', last, PAGE)
    for (const run of page) await batch.add(run)
    const end = page.at(-1)
    if (!end) break
    last = end.run
  }
  await batch.write()
}

/** The writes of one commit. */
class Batch {
  readonly #source: Source
  readonly #to: Store
  readonly #writes: RunWrite[] = []
  readonly #lineages = new Set<string>()
  #entries: StoredEntry[] = []
  #chars = 0

  constructor(source: Source, to: Store) {
    this.#source = source
    this.#to = to
  }

  async add({ row, counted, erasedBy }: SourceRun): Promise<void> {
    const { id: runId, epoch, lineageId } = row
    const first = erasedBy === null ? this.#source.entries(runId, 0, ENTRIES) : []
    // A run without entries cannot be told from another that has its id.
    if (first.length === 0 && (await this.#to.run(runId))?.lineageId === lineageId) return
    const secrets = erasedBy === null && !this.#lineages.has(lineageId) ? this.#source.secrets(lineageId) : []
    this.#lineages.add(lineageId)
    this.#begin({ runId, epoch, create: asMoved(row), entries: [], release: counted ? 'counted' : true, secrets })
    for (let page = first, next = 0; page.length > 0;) {
      // A run writes once in a commit.
      if (this.#chars >= MOST_CHARS) {
        await this.write()
        this.#begin({ runId, epoch, entries: [] })
      }
      this.#entries.push(...page)
      for (const { text } of page) this.#chars += text.length
      next += page.length
      page = page.length < ENTRIES ? [] : this.#source.entries(runId, next, ENTRIES)
    }
    if (this.#writes.length >= PAGE || this.#chars >= MOST_CHARS) await this.write()
  }

  async write(): Promise<void> {
    const writes = this.#writes.splice(0)
    this.#chars = 0
    this.#lineages.clear()
    if (writes.length === 0) return
    const results = await this.#to.commit(writes)
    for (const [index, { runId, create }] of writes.entries()) {
      if (results[index]?.kind !== 'written') throw taken(runId)
      if (create) for (const message of this.#source.inbox(runId)) await this.#to.send(message)
    }
  }

  /** Begins a write; entries are added to the last that was begun. */
  #begin(write: RunWrite): void {
    this.#entries = []
    this.#writes.push({ ...write, entries: this.#entries })
  }
}

/** A run's row as it stands until all is there; an erased one says so once all of its lineage is there. */
function asMoved(row: RunRow): RunRow {
  const nobodys = { ...row, owner: null, erasedAt: null }
  if (row.endedAt !== null || row.status === 'quarantined') return nobodys
  return { ...nobodys, status: 'quarantined', waiting: PARKED, waits: [PARKED], wakeAt: null }
}

function taken(runId: string): DefinitionError {
  return new DefinitionError({
    code: 'run_exists',
    message: `The run "${runId}" cannot be moved: in the other store another run has its id, or its lineage was erased, or is another tenant's. Give the move up, and move into a store that has nothing yet.`,
    details: { runId },
  })
}
