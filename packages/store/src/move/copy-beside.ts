import { type AuditFilter, type AuditEntry, type AuditNote, DefinitionError, type Store } from '@reprise/core'
import { PAGE } from './copy-runs.ts'
import type { Source } from './source.ts'

/** Erases what was erased: nothing was written of it but that it was there. */
export async function copyErasures(source: Source, to: Store): Promise<void> {
  for (let last = 0; ;) {
    const page = source.runs('erased', last, PAGE)
    for (const { row, erasedBy } of page) {
      if (erasedBy === null || row.erasedAt === null) continue
      const there = await to.run(row.id)
      // The first of a lineage takes the others with it.
      if (there?.erasedAt === null) await to.erase(row.lineageId, erasedBy, row.erasedAt)
      // Somebody has cleaned up there.
      if (!there) await to.noteErased([{ lineageId: row.lineageId, by: erasedBy, at: row.erasedAt }])
    }
    const end = page.at(-1)
    if (!end) break
    last = end.run
  }
  for (let after = ''; ;) {
    const { words, last } = source.words(after, PAGE)
    if (words.length > 0) await to.noteErased(words)
    if (last === undefined) break
    after = last
  }
}

/** Leaves what waits for runs that have not begun. */
export async function copyEarly(source: Source, to: Store): Promise<void> {
  for (let after = ''; ;) {
    const page = source.awaited(after, PAGE)
    for (const id of page) for (const message of source.early(id)) await to.sendEarly(message, Number.MAX_SAFE_INTEGER)
    const last = page.at(-1)
    if (last === undefined) break
    after = last
  }
}

/**
 * Writes schedules, paused.
 *
 * @throws DefinitionError with code `schedule_exists` where there is another of the name.
 */
export async function copySchedules(source: Source, to: Store): Promise<void> {
  for (const schedule of allOf(source)) {
    const paused = schedule.paused ? schedule : { ...schedule, paused: true, etag: pausedEtag(schedule.etag) }
    if (await to.keepSchedule({ schedule: paused, before: null })) continue
    throw new DefinitionError({
      code: 'schedule_exists',
      message: `The schedule "${schedule.name}" cannot be moved: the other store has one of that name. Give the move up, and move into a store that has nothing yet.`,
      details: { schedule: schedule.name },
    })
  }
}

/** Writes facts, in the order in which they were written: the newest stay the newest, also where it is done again. */
export async function copyFacts(source: Source, to: Store): Promise<void> {
  for (let after = 0; ;) {
    const page = source.facts(after, PAGE)
    for (const { id: _, ...fact } of page) await to.keepFact(fact)
    const last = page.at(-1)
    if (last === undefined) return
    after = last.id
  }
}

/** Lets schedules go on that were not paused; one that somebody has changed meanwhile is left. */
export async function resumeSchedules(source: Source, to: Store): Promise<void> {
  for (const schedule of allOf(source))
    if (!schedule.paused) await to.keepSchedule({ schedule, before: pausedEtag(schedule.etag) })
}

/** What a schedule is known by as long as its move pauses it. */
function pausedEtag(etag: string): string {
  return `moving ${etag}`
}

function* allOf(source: Source): Generator<ReturnType<Source['schedules']>[number]> {
  for (let after: string | undefined; ;) {
    const page = source.schedules({ limit: PAGE, ...(after !== undefined && { after }) })
    yield* page
    after = page.at(-1)?.name
    if (after === undefined) return
  }
}

/**
 * Writes who did what, in its order. What was written before this was cut short is found by going through both: others may
 * have noted something meanwhile.
 *
 * @param last what is noted of the move itself, behind all else.
 */
export async function copyAudit(source: Source, to: Store, last: AuditNote): Promise<void> {
  const there = notesOf((filter) => to.audit(filter))
  let next = await there.next()
  const missing: AuditNote[] = []
  const all = notesOf(async (filter) => source.audit(filter))
  for await (const note of all) await add(note)
  await add(last)
  if (missing.length > 0) await to.note(missing)

  async function add(note: AuditNote): Promise<void> {
    while (next.done !== true && keyOf(next.value) !== keyOf(note)) next = await there.next()
    if (next.done === true) missing.push(note)
    else next = await there.next()
    if (missing.length >= PAGE) await to.note(missing.splice(0))
  }
}

async function* notesOf(
  read: (filter: AuditFilter) => Promise<readonly AuditEntry[]>,
): AsyncGenerator<AuditNote, void, undefined> {
  for (let after = 0; ;) {
    const page = await read({ after, limit: PAGE })
    for (const { id: _, ...note } of page) yield note
    const end = page.at(-1)
    if (!end) return
    after = end.id
  }
}

function keyOf({ at, action, by, runId, lineageId, tenant, what }: AuditNote): string {
  return JSON.stringify([at, action, by.id, by.source, runId, lineageId, tenant, what])
}
