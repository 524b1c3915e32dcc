// Backtests stored runs: each is read, gone through again by engine/shadow, and held against itself. Nothing is written to the
// store, and no tool runs but one that only reads, where that is asked for. Runtime.backtest calls this.
import type { RunRow } from '../../contracts/run.ts'
import type { Engine } from '../../engine/engine.ts'
import { type Shadow, shadowRun } from '../../engine/shadow/shadow.ts'
import { NO_TOTALS } from '../../journal/totals.ts'
import { RepriseError } from '../../values/errors.ts'
import type { Runs } from '../read/runs.ts'
import type { Definitions } from '../setup/definitions.ts'
import { checkOptions, ignoredOf } from './check-options.ts'
import { compareRun, type Ignored } from './compare-run.ts'
import { judgeRun } from './judge.ts'
import type { BacktestFilter, BacktestOptions } from './options.ts'
import { BacktestPurse, BUDGET_SPENT } from './purse.ts'
import type { BacktestPartial, BacktestProblem, BacktestReport, BacktestRun, BacktestSide } from './report.ts'
import { KeptAnswers } from './results.ts'
import { summariesOf, summaryOf } from './summary.ts'
import { type Prepared, Trial } from './trial.ts'
import { checkFilter, whichRuns } from './which-runs.ts'

/** What backtests take. */
export interface BacktestParts {
  readonly engine: Engine
  readonly definitions: Definitions
  readonly runs: Runs
}

/** How many runs go on at a time where nothing is said. */
const DEFAULT_CONCURRENCY = 4

/** Backtests the runs that fit a filter. See `Runtime.backtest`. */
export async function backtest(
  parts: BacktestParts,
  filter: BacktestFilter,
  options: BacktestOptions,
): Promise<BacktestReport> {
  checkFilter(filter)
  checkOptions(options)
  return await new Backtest(parts, options, await KeptAnswers.of(options.results)).run(filter)
}

class Backtest {
  readonly #parts: BacktestParts
  readonly #options: BacktestOptions
  readonly #kept: KeptAnswers
  readonly #trial: Trial
  readonly #purse: BacktestPurse
  readonly #ignored: Ignored
  /** Ends all runs when one of them ends by a mistake in somebody's code. */
  readonly #abort = new AbortController()
  readonly #signal: AbortSignal
  readonly #done = new Map<number, BacktestRun>()
  /** Why no further run is begun. */
  #stopped: RepriseError | undefined
  #left = 0

  constructor(parts: BacktestParts, options: BacktestOptions, kept: KeptAnswers) {
    this.#parts = parts
    this.#options = options
    this.#kept = kept
    this.#trial = new Trial(parts, options)
    this.#purse = new BacktestPurse(parts.engine.model, options.budget?.usd)
    this.#ignored = ignoredOf(options.ignore)
    const { signal } = this.#abort
    this.#signal = options.signal ? AbortSignal.any([options.signal, signal]) : signal
  }

  async run(filter: BacktestFilter): Promise<BacktestReport> {
    const { concurrency = DEFAULT_CONCURRENCY } = this.#options
    const rows = whichRuns(this.#parts.runs, filter)
    let begun = 0
    const work = async (): Promise<void> => {
      for (;;) {
        const next = await rows.next()
        if (next.done) return
        this.#signal.throwIfAborted()
        const at = begun++
        if (this.#stopped) this.#left++
        else await this.#take(at, next.value)
      }
    }
    const working = Array.from({ length: concurrency }, () =>
      work().catch((error: unknown) => this.#abort.abort(error)),
    )
    await Promise.all(working)
    this.#signal.throwIfAborted()
    return this.#report()
  }

  async #take(at: number, row: RunRow): Promise<void> {
    try {
      const run = await this.#backtest(row)
      this.#done.set(at, run)
      this.#options.onRun?.(run)
    } catch (error) {
      if (this.#signal.aborted || !RepriseError.is(error) || !isStop(error)) throw error
      this.#stopped ??= error
      this.#left++
    } finally {
      this.#kept.done(row.id)
    }
  }

  async #backtest(row: RunRow): Promise<BacktestRun> {
    const prepared = await this.#trial.prepare(row)
    if (!('plan' in prepared)) return withoutCandidate(row, 'skipped', prepared)
    const kept = this.#kept.run(row.id)
    let shadow: Shadow
    try {
      shadow = await this.#shadow(row, prepared, kept)
    } catch (error) {
      if (this.#signal.aborted || !RepriseError.is(error) || isStop(error)) throw error
      // What may pass has not passed in all attempts: the others may have more luck.
      return withoutCandidate(row, error.retryable ? 'failed' : 'skipped', error)
    }
    const { recording, plan } = prepared
    const compared = compareRun(row, recording, shadow, plan, this.#ignored)
    const entries = { recorded: recording.entries, candidate: shadow.entries }
    const verdict = await judgeRun(this.#options.judge, { run: compared, ...entries }, kept, this.#signal)
    const run = { ...compared, verdict }
    if (!this.#options.keep) return run
    const side = (which: 'recorded' | 'candidate'): BacktestSide => ({ ...run[which], entries: entries[which] })
    return { ...run, recorded: side('recorded'), candidate: side('candidate') }
  }

  #shadow(row: RunRow, { recording, plan, secrets }: Prepared, kept: ReturnType<KeptAnswers['run']>): Promise<Shadow> {
    const { unrecorded = 'stop' } = this.#options
    return shadowRun({
      engine: this.#parts.engine,
      row,
      recording,
      plan,
      candidate: this.#trial.candidate,
      ignored: this.#ignored.ofTool,
      secrets,
      unrecorded,
      kept,
      purse: this.#purse,
      signal: this.#signal,
    })
  }

  #report(): BacktestReport {
    const runs = [...this.#done].toSorted(([one], [other]) => one - other).map(([, run]) => run)
    const skipped: Record<string, number> = {}
    for (const { status, problem } of runs)
      if (status === 'skipped' && problem) skipped[problem.code] = (skipped[problem.code] ?? 0) + 1
    const all = summaryOf(runs)
    return {
      candidate: this.#trial.said,
      runs,
      all,
      byAgent: summariesOf(runs, all),
      skipped,
      asked: { ...this.#purse.asked, reused: this.#kept.reused },
      partial: this.#partial(),
    }
  }

  #partial(): BacktestPartial | null {
    if (!this.#stopped) return null
    const { code, message } = this.#stopped
    const isSpent = code === BUDGET_SPENT
    // Where nothing at all came of it, the error says more than a report of nothing.
    if (!isSpent && [...this.#done.values()].every(({ status }) => status === 'skipped')) throw this.#stopped
    return { why: isSpent ? 'budget' : 'model', problem: { code, message }, left: this.#left }
  }
}

/** What every other run would come to as well, until somebody mends it. */
function isStop({ mendable, retryable }: RepriseError): boolean {
  return mendable && !retryable
}

const NO_SIDE: BacktestSide = {
  used: NO_TOTALS,
  refused: 0,
  sentBack: 0,
  unusable: 0,
  latencyMs: [],
  models: [],
  outcome: { kind: 'open' },
  lastAgent: null,
  byAgent: {},
}

/** A run of which nothing can be compared. */
function withoutCandidate(
  { id, kind, name, version }: RunRow,
  status: 'failed' | 'skipped',
  { code, message }: BacktestProblem,
): BacktestRun {
  return {
    runId: id,
    definition: { kind, name, version },
    status,
    problem: { code, message },
    coverage: { turns: 0, of: 0 },
    parted: null,
    calls: { recorded: 0, candidate: 0, same: 0, inOrder: true, changes: [] },
    end: null,
    recorded: NO_SIDE,
    candidate: NO_SIDE,
    verdict: null,
  }
}
