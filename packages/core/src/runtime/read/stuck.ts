import type { RunFilter, RunRow, RunStatus } from '../../contracts/run.ts'
import type { Store } from '../../contracts/store.ts'
import { checkMs } from '../../define/names.ts'
import type { Engine } from '../../engine/engine.ts'
import { isLetGo } from '../../engine/session/interruption.ts'
import { isExpiredEnd, lateness } from '../../journal/late.ts'
import { storedStanding } from './stored.ts'

/** A run that could not be worked. */
export interface StuckRun {
  readonly run: RunRow
  readonly why: 'quarantined' | 'in-doubt' | 'interrupted' | 'unclaimed' | 'late' | 'expired' | 'abandoned'
  /** In a sentence. */
  readonly reason: string
  /** What somebody can do. */
  readonly remedy: string
}

/** What `runs.stuck` takes. */
export interface StuckOptions {
  /** For how long nobody must have taken a queued run. 0 or more. @default 900000, a quarter of an hour */
  readonly unclaimedMs?: number
  /** How far back runs are looked for that have expired, by when they were queued. 0 or more. @default 604800000, a week */
  readonly expiredMs?: number
}

const UNCLAIMED_MS = 900_000
const EXPIRED_MS = 604_800_000
/** A worker looks for what is late once a second. */
const LATE_MS = 10_000
const PAGE = 500

type Parts = Pick<Engine, 'store' | 'clock' | 'owners'> & {
  /** Whether a run's definition is one of this runtime's. */
  readonly knows: (row: RunRow) => boolean
}

/** Finds the runs that could not be worked. See `Runs.stuck`. */
export async function* stuckRuns(
  parts: Parts,
  { unclaimedMs = UNCLAIMED_MS, expiredMs = EXPIRED_MS }: StuckOptions,
): AsyncGenerator<StuckRun, void, undefined> {
  checkMs('runs.stuck', 'unclaimedMs', unclaimedMs)
  checkMs('runs.stuck', 'expiredMs', expiredMs)
  const now = parts.clock.now()
  for await (const run of all(parts.store, { status: 'quarantined' })) yield ofQuarantine(run)
  for await (const run of all(parts.store, { status: 'waiting' })) {
    const stuck = lateRun(run, now) ?? ofWait(run)
    if (stuck) yield stuck
  }
  for (const status of ['running', 'queued'] satisfies RunStatus[])
    for await (const run of all(parts.store, { status })) {
      const stuck = abandoned(run, parts) ?? lateRun(run, now) ?? unclaimed(run, now - unclaimedMs, parts)
      if (stuck) yield stuck
    }
  for await (const run of all(parts.store, { status: 'failed', createdFrom: now - expiredMs }))
    if (run.expireAt !== null && run.erasedAt === null && (run.endedAt ?? 0) >= run.expireAt) {
      const { ending } = await storedStanding(parts.store, run)
      if (ending?.kind === 'failed' && isExpiredEnd(ending.error))
        yield {
          run,
          why: 'expired',
          reason: ending.error.message,
          remedy: 'Queue it anew under another id, where it is still wanted.',
        }
    }
}

async function* all(store: Store, filter: RunFilter): AsyncGenerator<RunRow, void, undefined> {
  let page = await store.runs({ ...filter, limit: PAGE })
  for (let last = page.at(-1); last; last = page.at(-1)) {
    yield* page
    if (page.length < PAGE) return
    page = await store.runs({ ...filter, limit: PAGE, after: last.id })
  }
}

function ofQuarantine(run: RunRow): StuckRun {
  const reason = run.waiting?.kind === 'quarantined' ? run.waiting.reason : 'It is in quarantine.'
  const remedy = 'Mend what ended its owners, or what is wrong with its journal, then call runtime.unquarantine.'
  return { run, why: 'quarantined', reason, remedy }
}

function ofWait(run: RunRow): StuckRun | undefined {
  for (const wait of run.waits) {
    if (wait.kind === 'in-doubt')
      return {
        run,
        why: 'in-doubt',
        reason: `Nobody knows whether ${wait.tool} at ${wait.id} happened.`,
        remedy: 'Look whether it did, then call runtime.settleDoubt.',
      }
    if (wait.kind === 'interrupted' && !isLetGo(wait.error))
      return {
        run,
        why: 'interrupted',
        reason: `${wait.error.message} (${wait.error.code}, ${wait.times} times in a row)`,
        remedy: wait.mendable
          ? 'Mend that: a worker tries it again, for ever.'
          : 'Mend that: a worker tries it a few times more, and puts it into quarantine then.',
      }
  }
  return undefined
}

function abandoned(run: RunRow, { owners }: Parts): StuckRun | undefined {
  const { owner, concurrency } = run
  if (owner === null || !owners.isGoneWhole(owner)) return undefined
  const holds = concurrency ? `, and it has a slot of "${concurrency.key}", for which others may wait` : ''
  const reason = `Its owner ${owner} is gone${holds}.`
  return { run, why: 'abandoned', reason, remedy: 'Let a worker run that has its definition, or call runtime.resume.' }
}

function lateRun(run: RunRow, now: number): StuckRun | undefined {
  const late = lateness(run, now - LATE_MS)
  if (!late || run.owner !== null) return undefined
  const remedy = 'Let a worker run: every worker ends such runs, also without their definitions.'
  return { run, why: 'late', reason: `It is late, and nobody has ended it. ${late.message}`, remedy }
}

function unclaimed(run: RunRow, before: number, { knows }: Parts): StuckRun | undefined {
  const since = Math.max(run.createdAt, run.wakeAt ?? 0)
  // One of a key waits for its turn; and since when nobody has had a run that was begun, its row does not say.
  if (run.owner !== null || since > before || run.concurrency !== null) return undefined
  if (run.status === 'running' && knows(run)) return undefined
  const what = `${run.kind} "${run.name}"`
  const reason = `Nobody has taken it since ${new Date(since).toISOString()}${knows(run) ? '' : `, and this runtime has no ${what}`}.`
  return { run, why: 'unclaimed', reason, remedy: `Let a worker run that has ${what}, with room for it.` }
}
