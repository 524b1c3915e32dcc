import type { NewRun, RunWrite, WriteResult } from '@reprise/core'
import { IN_LINE, OUT_OF_LINE } from './schema.ts'
import type { Statement } from './statement.ts'
import type { Tables } from './tables.ts'

/** What there is to tell others of. */
export interface News {
  /** Whether there may be runs to take. */
  readonly isWork: boolean
  /** Runs that have mail. */
  readonly mail: readonly string[]
  /** Runs of concurrency keys that have given up their places, or their turns. */
  readonly freed: readonly string[]
}

/** What a hint says on the channel: who has told it, '' where that is nobody who listens, and of which run of which owner. */
export type Told =
  | { readonly kind: 'work'; readonly by: string }
  | { readonly kind: 'mail'; readonly by: string; readonly owner: string; readonly runId: string }

/** The longest name that Postgres takes for a channel, and the longest payload that it does not. */
const MAX_CHANNEL_BYTES = 63
const MAX_PAYLOAD_BYTES = 8_000

/** The channel of the stores of a schema. Schemas whose names are too long may share one: a hint may come for nothing. */
export function channelOf(schema: string): string {
  return `reprise:${schema}`.slice(0, MAX_CHANNEL_BYTES)
}

/**
 * What there is to tell of once some writes are committed.
 *
 * @param freed those of them that `givesUp` and are of concurrency keys. @default none
 */
export function newsOf(
  writes: readonly RunWrite[],
  results: readonly WriteResult[],
  freed: readonly string[] = [],
): News {
  const written = writes.filter((_, index) => results[index]?.kind === 'written')
  return {
    isWork: written.some(leavesWork),
    mail: written.flatMap(({ messages = [] }) => messages.map(({ runId }) => runId)),
    freed,
  }
}

/** Whether a write ends its run or lets go of it: another of its key may go on then. */
export function givesUp({ release, row }: RunWrite): boolean {
  return release !== undefined || (row?.endedAt ?? null) !== null
}

function leavesWork({ create, begins = [], release, row }: RunWrite): boolean {
  if ((create && isReady(create)) || begins.some((begun) => isReady(begun.row))) return true
  return release !== undefined && (row === undefined || (row.endedAt === null && row.status !== 'waiting'))
}

/** Whether a run that begins may be taken at once. */
export function isReady({ owner, status, wakeAt }: NewRun): boolean {
  return owner === null && wakeAt === null && (status === 'queued' || status === 'running')
}

/** The hints that a statement sends. */
export interface Telling extends News {
  readonly channel: string
  readonly by: string
  /** Owners that know of their mail. */
  readonly except: readonly string[]
}

/**
 * The statement that tells on a channel of what was committed: of the mail of a run to its owner, and that there is work where
 * it has none, or where a run waits for the place that another of its key has given up. What does not fit a hint is left out:
 * it is found by the next look. It answers with the hints.
 */
export function tellStatement(tables: Tables, { channel, by, isWork, mail, freed, except }: Telling): Statement {
  const { runs } = tables
  const text = `with mail as (
      select id, owner from ${runs} where id = any($3::text[]) and ended_at is null
    ),
    told as (
      select json_build_array($2::text)::text as hint where $4::text = 'work' or exists (select 1 from mail where owner is null)
        or ${waitsForOneOf(tables, '$6::text[]')}
      union all
      select json_build_array($2::text, owner, id)::text from mail where owner is not null and owner <> all($5::text[])
    )
    select hint, pg_notify($1::text, hint)::text as told from told where octet_length(hint) < ${MAX_PAYLOAD_BYTES}`
  return { text, values: [channel, by, mail, isWork ? 'work' : '', except, freed] }
}

/** Whether a run has something to go on with, and is of the key of one of some runs. */
function waitsForOneOf({ runs, inbox }: Tables, freed: string): string {
  const isDue = 'w.wake_at <= extract(epoch from clock_timestamp()) * 1000'
  const hasMail = `exists (select 1 from ${inbox} i where i.run = w.run)`
  return `exists (select 1 from ${runs} freed where freed.id = any(${freed}) and freed.line is not null and (
      exists (select 1 from ${runs} w where w.line = freed.line and ${IN_LINE})
      or exists (select 1 from ${runs} w where w.line = freed.line and ${OUT_OF_LINE} and (${isDue} or ${hasMail}))))`
}

/** Reads a hint; undefined where somebody else has something to say on the channel. */
export function readHint(payload: string): Told | undefined {
  let said: unknown
  try {
    said = JSON.parse(payload)
  } catch {
    return undefined
  }
  if (!Array.isArray(said)) return undefined
  const [by, owner, runId] = said as readonly unknown[] // whatever they are
  if (typeof by !== 'string') return undefined
  if (typeof owner === 'string' && typeof runId === 'string') return { kind: 'mail', by, owner, runId }
  return said.length === 1 ? { kind: 'work', by } : undefined
}
