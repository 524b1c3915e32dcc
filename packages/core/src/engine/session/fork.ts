// Begins a run as the first entries of another. runtime/start/forks.ts calls this, and then writes and drives what it gives.
// The entries that are taken over are walked under today's code first: another path is refused (invariant 5). They are
// copied with their digests, so that the fork's requests have the fingerprints of the run that it came from (invariant
// 4); one that is edited (edit.ts) has a digest of its own, and so has what is asked after it.
import { agentPlanOf } from '../../agent/decide/decide.ts'
import { fold } from '../../agent/state/fold.ts'
import { walk } from '../../agent/walk/walk.ts'
import type { Draft, Effects, Entry } from '../../contracts/entry.ts'
import type { RunRow } from '../../contracts/run.ts'
import type { StoredEntry } from '../../contracts/write.ts'
import type { AnyWorkflow } from '../../define/any-workflow.ts'
import { type AnyDefinition, planOf } from '../../define/plan.ts'
import { divergenceError } from '../../journal/divergence.ts'
import { RUN_KEY } from '../../journal/keys.ts'
import { crypto } from '../../values/crypto.ts'
import { replayWorkflow } from '../../workflow/replay-workflow.ts'
import { adoptDrafts } from '../begin/changes.ts'
import type { Driven } from './driven.ts'
import type { Edited } from './edit.ts'
import type { Turn } from '../chains.ts'
import type { Engine } from '../engine.ts'
import { JournalWriter } from '../journal-writer.ts'
import { refuseUnkept } from '../begin/refuse-unkept.ts'
import { sessionOf } from './session-of.ts'

/** What a fork is made of. */
export interface Fork {
  /** Of the new run. */
  readonly row: RunRow
  readonly of: string
  /** The entries that are taken over, from the first. */
  readonly taken: readonly StoredEntry[]
  readonly effects: Effects
  readonly edited: Edited
  readonly definition: AnyDefinition
}

/** A fork that is ready to be driven, once its writer has written what it holds. */
export interface Forked {
  readonly session: Driven
  readonly writer: JournalWriter
}

/**
 * Makes a fork ready.
 *
 * @throws DivergenceError when the definition goes another way within the entries that are taken over.
 */
export async function fork(engine: Engine, parts: Fork): Promise<Forked> {
  const { row, of, taken, effects, definition, edited } = parts
  const writer = new JournalWriter(engine, row, 0)
  refuseUnkept(definition, writer.secrets)
  const entries = taken.map((stored, at) =>
    edited.last && at === taken.length - 1 ? writer.copyAs(stored, edited.last) : writer.copy(stored),
  )
  const seed = definition.kind === 'workflow' && { seed: crypto().randomUUID() }
  const edits = edited.recorded.length > 0 && { edits: edited.recorded }
  const draft: Draft = { kind: 'run.forked', key: RUN_KEY, attempt: 1, body: { of, effects, ...seed, ...edits } }
  const forked = writer.add(draft)
  const before = await engine.chains.joinedBy(entries)
  const session =
    definition.kind === 'workflow'
      ? await forkWorkflow(engine, parts, definition, [...entries, forked], writer)
      : forkAgent(engine, parts, definition, { taken: entries, forked, before }, writer)
  return { session, writer }
}

async function forkWorkflow(
  engine: Engine,
  { row, of }: Fork,
  workflow: AnyWorkflow,
  entries: readonly Entry[],
  writer: JournalWriter,
): Promise<Driven> {
  const divergence = await replayWorkflow(row.id, entries, workflow)
  if (divergence) throw divergenceError(of, workflow, divergence)
  return sessionOf(engine, { row, definition: workflow, entries, writer })
}

function forkAgent(
  engine: Engine,
  { row, of }: Fork,
  definition: Exclude<AnyDefinition, AnyWorkflow>,
  { taken, forked, before: turn }: { taken: readonly Entry[]; forked: Entry; before: Turn | undefined },
  writer: JournalWriter,
): Driven {
  const plan = planOf(definition)
  const { state: before, divergence } = walk(taken, plan, 'as recorded', turn?.state)
  if (divergence) throw divergenceError(of, plan.ref, divergence)
  agentPlanOf(before, plan)
  const state = fold(before, forked)
  const after = adoptDrafts(state, plan).reduce((adopted, draft) => fold(adopted, writer.add(draft)), state)
  return sessionOf(engine, { row, definition, entries: taken, state: after, writer })
}
