import type { Author, By } from '../../contracts/audit.ts'
import type { RunRow } from '../../contracts/run.ts'
import type { StoredEntry } from '../../contracts/write.ts'
import { badArgument, isObject } from '../../define/argument.ts'
import { checkText } from '../../define/names.ts'
import type { Engine } from '../../engine/engine.ts'
import { decodeEntry } from '../../journal/entry-codec.ts'
import { ENDS } from '../../journal/entry-kinds.ts'
import { redactIn } from '../../journal/redact.ts'
import { DefinitionError } from '../../values/errors.ts'
import { sortedJson } from '../../values/sorted-json.ts'
import { noted } from '../read/noted.ts'
import type { Runs } from '../read/runs.ts'
import { authorIn } from '../setup/author.ts'
import { checkRunFilter } from '../setup/check-filter.ts'
import { type ExportFilter, familiesOf, familiesOfRows } from './family.ts'
import { endLine, entryLine, goldenRow, headLine, runLine } from './write.ts'

/** Which runs are exported: one, some, or all that fit. */
export type Exported = string | readonly string[] | ExportFilter

/** What `export` takes beside the runs. */
export interface ExportOptions {
  /** What made the file, as its head says it. @default 'reprise' */
  readonly by?: string
  /** On whose behalf it is made: that they were given the runs is kept in the audit. @default unknown */
  readonly reader?: By
}

interface ExportParts {
  readonly engine: Pick<Engine, 'store' | 'secretsOf' | 'clock'>
  readonly runs: Runs
}

/** Gives the lines of a golden file. See `Runtime.export`. */
export function exportRuns(
  parts: ExportParts,
  of: Exported,
  { by = 'reprise', reader }: ExportOptions,
): AsyncGenerator<string, void, undefined> {
  const expected = `Give it the id of a run, a list of ids, or ${FILTER}.`
  if (typeof of !== 'string' && !isObject(of)) throw badArgument('runtime.export was given runs', of, expected)
  checkText('runtime.export', 'by', by)
  if (isIds(of)) for (const id of of) checkText('runtime.export', 'an id', id)
  else if (isObject(of)) checkFilter(of)
  return lines(parts, of, by, authorIn('runtime.export', reader))
}

async function* lines(
  parts: ExportParts,
  of: Exported,
  by: string,
  reader: Author,
): AsyncGenerator<string, void, undefined> {
  const { store } = parts.engine
  // Who names a run that is not there is told so before anything is written.
  const rows = isIds(of) || typeof of === 'string' ? await named(parts, isIds(of) ? of : [of]) : undefined
  yield headLine(by)
  let runs = 0
  const wanted = rows ? familiesOfRows(store, rows) : familiesOf(store, of as ExportFilter)
  for await (const row of noted(parts.engine, wanted, { action: 'exported', by: reader })) {
    const run = await settledRun(parts, row)
    // Somebody may have deleted it meanwhile.
    if (!run) continue
    runs += 1
    yield runLine(run.row, run.entries.length)
    for (const entry of run.entries) yield entryLine(entry)
  }
  yield endLine(runs)
}

async function named({ engine: { store }, runs }: ExportParts, ids: readonly string[]): Promise<readonly RunRow[]> {
  const rows: RunRow[] = []
  // `get` tells of a run that is not there; its totals are those of its children, too, and a row has its own.
  for (const id of ids) rows.push((await store.run(id)) ?? (await runs.get(id)))
  return rows
}

/** A run with its entries: one that ended while they were read stands as ended. */
async function settledRun(
  { engine }: ExportParts,
  row: RunRow,
): Promise<{ readonly row: RunRow; readonly entries: readonly StoredEntry[] } | undefined> {
  const entries = await engine.store.entries(row.id)
  const last = entries.at(-1)
  if (!last) return undefined
  await refuseClear(engine, row, entries)
  if (row.endedAt !== null || !ENDS.has(last.kind)) return { row, entries }
  const ended = await engine.store.run(row.id)
  return ended && { row: ended, entries }
}

/**
 * What was written before a secret of its lineage was known holds it in the clear. Without it the entry would be another
 * one, whose digest and whose requests' fingerprints are others.
 */
async function refuseClear(
  { store, secretsOf }: ExportParts['engine'],
  row: RunRow,
  entries: readonly StoredEntry[],
): Promise<void> {
  if (!store.secrets) return
  const { id } = row
  const secrets = secretsOf(row.lineageId)
  await secrets.load()
  if (!secrets.any) return
  const clear = Object.entries(goldenRow(row)).find(
    ([, value]) => sortedJson(secrets.redact(value)) !== sortedJson(value),
  )
  if (clear)
    throw new DefinitionError({
      code: 'secret_in_clear',
      message: `The run "${id}" cannot be exported: its ${clear[0]} ${clear[0] === 'tags' ? 'hold' : 'holds'} a secret in the clear. Start runs without secrets in their tags, tenants, users, concurrency keys and ids.`,
      details: { runId: id },
    })
  for (const stored of entries) {
    const entry = decodeEntry(stored)
    if (JSON.stringify(redactIn(entry, secrets.redact).body) === JSON.stringify(entry.body)) continue
    throw new DefinitionError({
      code: 'secret_in_clear',
      message: `The run "${id}" cannot be exported: its entry ${stored.seq} (${stored.kind}) was written before a secret that it holds was known, and has it in the clear. Export a run that was given the secret by a field that says { secret: true }.`,
      details: { runId: id, seq: stored.seq },
    })
  }
}

function isIds(of: unknown): of is readonly string[] {
  return Array.isArray(of)
}

const PARTS = [
  'status',
  'name',
  'tag',
  'tenant',
  'user',
  'parentId',
  'forkOf',
  'sessionId',
  'createdFrom',
  'createdBefore',
  'order',
]
const FILTER = `{ ${PARTS.join(', ')} }`

function checkFilter(filter: ExportFilter): void {
  const stray = Object.keys(filter).find((name) => !PARTS.includes(name))
  if (stray !== undefined)
    throw badArgument(`runtime.export was given ${stray}`, Reflect.get(filter, stray), `It takes ${FILTER}.`)
  checkRunFilter('runtime.export', filter)
}
