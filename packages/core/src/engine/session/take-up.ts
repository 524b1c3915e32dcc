// Takes a stored run up: makes it this runtime's own, walks its journal under today's code, and leaves it ready to be
// driven. runtime/drive/driver.ts calls this; it calls `store.claim`, agent/walk/walk.ts or the workflow's session, and writes
// only what follows from a crash: doubts, asks anew, changed text. It keeps invariants 5 (another path stops a resume,
// other text goes by `onChange`), 6 (verdicts hold as they are recorded) and 8 (the claim raises the epoch, and who
// cannot go on lets go).
import { askAnewDrafts, lateAskDrafts } from '../../agent/rules/approval.ts'
import { agentPlanOf } from '../../agent/decide/decide.ts'
import { cancelDrafts, endDraft, type EndedBy } from '../../agent/state/cancel.ts'
import { askAgainDrafts, doubtDrafts, type RunnerOf } from '../../agent/state/doubt.ts'
import { endingOf } from '../../agent/state/ending.ts'
import { emptyState, fold } from '../../agent/state/fold.ts'
import type { AgentState } from '../../agent/state/state.ts'
import { walk } from '../../agent/walk/walk.ts'
import type { Author } from '../../contracts/audit.ts'
import type { Draft, Entry } from '../../contracts/entry.ts'
import type { RunRow } from '../../contracts/run.ts'
import { type SeenRun, SUSPECT_FROM } from '../../contracts/take.ts'
import type { RowChange } from '../../contracts/write.ts'
import { type AnyDefinition, type Plan, planOf } from '../../define/plan.ts'
import { noteOf } from '../../journal/audit-note.ts'
import { divergenceError } from '../../journal/divergence.ts'
import { RUN_KEY } from '../../journal/keys.ts'
import { quarantined } from '../../journal/quarantined.ts'
import { decodeEntry } from '../../journal/entry-codec.ts'
import { messageOf, RepriseError } from '../../values/errors.ts'
import { changeDrafts } from '../begin/changes.ts'
import type { Driven } from './driven.ts'
import { joinDraft } from '../begin/join.ts'
import type { Turn } from '../chains.ts'
import type { Engine } from '../engine.ts'
import { giveUp } from './give-up.ts'
import { JournalWriter } from '../journal-writer.ts'
import { lostError } from '../commit/lost.ts'
import { parentMessage } from '../messages/parent-message.ts'
import { refuseUnkept } from '../begin/refuse-unkept.ts'
import { rowOf, standingOf, waitingFor } from './row.ts'
import { runnerOf } from '../effort/running.ts'
import { sessionOf } from './session-of.ts'

/** A stored run that nobody drives, as it was seen. */
export type FreeRun = RunRow & SeenRun

/** A stored run that the store has given to this runtime. */
export interface Taken {
  readonly row: RunRow
  /** When the store was asked for it, on the monotonic clock. */
  readonly takenAt: number
}

/** A stored run that is this runtime's now, and its journal. */
export interface Claimed extends Taken {
  readonly entries: readonly Entry[]
  readonly writer: JournalWriter
}

/** How many owners in a row may die with a run, without getting it further, before it is put into quarantine (fault 23). */
const MOST_ATTEMPTS = 5

/** A worker takes several runs, and does not know at once which of them it died of: these deaths are laid to none. */
const MOST_OF_WORKERS = MOST_ATTEMPTS + SUSPECT_FROM

/**
 * Takes a run up under the first of today's definitions that goes the way that is recorded.
 *
 * @param definitions one or more, of the run's name.
 * @param worked whether the run is given up while it waits for long: whoever took it takes it up again.
 * @returns what drives it; undefined for a run that has ended its owners too often, and is in quarantine now; `not yet` for a
 * turn of a session whose turn has not come: it rests again.
 * @throws StoreError when somebody else took it meanwhile; DivergenceError when today's code goes another way. The run
 * stays as it is, nobody owns it, and its row says why.
 */
export async function takeUp(
  engine: Engine,
  run: FreeRun,
  definitions: readonly AnyDefinition[],
  worked = false,
): Promise<Driven | 'not yet' | undefined> {
  return goOn(engine, await claim(engine, run), definitions, worked)
}

/**
 * Goes on with a run that the store has given to this runtime, as `takeUp` does.
 *
 * @returns what `takeUp` returns.
 * @throws what `takeUp` throws.
 */
export async function takeUpTaken(
  engine: Engine,
  taken: Taken,
  definitions: readonly AnyDefinition[],
): Promise<Driven | 'not yet' | undefined> {
  return goOn(engine, await read(engine, taken), definitions, true)
}

async function goOn(
  engine: Engine,
  claimed: Claimed,
  definitions: readonly AnyDefinition[],
  worked: boolean,
): Promise<Driven | 'not yet' | undefined> {
  try {
    if (claimed.row.attempts > mostAttempts(claimed.row, worked)) {
      await quarantine(engine, claimed)
      return undefined
    }
    const turn = await turnOf(engine, claimed)
    if (turn === 'not yet') return turn
    return await openFirst(engine, claimed, definitions, worked, turn)
  } catch (error) {
    await giveUpBefore(engine, claimed.row, claimed.writer, error)
    throw error
  }
}

/** What interrupts a run is its own fault, whoever has taken it. */
function mostAttempts({ waiting }: RunRow, worked: boolean): number {
  return worked && waiting?.kind !== 'interrupted' ? MOST_OF_WORKERS : MOST_ATTEMPTS
}

/** Whoever wanted the run is told, whether or not its row can say why. */
async function giveUpBefore(engine: Engine, row: RunRow, writer: JournalWriter, error: unknown): Promise<void> {
  await giveUp(engine, row, writer, row.totals, error).catch(() => undefined)
}

async function openFirst(
  engine: Engine,
  { row, takenAt, entries }: Omit<Claimed, 'writer'>,
  definitions: readonly AnyDefinition[],
  worked: boolean,
  { before, joins }: Going,
): Promise<Driven> {
  const diverged: unknown[] = []
  for (const definition of definitions) {
    try {
      // What a version has to write is dropped where it turns out to go another way.
      const claimed = { row, takenAt, entries, writer: writerOf(engine, { row, takenAt }, entries) }
      refuseUnkept(definition, claimed.writer.secrets)
      const own = { row, definition, entries, writer: claimed.writer, worked, before }
      if (definition.kind === 'workflow') return await caughtUp(sessionOf(engine, own))
      const state = walked(engine, claimed, planOf(definition), { before, joins })
      return await caughtUp(sessionOf(engine, { ...own, state }))
    } catch (error) {
      if (!isOtherWay(error)) throw error
      diverged.push(error)
    }
  }
  throw diverged[0]
}

async function caughtUp(session: ReturnType<typeof sessionOf>): Promise<Driven> {
  try {
    await session.catchUp()
    return session
  } catch (error) {
    session.drop()
    throw error
  }
}

/**
 * Does all that taking a run up would do with what is read of it, up to where it would be driven, and nothing else: the run
 * is neither claimed nor written to.
 *
 * @throws what `takeUp` throws where it would not go on.
 */
export async function rehearse(
  engine: Engine,
  row: RunRow,
  entries: readonly Entry[],
  definitions: readonly AnyDefinition[],
): Promise<void> {
  await engine.secretsOf(row.lineageId).load()
  const before = await engine.chains.joinedBy(entries)
  const session = await openFirst(engine, { row, takenAt: -Infinity, entries }, definitions, true, { before })
  session.drop()
}

/** Another version may go the way that is recorded. */
function isOtherWay(error: unknown): boolean {
  return RepriseError.is(error) && (error.code === 'diverged' || error.code === 'agent_gone')
}

/**
 * The state of an agent's run that was walked under today's plan, with what a crash has left open written down.
 *
 * @throws DivergenceError where the plan goes another way.
 */
function walked(
  engine: Engine,
  { row, entries, writer }: Claimed,
  plan: Plan,
  { before, joins = false }: Going,
): AgentState {
  const { state: found, divergence } = walk(entries, plan, 'as recorded', before?.state)
  if (divergence) throw divergenceError(row.id, plan.ref, divergence)
  const state = joins && before ? fold(found, writer.add(joinDraft(row.id, before, plan, found.context))) : found
  agentPlanOf(state, plan)
  const runner: RunnerOf = (key, owner) => runnerOf(engine.owners, row, key, owner)
  const drafts: Draft[] = [
    ...doubtDrafts(state, 'The process ended before the result was written.', runner),
    ...askAgainDrafts(state, plan, 'The run was taken up again.', runner),
    ...askAnewDrafts(state, plan, engine.clock.now()),
    ...lateAskDrafts(state, plan, writer.secrets.revealing),
    ...changeDrafts(row.id, state, plan),
  ]
  return drafts.reduce((before, draft) => fold(before, writer.add(draft)), state)
}

/** What a run goes on from, and whether it is to say so yet. */
interface Going {
  readonly before?: Turn | undefined
  readonly joins?: boolean | undefined
}

/** What a turn of a session goes on from; one whose turn has not come is put back to rest. */
async function turnOf(engine: Engine, { row, entries, writer }: Claimed): Promise<Going | 'not yet'> {
  const { chains, clock } = engine
  const joined = await chains.joinedBy(entries)
  if (joined) return { before: joined }
  const before = await chains.rowBefore(row)
  if (!before) return {}
  if (before.endedAt !== null) return { before: await chains.newestBegun(before), joins: true }
  await writer.write({ row: waitingFor(before.id, clock.now(), row.totals), release: true })
  return 'not yet'
}

async function quarantine(engine: Engine, { row, writer }: Claimed): Promise<void> {
  const reason = `Its last ${row.attempts - 1} owners died with it, and none got it further.`
  writer.add({ kind: 'run.quarantined', key: RUN_KEY, attempt: 1, body: { reason } })
  await writer.write({ row: quarantinedRow(engine, row, reason), release: true })
  engine.log.error(`The run "${row.id}" is in quarantine: ${reason}`)
}

/** A journal that cannot be read takes no entry either: the run's row alone says what is wrong with it (fault 17). */
async function quarantineDamaged(engine: Engine, row: RunRow, error: unknown): Promise<void> {
  const write = { runId: row.id, epoch: row.epoch, entries: [], row: quarantinedRow(engine, row, messageOf(error)) }
  // Where the store is too damaged for that, the error that led here says so.
  await engine.committer.commit({ ...write, release: true }).catch(() => undefined)
}

function quarantinedRow(engine: Engine, { totals }: RunRow, reason: string): RowChange {
  return rowOf({ ending: null, waiting: quarantined(reason), totals }, engine.clock.now())
}

/**
 * Puts a run in quarantine back among those that may be taken up.
 *
 * @throws StoreError when its journal is still damaged, or somebody released it meanwhile.
 */
export async function releaseStored(engine: Engine, row: FreeRun, by: Author): Promise<void> {
  const { writer } = await claim(engine, row, true)
  writer.add({ kind: 'run.released', key: RUN_KEY, attempt: 1, body: { by: by.id } })
  const standing = { ending: null, waiting: null, totals: row.totals }
  const at = engine.clock.now()
  const note = noteOf(row, { action: 'released', by: writer.secrets.redact(by), at })
  await writer.write({ row: rowOf(standing, at), release: true, audit: [note] })
}

/**
 * Ends a run that nobody drives, whatever today's code is. One that has ended meanwhile stays as it is.
 *
 * @throws StoreError when somebody took it meanwhile.
 */
export async function endStored(engine: Engine, row: FreeRun, by: EndedBy): Promise<void> {
  const { entries, writer } = await claim(engine, row, true)
  const now = engine.clock.now()
  const message = parentMessage(row, now)
  for (const message of await engine.store.inbox(row.id)) writer.consume(message.dedupe)
  if (row.kind === 'workflow') {
    const standing = { ending: endingOf(writer.add(endDraft(by))), waiting: null, totals: row.totals }
    await writer.write({ row: rowOf(standing, now), release: true, ...(message && { messages: [message] }) })
    return
  }
  const state = entries.reduce(fold, emptyState())
  const after = cancelDrafts(state, by).reduce((before, draft) => fold(before, writer.add(draft)), state)
  await writer.write({ row: rowOf(standingOf(after), now), release: true, ...(message && { messages: [message] }) })
}

/** @param ends whether the run is not to be driven: then its concurrency keeps nobody from it. */
async function claim(engine: Engine, run: FreeRun, ends = false): Promise<Claimed> {
  const takenAt = engine.clock.monotonic()
  const row = await engine.store.claim(run, {
    owner: engine.owner,
    heartbeat: engine.nextHeartbeat(),
    ...(ends && { ends }),
  })
  if (!row) throw lostError(run.id)
  return read(engine, { row, takenAt })
}

async function read(engine: Engine, taken: Taken): Promise<Claimed> {
  const { row } = taken
  try {
    const entries = (await engine.store.entries(row.id)).map(decodeEntry)
    await engine.secretsOf(row.lineageId).load()
    return { ...taken, entries, writer: writerOf(engine, taken, entries) }
  } catch (error) {
    if (RepriseError.is(error) && error.code === 'store_corrupt') await quarantineDamaged(engine, row, error)
    else await giveUpBefore(engine, row, writerOf(engine, taken, []), error)
    throw error
  }
}

function writerOf(engine: Engine, { row, takenAt }: Taken, entries: readonly Entry[]): JournalWriter {
  return new JournalWriter(engine, row, entries.length, takenAt)
}
