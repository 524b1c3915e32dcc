// What a backtest would ask for, and cost at most: nothing is asked. Runtime.estimateBacktest calls this.
import { figuresOf } from '../../agent/compare/figures.ts'
import { renderInstructions } from '../../agent/decide/instructions.ts'
import { conversation, emptyState, fold, held } from '../../agent/state/fold.ts'
import type { AgentState } from '../../agent/state/state.ts'
import type { AgentSnapshot } from '../../contracts/entry.ts'
import type { Model, ModelRequest } from '../../contracts/model.ts'
import { type Candidate, candidateSnapshot } from '../../engine/shadow/candidate.ts'
import { addUsed, NO_TOTALS } from '../../journal/totals.ts'
import type { NanoUsd } from '../../values/money.ts'
import type { BacktestParts } from './backtest.ts'
import { checkOptions } from './check-options.ts'
import type { BacktestFilter, BacktestOptions } from './options.ts'
import type { BacktestEstimate } from './report.ts'
import { type Prepared, Trial } from './trial.ts'
import { checkFilter, whichRuns } from './which-runs.ts'

/** Says what a backtest would ask for. See `Runtime.estimateBacktest`. */
export async function estimateBacktest(
  parts: BacktestParts,
  filter: BacktestFilter,
  options: BacktestOptions,
): Promise<BacktestEstimate> {
  checkFilter(filter)
  checkOptions(options)
  const trial = new Trial(parts, options)
  const skipped: Record<string, number> = {}
  let [runs, asks, recorded] = [0, 0, NO_TOTALS]
  let atMostNano: NanoUsd | undefined = 0
  for await (const row of whichRuns(parts.runs, filter)) {
    options.signal?.throwIfAborted()
    const prepared = await trial.prepare(row)
    if (!('plan' in prepared)) {
      skipped[prepared.code] = (skipped[prepared.code] ?? 0) + 1
      continue
    }
    runs++
    asks += prepared.recording.turns
    recorded = addUsed(recorded, figuresOf(prepared.recording.entries).used)
    const most: NanoUsd | undefined =
      atMostNano === undefined ? undefined : await mostOf(parts.engine.model, row.id, prepared, trial.candidate)
    atMostNano = most === undefined || atMostNano === undefined ? undefined : atMostNano + most
  }
  return { candidate: trial.said, runs, skipped, asks, recorded, atMostNano }
}

/** What the recorded conversation would cost at most, asked turn by turn. */
async function mostOf(
  model: Model,
  runId: string,
  { recording, plan }: Prepared,
  candidate: Candidate,
): Promise<NanoUsd | undefined> {
  let state = emptyState(recording.before?.state)
  let most = 0
  for (const entry of recording.entries) {
    if (entry.kind === 'model.replied') {
      const cost = await costOf(model, requestOf(runId, state, holderOf(state, plan, candidate)))
      if (cost === undefined) return undefined
      most += cost
    }
    state = fold(state, entry)
  }
  return most
}

function holderOf(state: AgentState, plan: Prepared['plan'], candidate: Candidate): AgentSnapshot {
  const { card, instructions } = held(state)
  const today = plan.agents.get(card.agent)
  const isOwn = candidate.texts === 'definitions' && today
  const snapshot = isOwn
    ? { card: today.card, instructions: renderInstructions(today.agent, state.context) }
    : { card, instructions }
  return candidateSnapshot(candidate, snapshot, plan)
}

function requestOf(runId: string, state: AgentState, { card, instructions }: AgentSnapshot): ModelRequest {
  return { runId, card, instructions, items: conversation(state) }
}

async function costOf(model: Model, request: ModelRequest): Promise<NanoUsd | undefined> {
  try {
    return (await model.reserve?.(request))?.costNano
  } catch {
    return undefined
  }
}
