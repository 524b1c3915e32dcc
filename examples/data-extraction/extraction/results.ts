import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { digest } from '@reprise/core'
import { z } from 'zod'
import { Complaint } from '../complaint.ts'
import type { Place } from '../place.ts'
import type { Extracted } from './extracted.ts'

/** The digests of what was written. */
export const Written = z.object({ json: z.string(), csv: z.string() })

/** The digests of what was written. */
export type Written = z.infer<typeof Written>

/**
 * Writes all results as JSON, and the lines of all that are settled as CSV. Each file is replaced in one step, and the
 * same results give the same bytes: doing it again changes nothing.
 */
export function writeResults({ json, csv }: Place, all: readonly Extracted[]): Written {
  return { json: replace(json, `${JSON.stringify(all, null, 2)}\n`), csv: replace(csv, csvOf(all)) }
}

/**
 * Reads what was written.
 *
 * @throws Complaint when a file is gone, or is not as it was written.
 */
export function readResults({ json, csv }: Place, written: Written): readonly Extracted[] {
  readWritten(csv, written.csv)
  // Its digest says that the workflow wrote it.
  return JSON.parse(readWritten(json, written.json)) as Extracted[]
}

function readWritten(path: string, wanted: string): string {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    throw new Complaint(`The results cannot be read: ${(error as Error).message}. Put the file back, or use --fresh.`)
  }
  if (digest(text) === wanted) return text
  throw new Complaint(`${path} was changed since it was written. Put it back as it was, or use --fresh.`)
}

function replace(path: string, text: string): string {
  const beside = `${path}.new`
  writeFileSync(beside, text, { flush: true })
  renameSync(beside, path)
  syncFolder(dirname(path))
  return digest(text)
}

/** Brings a change of names to the disk. Windows has no such thing. */
function syncFolder(path: string): void {
  if (process.platform === 'win32') return
  const folder = openSync(path, 'r')
  fsyncSync(folder)
  closeSync(folder)
}

function csvOf(all: readonly Extracted[]): string {
  const rows = all.flatMap(({ file, status, statement }) =>
    status === 'review' || !statement
      ? []
      : statement.lines.map(({ date, description, amountMinor }) => [
          file,
          statement.vendor,
          date,
          description,
          amountMinor,
          statement.currency,
        ]),
  )
  const table = [['file', 'vendor', 'date', 'description', 'amount_minor', 'currency'], ...rows]
  return table.map((row) => `${row.map(cellOf).join(',')}\n`).join('')
}

function cellOf(value: string | number): string {
  const text = String(value)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
