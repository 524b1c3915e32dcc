// What a store's queue and what has ended say: whether anybody takes what could be taken, and whether the store only grows.
import type { RetentionOptions } from '@reprise/core'
import type { Examination } from '@reprise/store'
import { saySpan } from '../show/time.ts'
import { count } from '../show/used.ts'
import { type Finding, known, well, wrong } from './finding.ts'

/** For how long a run may be ready before something is wrong, in milliseconds. */
const LATE_MS = 300_000

/** From how many runs on that have ended, and how long ago the first of them did, growth is worth a word. */
const MANY = 10_000
const LONG_MS = 30 * 86_400_000

/** Whether what could be taken is taken. */
export function queue({ queue: rows, at }: Pick<Examination, 'queue' | 'at'>): readonly Finding[] {
  if (rows === null) return []
  const ready = rows.filter((row) => row.ready > 0)
  const number = ready.reduce((sum, row) => sum + row.ready, 0)
  if (number === 0) return [well('queue', 'no run waits to be taken')]
  const oldestMs = at - Math.min(...ready.map(({ readySince }) => readySince ?? at))
  const found = `${count(number, 'run')} could be taken, the first of them for ${saySpan(Math.max(0, oldestMs))}`
  if (oldestMs < LATE_MS) return [well('queue', found)]
  const of = new Map<string, number>()
  for (const row of ready) of.set(`${row.kind} ${row.name}`, (of.get(`${row.kind} ${row.name}`) ?? 0) + row.ready)
  const each = [...of].map(([definition, runs]) => `${definition} (${runs.toLocaleString('en-US')})`).join(', ')
  return [
    wrong(
      'queue',
      found,
      `Start workers, or more of them, that have what these are runs of: ${each}. One is: reprise work`,
    ),
  ]
}

/**
 * How many runs have ended and are kept.
 *
 * @param retention of the runtime; undefined where that is not known.
 */
export function growth(
  { ended, at }: Pick<Examination, 'ended' | 'at'>,
  retention?: RetentionOptions,
): readonly Finding[] {
  if (ended === null) return []
  const { runs, firstEndedAt } = ended
  const since = firstEndedAt === null ? '' : `, the first of them ${saySpan(Math.max(0, at - firstEndedAt))} ago`
  const found = `${count(runs, 'run')} ${runs === 1 ? 'has' : 'have'} ended and ${runs === 1 ? 'is' : 'are'} kept${since}`
  const kept = Object.entries(retention ?? {}).map(([status, age]) => `${status} ${age}`)
  if (kept.length > 0) return [well('growth', `${found}; retention: ${kept.join(', ')}`)]
  if (runs < MANY || firstEndedAt === null || at - firstEndedAt < LONG_MS) return [well('growth', found)]
  const set = "Set createRuntime({ retention: { completed: '30d', failed: '90d' } })"
  return [
    known(
      'growth',
      retention === undefined ? found : `${found}; no retention is set`,
      `${set}${retention === undefined ? ', where it is not set,' : ''} or delete them from time to time: reprise gc --older-than 30d`,
    ),
  ]
}
