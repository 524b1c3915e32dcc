import {
  addUsed,
  type AnyDefinition,
  DefinitionError,
  digest,
  NANO_PER_USD,
  NO_TOTALS,
  type Outcome,
  type RunHandle,
  type Runtime,
  type Used,
} from '@reprise/core'
import type { Eval } from '../define/define-eval.ts'
import { loadRows, type Row } from '../define/row.ts'
import type { Scorer, Trial, TrialRun, Verdict } from '../define/scorer.ts'
import { type Report, reportOf } from '../report/report.ts'
import type { EvalResult, RowResult, TrialResult } from '../report/result.ts'
import { allCalls } from '../seen/calls.ts'
import { EVAL_TAG } from '../seen/runs-of.ts'
import { askedDigest, fingerprint } from './trial-id.ts'

/** How an evaluation is run. */
export interface RunEvalOptions {
  /** One with the evaluation's `definitions`. */
  readonly runtime: Runtime
  /** Trials at the same time, from 1. @default 4 */
  readonly concurrency?: number
  /** Another word asks all over again, where nothing else has changed. @default '' */
  readonly label?: string
  /** What to compare with, and judge `noWorseThan` by. */
  readonly last?: EvalResult
  /** Stops beginning trials when it aborts. What has begun stays in the store, and is taken up the next time. */
  readonly signal?: AbortSignal
  /** Hears of each trial that is done. */
  readonly onProgress?: (progress: Progress) => void
}

/** How far an evaluation has come. */
export interface Progress {
  readonly done: number
  readonly of: number
  /** US dollars of the trials that are done, and of their judges, where their price is known. */
  readonly costUsd: number
}

/**
 * Runs an evaluation: each repeat of each row is a run of the runtime, with an id that follows from the question, the
 * definitions and the number of the repeat. One that was killed is taken up where it stood by running it again: what is
 * recorded is not asked again.
 *
 * @returns the result, to keep, and what it means.
 * @throws DefinitionError at a row that cannot be, a definition that the runtime does not have, or a scorer that gives no
 * score; whatever a scorer throws. No trial is begun after that, and those under way have ended.
 * @example
 * ```ts
 * import { createRuntime, defineAgent } from '@reprise/core'
 * import { constraint, defineEval, runEval } from '@reprise/evals'
 * import { memoryStore, scriptedModel } from '@reprise/testing'
 *
 * const desk = defineAgent({ name: 'desk', model: 'gpt-4.1-mini', instructions: 'Be brief.' })
 * const brief = constraint((output: string) => output.length < 20)
 * const data = [{ id: 'ship', input: 'Do you ship to Norway?' }]
 * const evaluation = defineEval({ name: 'brief', data, task: desk, scorers: { brief }, repeat: 2 })
 * const models = scriptedModel(() => ({ text: 'Yes, we do.' }))
 * await using runtime = createRuntime({ store: memoryStore(), models, definitions: evaluation.definitions })
 * const { report } = await runEval(evaluation, { runtime })
 * console.log(report.passHat.map(({ name, mean }) => `${name} ${mean?.estimate}`)) // [ 'passHat1 1', 'passHat2 1' ]
 * ```
 */
export async function runEval(
  evaluation: Eval,
  { runtime, concurrency = 4, label = '', last, signal, onProgress }: RunEvalOptions,
): Promise<{ readonly result: EvalResult; readonly report: Report }> {
  if (!Number.isInteger(concurrency) || concurrency < 1)
    throw new DefinitionError({
      code: 'bad_number',
      message: `runEval has concurrency ${concurrency}. Give a whole number of 1 or more.`,
    })
  const { name, repeat, trials } = evaluation
  const rows = await loadRows(name, evaluation.data)
  trials.runtime = runtime
  const asked = await Promise.all(rows.map(async (row) => ({ row, print: await fingerprint(evaluation, row, label) })))
  const jobs = asked.flatMap(({ row, print }) =>
    Array.from({ length: repeat }, (_, at): Job => ({
      row,
      repeat: at + 1,
      id: `eval:${name}:${print}:${row.id}:${at + 1}`,
    })),
  )
  for (const { id, row } of jobs) if (row.recorded !== undefined) trials.recorded.set(id, row.recorded)
  const results = new Map<string, TrialResult | Unfinished>()
  let costUsd = 0
  const left = jobs.values()
  const failed = new AbortController()
  const lane = async (): Promise<void> => {
    for (const job of left) {
      if (signal?.aborted || failed.signal.aborted) return
      const result = await tried(evaluation, runtime, job).catch((error: unknown) => {
        // Whoever stops it may have closed the runtime.
        if (signal?.aborted) return { run: job.id, why: 'it was stopped' }
        throw error
      })
      results.set(job.id, result)
      if ('measures' in result) costUsd += result.spentUsd ?? 0
      onProgress?.({ done: results.size, of: jobs.length, costUsd })
    }
  }
  const lanes = Array.from({ length: Math.min(concurrency, jobs.length) }, () =>
    lane().catch((error: unknown) => failed.abort(error)),
  )
  await Promise.all(lanes)
  failed.signal.throwIfAborted()
  const result = resultOf(evaluation, rows, jobs, results)
  return { result, report: reportOf(result, evaluation.gates, last) }
}

interface Job {
  readonly row: Row
  readonly repeat: number
  readonly id: string
}

interface Unfinished {
  readonly run: string
  readonly why: string
}

function resultOf(
  { name, repeat, scorers }: Eval,
  rows: readonly Row[],
  jobs: readonly Job[],
  results: ReadonlyMap<string, TrialResult | Unfinished>,
): EvalResult {
  const byRow = Map.groupBy(jobs, ({ row }) => row)
  const done = (row: Row) =>
    (byRow.get(row) ?? []).flatMap(({ id }) => {
      const result = results.get(id)
      return result && 'measures' in result ? [result] : []
    })
  return {
    format: 1,
    name,
    set: digest(jobs.map(({ id }) => id).join(' ')),
    at: rows.reduce((latest, row) => Math.max(latest, ...done(row).map(({ at }) => at)), 0),
    repeat,
    scorers: [...scorers.keys()],
    rows: rows.map((row): RowResult => ({ id: row.id, asked: askedDigest(row), trials: done(row) })),
    unfinished: jobs.flatMap(({ id }) => {
      const result = results.get(id)
      if (!result) return [{ run: id, why: 'it was not begun' }]
      return 'measures' in result ? [] : [result]
    }),
  }
}

async function tried(evaluation: Eval, runtime: Runtime, { row, repeat, id }: Job): Promise<TrialResult | Unfinished> {
  const tags = [EVAL_TAG, `${EVAL_TAG}:${evaluation.name}`]
  const outcome = await (await begun(evaluation, runtime, row, { id, tags })).outcome()
  const why = unfinishedBy(outcome)
  if (why !== undefined) return { run: id, why }
  const run = await runOf(runtime, id, outcome)
  const asked: Used[] = [outcome.totals]
  const ask = async (definition: AnyDefinition, input: string, key: string): Promise<Outcome> => {
    const judge = await start(runtime, definition, input, { id: `${id}:${key}`, tags: [...tags, 'eval-judge'] })
    const judged = await judge.outcome()
    asked.push(judged.totals)
    return judged
  }
  const scores: Record<string, number | null> = {}
  const said: Record<string, string> = {}
  for (const [name, scorer] of evaluation.scorers) {
    const verdict = await score(scorer, { row, repeat, run, ask })
    const { score: given, why } = typeof verdict === 'object' && verdict !== null ? verdict : { score: verdict }
    scores[name] = shareOf(evaluation.name, name, row, given)
    if (why !== undefined) said[name] = why
  }
  const { turns, inputTokens, outputTokens } = run.totals
  return {
    run: id,
    at: run.entries.at(-1)?.at ?? 0,
    outcome: outcome.kind,
    scores,
    why: said,
    measures: { costUsd: run.costUsd ?? null, latencyMs: run.latencyMs ?? null, turns, inputTokens, outputTokens },
    success: evaluation.success.every((name) => scores[name] === 1),
    spentUsd: usdOf(asked.reduce<Used>(addUsed, NO_TOTALS)) ?? null,
  }
}

async function begun(
  evaluation: Eval,
  runtime: Runtime,
  row: Row,
  options: { readonly id: string; readonly tags: readonly string[] },
) {
  try {
    return await start(runtime, evaluation.task, row.input, {
      ...options,
      ...(row.context !== undefined && { context: row.context }),
    })
  } catch (cause) {
    if (!(cause instanceof DefinitionError)) throw cause
    const { code, details, message } = cause
    throw new DefinitionError({
      code,
      details,
      message: `Row "${row.id}" of the evaluation "${evaluation.name}": ${message}`,
      cause,
    })
  }
}

/** Starts a run whose types only the evaluation's definition knows: the runtime checks what it is given. */
function start(
  runtime: Runtime,
  definition: AnyDefinition,
  input: unknown,
  options: { readonly id: string; readonly tags: readonly string[]; readonly context?: unknown },
): Promise<RunHandle> {
  return runtime.start(definition, input, options) as Promise<RunHandle>
}

/** Why a run is none to score: this process could not bring it further, or its time has not come. */
function unfinishedBy(outcome: Outcome): string | undefined {
  if (outcome.kind !== 'waiting') return undefined
  const { waiting } = outcome
  if (waiting.kind === 'interrupted') return waiting.error.message
  if (waiting.kind === 'timer' || waiting.kind === 'retry')
    return `it goes on at ${new Date(waiting.until).toISOString()}; run the evaluation again then`
  if (waiting.kind === 'in-doubt')
    return `nobody knows whether ${waiting.tool} at ${waiting.id} happened; settle that, or answer tools from what is recorded`
  return waiting.kind === 'quarantined' ? `it is in quarantine: ${waiting.reason}` : undefined
}

async function runOf(runtime: Runtime, id: string, outcome: Outcome): Promise<TrialRun> {
  const [entries, row] = [await runtime.runs.entries(id), await runtime.runs.get(id)]
  const { totals } = outcome
  const [first, end] = [entries[0], entries.at(-1)]
  return {
    id,
    outcome,
    entries,
    totals,
    calls: await allCalls(runtime, id, entries),
    // What another process took up again has stood still in between.
    latencyMs: row.epoch > 1 || !first || !end ? undefined : end.at - first.at,
    costUsd: usdOf(totals),
  }
}

/** US dollars; undefined where a price is not known. */
function usdOf({ unpriced, costNano }: Used): number | undefined {
  return unpriced > 0 ? undefined : costNano / NANO_PER_USD
}

function score(scorer: Scorer, trial: Trial): Verdict | Promise<Verdict> {
  return typeof scorer === 'function' ? scorer(trial) : scorer.score(trial)
}

function shareOf(evaluation: string, scorer: string, row: Row, given: number | boolean | null): number | null {
  if (given === null) return null
  const share: unknown = typeof given === 'boolean' ? Number(given) : given
  if (typeof share === 'number' && share >= 0 && share <= 1) return share
  const message = `The scorer "${scorer}" of the evaluation "${evaluation}" gave ${String(given)} for the row "${row.id}". Give true, false, null, or a number of 0 to 1.`
  throw new DefinitionError({ code: 'bad_score', message })
}
