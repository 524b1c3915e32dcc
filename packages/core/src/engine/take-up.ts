// Takes a stored run up: makes it this runtime's own, walks its journal, and leaves a session ready to drive it.
import { askAgainDrafts, cancelDrafts, doubtDrafts } from '../agent/doubt.ts'
import { emptyState, fold } from '../agent/fold.ts'
import { walk } from '../agent/walk.ts'
import type { Draft, Entry } from '../contracts/entry.ts'
import type { RunRow } from '../contracts/run.ts'
import type { Plan } from '../define/plan.ts'
import { unseal } from '../journal/seal.ts'
import { changeDrafts } from './changes.ts'
import { divergenceError } from './divergence.ts'
import type { Engine } from './engine.ts'
import { JournalWriter } from './journal-writer.ts'
import { lostError } from './lost.ts'
import { rowOf } from './row.ts'
import { Session } from './session.ts'

/**
 * Takes a run up under today's plan.
 *
 * @throws StoreError when somebody else took it meanwhile; DivergenceError when today's code goes another way. The run
 * stays as it is, and nobody owns it.
 */
export async function takeUp(engine: Engine, row: RunRow, plan: Plan): Promise<Session> {
  const { entries, writer } = await claim(engine, row)
  try {
    const { state, divergence } = walk(entries, plan)
    if (divergence) throw divergenceError(row.id, divergence)
    const drafts: Draft[] = [
      ...doubtDrafts(state, 'The process ended before the result was written.'),
      ...askAgainDrafts(state, plan, 'The run was taken up again.'),
      ...changeDrafts(row.id, state, plan),
    ]
    const after = drafts.reduce((before, draft) => fold(before, writer.add(draft)), state)
    const session = new Session(engine, {
      runId: row.id,
      plan,
      state: after,
      status: row.status,
      writer,
      callIds: callIdsOf(entries),
    })
    session.poke()
    return session
  } catch (error) {
    await writer.abandon()
    throw error
  }
}

/**
 * Ends a run that nobody drives, whatever today's code is. One that has ended meanwhile stays as it is.
 *
 * @throws StoreError when somebody took it meanwhile.
 */
export async function cancelStored(engine: Engine, row: RunRow, reason: string): Promise<void> {
  const { entries, writer } = await claim(engine, row)
  const state = entries.reduce(fold, emptyState())
  const after = cancelDrafts(state, reason).reduce((before, draft) => fold(before, writer.add(draft)), state)
  for (const message of await engine.store.inbox(row.id)) writer.consume(message.dedupe)
  await writer.write({ row: rowOf(after, engine.clock.now()), release: true })
}

async function claim(
  engine: Engine,
  row: RunRow,
): Promise<{ readonly entries: readonly Entry[]; readonly writer: JournalWriter }> {
  const claimed = await engine.store.claim(row.id, engine.owner, row.epoch)
  if (!claimed) throw lostError(row.id)
  try {
    const entries = (await engine.store.entries(row.id)).map(unseal)
    return { entries, writer: new JournalWriter(engine, row.id, claimed.epoch, entries.length) }
  } catch (error) {
    await new JournalWriter(engine, row.id, claimed.epoch, 0).abandon()
    throw error
  }
}

function callIdsOf(entries: readonly Entry[]): Set<string> {
  const replies = entries.flatMap((entry) => (entry.kind === 'model.replied' ? entry.body.reply.items : []))
  return new Set(replies.flatMap((item) => (item.kind === 'call' ? [item.callId] : [])))
}
