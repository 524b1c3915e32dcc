// What people and other systems are asked just now: which calls may run, and what comes of others.
import { withArguments } from '../../agent/state/asked-call.ts'
import type { AskWait, Entry } from '../../contracts/entry.ts'
import type { RunFilter, RunRow } from '../../contracts/run.ts'
import { badArgument, checkOptions } from '../../define/argument.ts'
import type { Engine } from '../../engine/engine.ts'
import { askOf } from '../../journal/keys.ts'
import type { JsonObject } from '../../values/json.ts'
import { shownEntries } from './shown.ts'

/** A call that somebody is asked about. All of it is JSON. */
export interface Ask {
  /** `approval`: whether it may run. `answer`: what comes of it. */
  readonly kind: 'approval' | 'answer'
  /** What `approve` and `reject` take beside the run, or what `answer` takes. */
  readonly id: string
  readonly runId: string
  /** The runs that this one is a child of: its parent first, the one that was started last. */
  readonly parents: readonly string[]
  /** The definition of the run. */
  readonly definition: Pick<RunRow, 'kind' | 'name' | 'version'>
  readonly tags: readonly string[]
  readonly tenant: string | null
  readonly user: string | null
  readonly agent: string | null
  readonly tool: string
  /** What the call is to be made with, with tokens for secrets: as somebody has changed it, where they have. */
  readonly arguments: JsonObject
  /** When they were asked, in milliseconds since 1970. */
  readonly askedAt: number
  /** For how long it has waited, in milliseconds. */
  readonly ageMs: number
  /** When it is over, in milliseconds since 1970; null for never. */
  readonly until: number | null
  /** How many people must allow it, and who has so far. */
  readonly approvers: number
  readonly by: readonly string[]
}

/** Which asks are listed. */
export interface AskFilter extends Pick<RunFilter, 'name' | 'tag' | 'tenant' | 'user'> {
  /** @default both */
  readonly kind?: Ask['kind']
  readonly tool?: string
  /** The `next` of the page before. */
  readonly after?: string
  /** 1 to 1,000. @default 100 */
  readonly limit?: number
}

/** A page of asks. */
export interface Asks {
  readonly asks: readonly Ask[]
  /** What `after` takes for the page after this one; null where this is the last. */
  readonly next: string | null
}

type Parts = Pick<Engine, 'store' | 'secretsOf' | 'clock'>

/** How many runs are read at once. */
const PAGE = 200

/** Lists what waits for people. See `Runtime.approvals`. */
export async function pendingAsks(parts: Parts, filter: AskFilter): Promise<Asks> {
  const expected = 'Give it { kind, tool, name, tag, tenant, user, after, limit }, or nothing.'
  checkOptions('runtime.approvals was given filter', filter, expected)
  const { limit = 100, after } = filter
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > 1_000)
    throw badArgument('runtime.approvals was given limit', limit, 'Give it a whole number of 1 to 1,000.')
  const from = after === undefined ? undefined : askOf(after)
  if (after !== undefined && !from)
    throw badArgument('runtime.approvals was given after', after, 'Give it the next of the page before.')
  const asks: Ask[] = []
  // One more than is asked for says whether there are more.
  for await (const ask of all(parts, filter, from)) if (asks.push(ask) > limit) break
  const last = asks.length > limit ? asks[limit - 1] : undefined
  return { asks: asks.slice(0, limit), next: last ? cursorOf(last) : null }
}

function cursorOf({ kind, runId, id }: Ask): string {
  return kind === 'answer' ? id : `${runId}/${id}`
}

async function* all(
  parts: Parts,
  filter: AskFilter,
  from: ReturnType<typeof askOf>,
): AsyncGenerator<Ask, void, undefined> {
  const { store } = parts
  const first = from && (await store.run(from.runId))
  if (first) for (const ask of await asksOf(parts, filter, first)) if (isAfter(ask, from.ask)) yield ask
  // What has ended is not looked at: only these are, by their status alone.
  for (let after = from?.runId; ;) {
    const page = await store.runs({ status: 'waiting', limit: PAGE, ...(after !== undefined && { after }) })
    for (const row of page) yield* await asksOf(parts, filter, row)
    if (page.length < PAGE) return
    after = page.at(-1)?.id
  }
}

/** What one run asks, in the order of its calls. */
async function asksOf(parts: Parts, filter: AskFilter, row: RunRow): Promise<readonly Ask[]> {
  const { kind, tool, name, tag, tenant, user } = filter
  if (row.status !== 'waiting' || (name !== undefined && row.name !== name)) return []
  if (tag !== undefined && !row.tags.includes(tag)) return []
  if ((tenant !== undefined && row.tenant !== tenant) || (user !== undefined && row.user !== user)) return []
  const waits = row.waits.filter(
    (wait): wait is AskWait =>
      (wait.kind === 'approval' || wait.kind === 'answer') &&
      (kind === undefined || wait.kind === kind) &&
      (tool === undefined || wait.tool === tool),
  )
  if (waits.length === 0) return []
  const [entries, parents] = await Promise.all([shownEntries(parts, row.id), parentsOf(parts, row)])
  const told = withArguments(waits, entries) as readonly AskWait[]
  return told
    .toSorted((one, other) => placeOf(one.key) - placeOf(other.key))
    .map((wait) => toAsk(parts, row, wait, parents, entries))
}

/** What somebody is asked by one wait of a run. */
export async function askFrom(parts: Parts, row: RunRow, wait: AskWait): Promise<Ask> {
  const [entries, parents] = await Promise.all([shownEntries(parts, row.id), parentsOf(parts, row)])
  const [told = wait] = withArguments([wait], entries) as readonly AskWait[]
  return toAsk(parts, row, told, parents, entries)
}

function toAsk(
  { clock }: Parts,
  row: RunRow,
  wait: AskWait,
  parents: readonly string[],
  entries: readonly Entry[],
): Ask {
  const { id: runId, kind, name, version, tags, tenant, user } = row
  const { agent = null, tool, arguments: given = {}, until = null } = wait
  const { approvers = 1, by = [] } = wait.kind === 'approval' ? wait : {}
  const asked = entries.findLast(
    (entry) => entry.key === wait.key && (entry.kind === 'approval.asked' || entry.kind === 'answer.asked'),
  )
  const askedAt = asked?.at ?? row.createdAt
  const whose = { tags, tenant, user, agent, tool, arguments: given }
  // Another machine's clock may be ahead.
  const times = { askedAt, ageMs: Math.max(0, clock.now() - askedAt), until, approvers, by }
  return { kind: wait.kind, id: wait.id, runId, parents, definition: { kind, name, version }, ...whose, ...times }
}

async function parentsOf({ store }: Parts, { parentId }: RunRow): Promise<readonly string[]> {
  const parents: string[] = []
  for (let id = parentId; id !== null; id = (await store.run(id))?.parentId ?? null) parents.push(id)
  return parents
}

/** Whether an ask comes after another of its run. */
function isAfter(ask: Ask, before: string): boolean {
  const id = ask.kind === 'answer' ? (askOf(ask.id)?.ask ?? '') : ask.id
  return placeOf(id) > placeOf(before)
}

/** The place of a call in its reply, by its key or the id of its ask. All that a run asks is of one reply. */
function placeOf(id: string): number {
  return Number(/call:(\d+)(?:#\d+)?$/.exec(id)?.[1] ?? -1)
}
