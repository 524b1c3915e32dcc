import { addUsed, type Entry, type RunRow, type Waiting } from '@reprise/core'
import { columns } from './columns.ts'
import { bold, dim, OF_STATUS } from './style.ts'
import { harmless, oneLine } from './text.ts'
import { saySpan, sayTime } from './time.ts'
import { sayUsed, usedByChildren, usedIn } from './used.ts'
import { sayEdits } from './edits.ts'
import { endWait, sayAsked, sayWaiting } from './waiting.ts'

/** What is known of other runs that a run has to do with. */
export interface Around {
  /** The runs that it waits for, and those that they wait for. */
  readonly below: ReadonlyMap<string, RunRow>
  /** Its forks, the first of them where there are many. */
  readonly forks: readonly RunRow[]
  /** The entries of the run that it is a fork of, where it is one and they are there. */
  readonly of?: readonly Entry[]
}

/** What is known of a run as a whole. */
export function sayHead(written: RunRow, entries: readonly Entry[], { below, forks, of }: Around): string[] {
  const row = harmless(written)
  const { id, kind, name, version, status, waiting, parentId, parentKey, forkOf, forkSeq, createdAt, endedAt } = row
  const { tags, tenant, user, sessionId, turn } = row
  const waits = row.waits.filter(({ kind, key }) => kind !== waiting?.kind || key !== waiting.key)
  const facts = [
    ['status', `${OF_STATUS[status](status)}${waiting ? ` ${sayWaiting(waiting)}` : ''}`],
    ...(waiting ? factsOf(id, waiting, below) : []),
    ...waits.flatMap((wait) => [['and', sayWaiting(wait)], ...factsOf(id, wait, below)]),
    ['started', sayTime(createdAt)],
    ...(endedAt === null ? [] : [['ended', `${sayTime(endedAt)}, after ${saySpan(endedAt - createdAt)}`]]),
    ...(sessionId === null ? [] : [['session', `${sessionId}, turn ${String(turn)}`]]),
    ...(parentId === null ? [] : [['parent', `${parentId}${parentKey === null ? '' : `, at ${parentKey}`}`]]),
    ...(forkOf === null ? [] : [['forked', `from ${forkOf}, at ${String(forkSeq)}`]]),
    ...(forkSeq === null ? [] : sayEdits(entries, forkSeq, of)),
    ...(forks.length === 0 ? [] : [['forks', harmless(forks).map(sayFork).join(', ')]]),
    ...(tenant === null ? [] : [['tenant', tenant]]),
    ...(user === null ? [] : [['user', user]]),
    ...(tags.length > 0 ? [['tags', tags.join(', ')]] : []),
    ...usedBy(row, entries),
  ]
  return [
    `${bold(oneLine(id))}  ${oneLine(`${kind} ${name}, version ${version}`)}`,
    ...columns(facts.map(([at = '', fact = '']) => ['', dim(at), fact])),
  ]
}

function sayFork({ id, forkSeq, status }: RunRow): string {
  return `${id} (at ${String(forkSeq)}, ${status})`
}

/** What the run and the runs that came of it have used, and what of it is its own. */
function usedBy({ totals: { descendants } }: RunRow, entries: readonly Entry[]): string[][] {
  const own = usedIn(entries)
  // Children that are gone by now have left what they used.
  if (!descendants) return [['used', sayUsed(addUsed(own, usedByChildren(entries)))]]
  const used = ['used', sayUsed(addUsed(own, descendants))]
  // A workflow asks no model itself.
  return own.turns > 0 ? [used, ['of it', `${sayUsed(own)} by itself`]] : [used]
}

/** How somebody ends a wait, and what is to be known for that; of a child, what it waits for in its turn. */
function factsOf(runId: string, waiting: Waiting, below: ReadonlyMap<string, RunRow>): string[][] {
  const asked = sayAsked(waiting)
  const child = waiting.kind === 'child' ? harmless(below.get(waiting.runId)) : undefined
  return [
    ['go on', endWait(runId, waiting)],
    ...(asked === undefined ? [] : [['asked', asked]]),
    ...(child?.waits ?? []).flatMap((wait) => [
      ['child', `${child?.id ?? ''} waits ${sayWaiting(wait)}`],
      ...(child ? factsOf(child.id, wait, below) : []),
    ]),
  ]
}
