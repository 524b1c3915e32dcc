import type { RunWrite, StoreError } from '@reprise/core'
import { problem } from './errors.ts'
import { asWrite } from './plan.ts'

/** Refuses a write whose texts Postgres would not keep, or would keep as others: what else is committed stays out of it. */
export function checkTexts(name: string, write: RunWrite): void {
  const { runId, create, entries, consumed = [], messages = [], adopts = [], begins = [] } = write
  const bad = [
    runId,
    ...consumed,
    ...adopts.flatMap((child) => [child.runId, child.parentKey]),
    ...messages.flatMap((message) => [message.runId, message.dedupe]),
    ...entries.flatMap(({ key, text }) => [key, text]),
    ...(create ? textsOf(create) : []),
  ].find(isBad)
  if (bad !== undefined) throw badText(name, runId, bad)
  for (const begin of begins) checkTexts(name, asWrite(begin))
}

function textsOf(row: object): string[] {
  return Object.values(row)
    .flatMap((value: unknown): unknown[] => (Array.isArray(value) ? value : [value]))
    .filter(isText)
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function isBad(text: string): boolean {
  return text.includes('\u0000') || !text.isWellFormed()
}

function badText(name: string, runId: string, text: string): StoreError {
  const shown = JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}…` : text)
  return problem(
    'store_bad_text',
    name,
    `was given the text ${shown} by the run ${JSON.stringify(runId)}, and Postgres keeps neither U+0000 nor half of a pair of code units`,
    'Leave it out of ids, keys, names, tags and marks.',
    { runId },
  )
}
