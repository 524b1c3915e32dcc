import type { Entry, RunRow } from '@reprise/core'
import { columns } from './columns.ts'
import { bold, dim, OF_STATUS } from './style.ts'
import { plain } from './text.ts'
import { saySpan, sayTime } from './time.ts'
import { sayUsed, usedIn } from './used.ts'
import { endWait, sayWaiting } from './waiting.ts'

/** What is known of a run as a whole. */
export function sayHead(row: RunRow, entries: readonly Entry[]): string[] {
  const { id, kind, name, version, status, waiting, parentId, parentKey, forkOf, forkSeq, tags, createdAt, endedAt } =
    row
  const facts = [
    ['status', `${OF_STATUS[status](status)}${waiting ? ` ${sayWaiting(waiting)}` : ''}`],
    ...(waiting ? [['go on', endWait(id, waiting)]] : []),
    ['started', sayTime(createdAt)],
    ...(endedAt === null ? [] : [['ended', `${sayTime(endedAt)}, after ${saySpan(endedAt - createdAt)}`]]),
    ...(parentId === null ? [] : [['parent', `${parentId}${parentKey === null ? '' : `, at ${parentKey}`}`]]),
    ...(forkOf === null ? [] : [['forked', `from ${forkOf}, at ${String(forkSeq)}`]]),
    ...(tags.length > 0 ? [['tags', plain(tags.join(', '))]] : []),
    ['used', sayUsed(usedIn(entries))],
  ]
  return [
    `${bold(id)}  ${kind} ${name}, version ${version}`,
    ...columns(facts.map(([at = '', fact = '']) => ['', dim(at), fact])),
  ]
}
