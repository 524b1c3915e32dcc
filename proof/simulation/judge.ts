// What must be true of a simulated world when nothing goes wrong in it any more.
import type { Json } from '@reprise/core'
import type { Auditor } from '../auditor.ts'
import type { BookingStore } from '../journal-store.ts'
import { replayAll } from '../replay-all.ts'
import { bodyOf, ended, isLate } from '../seen.ts'
import type { Wish } from './people.ts'

/** What a simulation has left. */
export interface Left {
  readonly auditor: Auditor
  readonly opened: BookingStore
  readonly wishes: readonly Wish[]
  /** The deeds that were done outside. */
  readonly lines: readonly string[]
  /** Secrets that stand where they must not. */
  readonly exposed: readonly string[]
  /** The runs of this definition are another fleet's. */
  readonly alien: string
  /** How often the id of a run has begun anew. */
  readonly anew: ReadonlyMap<string, number>
  readonly complain: (complaint: string) => void
}

/** How a run ended, or the one that goes on in its place: its output as JSON, or what became of it. */
export function endOf(auditor: Auditor, id: string): string {
  const last = (auditor.runs.get(id) ?? auditor.gone.get(id))?.entries.at(-1)
  if (last?.kind === 'run.failed' && isLate(bodyOf(last, 'run.failed').error)) return 'late'
  if (last?.kind !== 'run.completed') return last?.kind ?? 'nothing'
  const { output, continuedAs } = JSON.parse(last.text) as { readonly output: Json; readonly continuedAs?: string }
  return continuedAs === undefined ? JSON.stringify(output) : endOf(auditor, continuedAs)
}

/** Complains of all that must not be. */
export async function judge(left: Left): Promise<void> {
  const { auditor, opened, wishes, lines, exposed, alien, complain } = left
  for (const [id, seen] of auditor.runs) {
    if (ended(seen)) continue
    const { status, owner, waiting } = seen.row
    complain(`${id} is stranded: ${status}, owned by ${owner ?? 'nobody'}, waiting for ${JSON.stringify(waiting)}`)
  }
  const done = [...lines, ...(await opened.booked())]
  for (const wish of wishes) judgeEnd(left, wish, done)
  for (const complaint of await replayAll(opened.store, ({ name }) => name !== alien)) complain(complaint)
  for (const said of exposed) complain(`"${said}" stands in plain view`)
  for (const [id, seen] of auditor.runs) {
    const { length } = await opened.store.entries(id)
    if (length !== seen.entries.length) complain(`${id} has ${length} entries, and ${seen.entries.length} were written`)
  }
}

/** A fork of a child does in its own name what the child would do: it has its id with a number behind. */
const FORKED = /\+\d+/g

function judgeEnd(
  { auditor, anew, complain }: Left,
  { id, name, story, cancelled, late }: Wish,
  lines: readonly string[],
): void {
  const all = lines.flatMap((line) => {
    const [deed, what, key = ''] = line.split(' ')
    const rest = key.slice(id.length)
    return key.startsWith(id) && /^[/~]/.test(rest) ? `${deed} ${what} ${rest}` : []
  })
  const done = all.map((line) => line.replaceAll(FORKED, ''))
  const output = endOf(auditor, id)
  const ends = Object.entries(story.ends)
  const end = ends.find(([said]) => JSON.stringify(said) === output)?.[1]
  const isEndedBy = (cancelled && output === 'run.cancelled') || (late && output === 'late')
  if (!end && !isEndedBy) complain(`${id} (${name}) ended with ${output}`)
  // A clock that was far ahead may have ended a child of a run that was not late after all: that run does what it can.
  const isCutShort = late && hasLostChild(auditor, id)
  const must = isCutShort ? [] : (end?.must ?? [])
  const may = end && !isCutShort ? (end.may ?? []) : ends.flatMap(([, { must, may = [] }]) => [...must, ...may])
  for (const line of must) if (!done.includes(line)) complain(`${id} (${name}) did not ${line}`)
  for (const line of done) if (!must.includes(line) && !may.includes(line)) complain(`${id} (${name}) did ${line}`)
  // What is booked stands in the store's own table, also for those that had the id before.
  const times = (line: string): number => (line.startsWith('book ') ? (anew.get(id) ?? 0) + 1 : 1)
  for (const line of new Set(all))
    if (all.filter((other) => other === line).length > times(line)) complain(`${id} (${name}) did ${line} twice`)
}

/** Whether a run below a run was cancelled since that was late. */
function hasLostChild({ runs }: Auditor, id: string): boolean {
  return [...runs].some(([childId, { entries }]) => {
    const last = entries.at(-1)
    if (!childId.startsWith(`${id}/`) || last?.kind !== 'run.cancelled') return false
    return bodyOf(last, 'run.cancelled').reason.startsWith('its parent was late')
  })
}
