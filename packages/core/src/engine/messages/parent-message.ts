// The message by which a run that ends wakes its parent. The sessions and take-up.ts put it into the write of that end,
// and child-mail.ts tells from its mark whose it is. One commit has both: no crash can leave the parent unwoken.
import type { RunRow } from '../../contracts/run.ts'
import type { InboxMessage } from '../../contracts/message.ts'

/** What tells a run that its child has ended, in the same commit as that end: a parent at rest goes on by it. */
export function parentMessage(
  { id, parentId, parentKey }: Pick<RunRow, 'id' | 'parentId' | 'parentKey'>,
  at: number,
): InboxMessage | undefined {
  if (parentId === null || parentKey === null) return undefined
  return { runId: parentId, dedupe: `child:${parentKey}:${id}`, kind: 'child', body: null, at }
}

/** Whether a message is that of the child at a key: of this one and its continuations, or of any. */
export function isFrom(key: string, dedupe: string, runId = ''): boolean {
  return dedupe.startsWith(`child:${key}:${runId}`)
}
