import type { AuditNote, InboxMessage, JsonObject, NewFact, RunWrite, StoredSchedule, StoreError } from '@reprise/core'
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
    ...(create ? [...textsOf(create), create.concurrency?.key ?? ''] : []),
  ].find(isBad)
  if (bad !== undefined) throw badText(name, `by the run ${JSON.stringify(runId)}`, bad, { runId })
  if (write.fires) checkSchedule(name, write.fires.schedule)
  checkNotes(name, write.audit ?? [])
  for (const fact of write.facts ?? []) checkFact(name, fact)
  for (const begin of begins) checkTexts(name, asWrite(begin))
}

/** Refuses a message whose texts Postgres would not keep, or would keep as others. */
export function checkMessage(name: string, { runId, dedupe }: InboxMessage): void {
  const bad = [runId, dedupe].find(isBad)
  if (bad !== undefined) throw badText(name, 'for the inbox of a run', bad, { runId })
}

/** Refuses a schedule whose texts Postgres would not keep, or would keep as others. */
export function checkSchedule(name: string, { definition, ...schedule }: StoredSchedule): void {
  const bad = [definition.name, ...textsOf(schedule)].find(isBad)
  const shown = JSON.stringify(schedule.name)
  if (bad !== undefined) throw badText(name, `by the schedule ${shown}`, bad, { schedule: schedule.name })
}

/** Refuses a fact whose texts Postgres would not keep, or would keep as others: what it says is escaped. */
export function checkFact(name: string, { scope, memory }: NewFact): void {
  const bad = textsOf({ ...scope, memory }).find(isBad)
  if (bad !== undefined) throw badText(name, `for the memory ${JSON.stringify(memory)}`, bad, { memory })
}

/** Refuses notes whose texts Postgres would not keep, or would keep as others. */
export function checkNotes(name: string, notes: readonly AuditNote[]): void {
  const bad = notes.flatMap(({ by, ...note }) => [...textsOf(by), ...textsOf(note)]).find(isBad)
  if (bad !== undefined) throw badText(name, 'for the audit', bad, {})
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

function badText(name: string, whence: string, text: string, details: JsonObject): StoreError {
  const shown = JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}…` : text)
  return problem(
    'store_bad_text',
    name,
    `was given the text ${shown} ${whence}, and Postgres keeps neither U+0000 nor half of a pair of code units`,
    'Leave it out of ids, keys, names, tags and marks.',
    details,
  )
}
