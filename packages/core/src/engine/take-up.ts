// Takes a stored run up: makes it this runtime's own, walks its journal, and leaves a session ready to drive it.
import { emptyState, fold, held } from '../agent/fold.ts'
import type { AgentState } from '../agent/state.ts'
import { textDifferences, todaysHolding, walk } from '../agent/walk.ts'
import type { Draft, Entry } from '../contracts/entry.ts'
import type { RunRow } from '../contracts/run.ts'
import type { Plan } from '../define/plan.ts'
import { RUN_KEY } from '../journal/keys.ts'
import { unseal } from '../journal/seal.ts'
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
    const after = catchUp(row.id, state, plan).reduce((before, draft) => fold(before, writer.add(draft)), state)
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
 * Ends a run that nobody drives, whatever today's code is.
 *
 * @throws StoreError when somebody took it meanwhile.
 */
export async function cancelStored(engine: Engine, row: RunRow, reason: string): Promise<void> {
  const { entries, writer } = await claim(engine, row)
  const state = fold(
    entries.reduce(fold, emptyState()),
    writer.add({ kind: 'run.cancelled', key: RUN_KEY, attempt: 1, body: { reason } }),
  )
  for (const message of await engine.store.inbox(row.id)) writer.consume(message.dedupe)
  await writer.write({ row: rowOf(state, engine.clock.now()), release: true })
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

/** What is written before a run goes on: intents that a crash left open are in doubt, changed texts are adopted. */
function catchUp(runId: string, state: AgentState, plan: Plan): Draft[] {
  if (state.phase.kind === 'ended' || !state.holder) return []
  const doubts =
    state.phase.kind === 'calling' ? state.phase.calls.filter(({ stage }) => stage.kind === 'intended') : []
  const reason = 'The process ended before the result was written.'
  return [
    ...doubts.map(({ key, call, stage }): Draft => {
      const attempt = stage.kind === 'settled' ? 1 : stage.attempt
      return { kind: 'call.doubted', key, attempt, body: { name: call.name, reason } }
    }),
    ...changes(runId, state, plan),
  ]
}

function changes(runId: string, state: AgentState, plan: Plan): Draft[] {
  if (plan.onChange === 'pin') return []
  const [difference] = textDifferences(state.seq, held(state), state, plan)
  const today = todaysHolding(state, plan)
  if (!difference || !today) return []
  if (plan.onChange === 'adopt') return [{ kind: 'definition.changed', key: RUN_KEY, attempt: 1, body: today }]
  const { agent, field, recorded } = difference
  throw divergenceError(runId, {
    seq: state.seq,
    key: RUN_KEY,
    recorded: `${field} of "${agent}": ${recorded}`,
    today: difference.today,
  })
}

function callIdsOf(entries: readonly Entry[]): Set<string> {
  const replies = entries.flatMap((entry) => (entry.kind === 'model.replied' ? entry.body.reply.items : []))
  return new Set(replies.flatMap((item) => (item.kind === 'call' ? [item.callId] : [])))
}
