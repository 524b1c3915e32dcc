import { cut } from '../text/cut.ts'
import { nameColumns, placesOf } from './columns.ts'

const MAX_CHARS = 40_000
const MAX_CELL_CHARS = 2_000
const MAX_COLUMNS = 200

/** Rows of a CSV file. */
export interface CsvPage {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
  /** What is missing from it, and how to go on. */
  readonly note?: string
}

/** Which rows of which columns are asked for. */
export interface PageAsk {
  readonly path: string
  /** None for all. */
  readonly columns: readonly string[]
  readonly offset: number
  readonly limit: number
  readonly header: boolean
}

interface Layout {
  readonly names: readonly string[]
  /** Which of them are given. */
  readonly places: readonly number[]
}

/** Takes the rows that are asked for, and stops there. */
export async function pageOf(records: AsyncIterable<readonly string[]>, ask: PageAsk): Promise<CsvPage> {
  let layout: Layout | undefined
  const rows: string[][] = []
  const found = { seen: 0, ragged: 0, more: false }
  let left = MAX_CHARS
  for await (const record of records) {
    if (!layout) {
      layout = layOut(record, ask)
      if (ask.header) continue
    }
    if (found.seen++ < ask.offset) continue
    const row = rowOf(record, layout)
    left -= JSON.stringify(row).length
    found.more = rows.length === ask.limit || (left < 0 && rows.length > 0)
    if (found.more) break
    if (record.length !== layout.names.length) found.ragged += 1
    rows.push(row)
  }
  const { names, places } = layout ?? { names: [], places: [] }
  const note = notesOn(ask, names.length, rows.length, found)
  return { columns: places.map((place) => names[place] ?? ''), rows, ...(note !== '' && { note }) }
}

function layOut(first: readonly string[], { header, columns, path }: PageAsk): Layout {
  const names = nameColumns(header ? first : first.map(() => ''))
  const places = columns.length > 0 ? placesOf(columns, names, path) : [...names.keys()]
  return { names, places: places.slice(0, MAX_COLUMNS) }
}

/** The more cells in a row, the shorter they are cut: the first row of a page is given in any case. */
function rowOf(record: readonly string[], { places }: Layout): string[] {
  const maxChars = Math.min(MAX_CELL_CHARS, Math.floor(MAX_CHARS / places.length))
  return places.map((place) => cut(record[place] ?? '', maxChars))
}

function notesOn(
  ask: PageAsk,
  columns: number,
  given: number,
  { seen, ragged, more }: { readonly seen: number; readonly ragged: number; readonly more: boolean },
): string {
  const notes: string[] = []
  if (more) notes.push(`There are more rows. Read on with offset ${ask.offset + given}.`)
  else if (given === 0) notes.push(`There is no row at offset ${ask.offset}: the file has ${seen} rows.`)
  if (ragged > 0) notes.push(`${ragged} of these rows have another number of fields than there are columns.`)
  if ((ask.columns.length || columns) > MAX_COLUMNS) {
    notes.push(`Only ${MAX_COLUMNS} columns are given. Ask for the others by their names.`)
  }
  return notes.join(' ')
}
