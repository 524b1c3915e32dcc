import type { Author } from '../../contracts/audit.ts'
import type { RunRow } from '../../contracts/run.ts'
import type { Store } from '../../contracts/store.ts'
import type { RunWrite, StoredEntry } from '../../contracts/write.ts'
import { badArgument, isObject } from '../../define/argument.ts'
import type { Engine } from '../../engine/engine.ts'
import { noteOf } from '../../journal/audit-note.ts'
import { quarantined } from '../../journal/quarantined.ts'
import { sortedJson } from '../../values/sorted-json.ts'
import { DefinitionError } from '../../values/errors.ts'
import { takenElsewhere } from '../setup/whose.ts'
import { isEnded } from './check-whole.ts'
import type { GoldenRow, GoldenRun } from './format.ts'
import { type GoldenText, readRuns } from './read.ts'
import { goldenRow } from './write.ts'

/** What came of an import. */
export interface Imported {
  /** The ids of the runs that were written. */
  readonly runs: readonly string[]
  /** Those of them that had not ended: they are in quarantine. */
  readonly parked: readonly string[]
  /** The ids of those that were there already, with the same entries: they were left as they are. */
  readonly present: readonly string[]
}

/** Whose runs alone are taken, and the store that has everybody's. */
interface Only {
  readonly tenant: string
  readonly of: Store
}

/** A commit is made of so many runs, or of so many characters of their entries. */
const MOST_RUNS = 256
const MOST_CHARS = 4 * 1024 * 1024

/** Writes the runs of a golden file that are not there, of one tenant alone where it is given. See `Runtime.import`. */
export async function importRuns(engine: Engine, text: GoldenText, by: Author, only?: Only): Promise<Imported> {
  if (!isText(text))
    throw badArgument(
      'runtime.import was given text',
      text,
      "Give it what runtime.export gives, or createReadStream(path, 'utf8').",
    )
  const batch = new Batch(engine, by, only)
  for await (const run of readRuns(text)) await batch.add(run)
  await batch.write()
  return { runs: batch.runs, parked: batch.parked, present: batch.present }
}

/** The runs that are about to be written in one commit. */
class Batch {
  readonly runs: string[] = []
  readonly parked: string[] = []
  readonly present: string[] = []
  readonly #engine: Engine
  readonly #by: Author
  readonly #only: Only | undefined
  readonly #waiting = new Map<string, GoldenRun>()
  #chars = 0

  constructor(engine: Engine, by: Author, only: Only | undefined) {
    this.#engine = engine
    this.#by = by
    this.#only = only
  }

  async add(run: GoldenRun): Promise<void> {
    const { id } = run.row
    if (this.#only) await checkOnly(run, this.#only)
    // A file may hold a run twice.
    if (this.#waiting.has(id)) await this.write()
    if (await isPresent(this.#engine.store, run)) {
      this.present.push(id)
      return
    }
    this.#waiting.set(id, run)
    for (const { text } of run.entries) this.#chars += text.length
    if (this.#waiting.size >= MOST_RUNS || this.#chars >= MOST_CHARS) await this.write()
  }

  async write(): Promise<void> {
    const runs = [...this.#waiting.values()]
    this.#waiting.clear()
    this.#chars = 0
    // The committer makes one commit of what comes at once.
    const results = await Promise.all(runs.map((run) => this.#engine.committer.commit(this.#writeOf(run))))
    for (const [index, run] of runs.entries()) {
      if (results[index]?.kind === 'written') this.#written(run)
      // Somebody has written it meanwhile.
      else if (await isPresent(this.#engine.store, run)) this.present.push(run.row.id)
      else throw this.#only ? takenElsewhere(run.row.id) : erasedLineage(run)
    }
  }

  #writeOf(run: GoldenRun): RunWrite {
    const note = noteOf(run.row, { action: 'imported', by: this.#by, at: this.#engine.clock.now() })
    return { ...writeOf(run), audit: [note] }
  }

  #written({ row }: GoldenRun): void {
    this.runs.push(row.id)
    if (!isEnded(row)) this.parked.push(row.id)
  }
}

/** All of a run at once. Nobody owns it, and nobody is to take it: one that has not ended is in quarantine. */
function writeOf({ row, entries }: GoldenRun): RunWrite {
  const waiting = isEnded(row) ? null : quarantined(reasonOf(row))
  const nobodys = { owner: null, epoch: 0, attempts: 0, priority: 0, wakeAt: null, erasedAt: null }
  const status = waiting ? 'quarantined' : row.status
  const create = { ...row, ...nobodys, status, waiting, waits: waiting ? [waiting] : [] }
  return { runId: row.id, epoch: 0, create, entries, release: true }
}

function reasonOf({ status }: GoldenRow): string {
  return `It was imported, and stood as ${status} where it comes from: it may go on there, under the same id.`
}

/**
 * Tells whether the store has the very run.
 *
 * @throws DefinitionError with code `run_exists` where another one has its id.
 */
async function isPresent(store: Store, run: GoldenRun): Promise<boolean> {
  const { id } = run.row
  const row = await store.run(id)
  if (!row) return false
  const what = row.erasedAt === null ? differenceOf(run, row, await store.entries(id)) : 'it was erased here'
  if (what === undefined) return true
  throw new DefinitionError({
    code: 'run_exists',
    message: `The run "${id}" of line ${run.line} is in this store already, and is another: ${what}. Import it into another store.`,
    details: { runId: id, line: run.line },
  })
}

function differenceOf({ row, entries }: GoldenRun, there: RunRow, stored: readonly StoredEntry[]): string | undefined {
  const seq = entries.findIndex((entry, at) => placeOf(entry) !== placeOf(stored[at]))
  if (seq >= 0) return `its entry ${seq} is`
  if (stored.length > entries.length) return `it has ${stored.length} entries, and not ${entries.length}`
  const other = goldenRow(there)
  const names = Object.keys(row) as (keyof GoldenRow)[]
  // How one stands that has not ended is no part of it: here it is in quarantine.
  const open = ['status', 'endedAt', 'totals', 'concurrency', 'deadlineAt']
  const compared = isEnded(row) ? names : names.filter((name) => !open.includes(name))
  const name = compared.find((name) => sortedJson(row[name]) !== sortedJson(other[name]))
  return name && `it has ${name} ${JSON.stringify(other[name])}, and not ${JSON.stringify(row[name])}`
}

function placeOf(entry: StoredEntry | undefined): string {
  return entry ? JSON.stringify([entry.key, entry.kind, entry.attempt, entry.at, entry.digest]) : ''
}

function erasedLineage({ line, row: { id, lineageId } }: GoldenRun): DefinitionError {
  return new DefinitionError({
    code: 'run_erased',
    message: `The run "${id}" of line ${line} cannot be imported: its lineage "${lineageId}" was erased in this store. Import it into another store.`,
    details: { runId: id, line },
  })
}

/** Neither a run of another tenant comes in, nor one that came of such a run. */
async function checkOnly(run: GoldenRun, { tenant, of }: Only): Promise<void> {
  const { id, lineageId, parentId, forkOf, root } = run.row
  if (run.row.tenant !== tenant) throw notOfTenant(run)
  for (const other of new Set([lineageId, parentId, forkOf, root])) {
    const row = other === null || other === id ? undefined : await of.run(other)
    if (row && row.tenant !== tenant) throw notOfTenant(run)
  }
}

function notOfTenant({ line, row: { id } }: GoldenRun): DefinitionError {
  return new DefinitionError({
    code: 'one_tenant',
    message: `The run "${id}" of line ${line} is not of the tenant whose runtime this is. Import it by the runtime that createRuntime gave.`,
    details: { runId: id, line },
  })
}

function isText(text: unknown): text is GoldenText {
  return isObject(text) && (Symbol.asyncIterator in text || Symbol.iterator in text)
}
