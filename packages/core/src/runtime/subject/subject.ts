// Whose runs are meant, where a person or a tenant asks for all that is kept of them, or wants it gone.
import type { StoredFact } from '../../contracts/fact.ts'
import type { RunFilter, RunRow } from '../../contracts/run.ts'
import type { StoredSchedule } from '../../contracts/schedule.ts'
import type { Store } from '../../contracts/store.ts'
import { badArgument, checkOptions } from '../../define/argument.ts'
import { checkedWhose, type Whose } from '../setup/whose.ts'

/** A person (`user`), one of a tenant (both), or a tenant with all of its people. One of the two is there. */
export type Subject = Whose

/** The most rows that are read at once. */
const PAGE = 100

/**
 * Checks who is meant: nobody is not everybody.
 *
 * @returns the part of a filter that finds their runs.
 * @throws DefinitionError with code `bad_argument` or `bad_text`.
 */
export function checkSubject(what: string, subject: Subject): Subject {
  const expected = 'Give it { user }, { tenant, user }, or { tenant } for all of its people.'
  checkOptions(`${what} was given subject`, subject, expected)
  const stray = Object.keys(subject).find((name) => name !== 'tenant' && name !== 'user')
  if (stray !== undefined) throw badArgument(`${what} was given ${stray}`, Reflect.get(subject, stray), expected)
  const { tenant, user } = checkedWhose(what, subject)
  if (tenant === null && user === null) throw badArgument(`${what} was given subject`, subject, expected)
  return { ...(tenant !== null && { tenant }), ...(user !== null && { user }) }
}

/** The runs of somebody that are not erased, in the order of their creation, as they stand when they are read, a page at a time. */
export async function* pagesOf(store: Store, subject: Subject): AsyncGenerator<readonly RunRow[], void, undefined> {
  const filter: RunFilter = { ...subject, limit: PAGE }
  let page = await store.runs(filter)
  for (let last = page.at(-1); last; last = page.at(-1)) {
    yield page.filter(({ erasedAt }) => erasedAt === null)
    if (page.length < PAGE) return
    page = await store.runs({ ...filter, after: last.id })
  }
}

/** The schedules whose runs would be somebody's, in the order of their names. */
export async function* schedulesOf(store: Store, subject: Subject): AsyncGenerator<StoredSchedule, void, undefined> {
  let page = await store.schedules({ ...subject, limit: PAGE })
  for (let last = page.at(-1); last; last = page.at(-1)) {
    yield* page
    page = await store.schedules({ ...subject, after: last.name, limit: PAGE })
  }
}

/** What is known of somebody, the newest first. */
export async function* factsOf(store: Store, subject: Subject): AsyncGenerator<StoredFact, void, undefined> {
  let page = await store.facts({ ...subject, limit: PAGE })
  for (let last = page.at(-1); last; last = page.at(-1)) {
    yield* page
    page = await store.facts({ ...subject, before: last.id, limit: PAGE })
  }
}
