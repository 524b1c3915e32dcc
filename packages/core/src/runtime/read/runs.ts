import type { By } from '../../contracts/audit.ts'
import type { Before } from '../../agent/state/state.ts'
import type { Entry } from '../../contracts/entry.ts'
import type { RunFilter, RunRow } from '../../contracts/run.ts'
import type { Store } from '../../contracts/store.ts'
import type { Used } from '../../contracts/totals.ts'
import type { Engine } from '../../engine/engine.ts'
import { badArgument, checkOptions } from '../../define/argument.ts'
import { noteOf } from '../../journal/audit-note.ts'
import { DefinitionError } from '../../values/errors.ts'
import { authorIn } from '../setup/author.ts'
import { checkRunFilter } from '../setup/check-filter.ts'
import { shownEntries, shownRow } from './shown.ts'
import { newestContinuation } from './stored.ts'
import { type StuckOptions, type StuckRun, stuckRuns } from './stuck.ts'
import { unknownRun } from './unknown-run.ts'
import { withDescendants } from './used.ts'

type LookedAt = Pick<Engine, 'store' | 'secretsOf' | 'clock' | 'owners' | 'chains'>

/** The runs of a store, to look at. */
export class Runs {
  readonly #engine: LookedAt
  readonly #store: Store
  readonly #knows: (row: RunRow) => boolean

  /** @param knows whether a run's definition is one of the runtime's. */
  constructor({ store, secretsOf, clock, owners, chains }: LookedAt, knows: (row: RunRow) => boolean) {
    const engine = { store, secretsOf, clock, owners, chains }
    this.#knows = knows
    this.#engine = engine
    this.#store = engine.store
  }

  /**
   * The runs that fit, in the order of their creation, the oldest first where the filter does not say otherwise, a page at
   * a time.
   *
   * @throws DefinitionError when `limit` is no whole number of 1 to 1,000, or a moment or the order is none; StoreError when `after` is no run's id.
   */
  async list(filter: RunFilter = {}): Promise<readonly RunRow[]> {
    checkOptions(
      'runs.list was given filter',
      filter,
      'Give it { status, name, tag, tenant, user, parentId, forkOf, sessionId, createdFrom, createdBefore, order, after, limit }, or nothing.',
    )
    if (filter.limit !== undefined) checkLimit(filter.limit)
    checkRunFilter('runs.list', filter)
    const rows = await this.#store.runs(filter)
    const used = await this.#store.used(rows.map(({ id }) => id))
    return Promise.all(rows.map((row, index) => this.#shown(row, used[index])))
  }

  /**
   * The runs that could not be worked, each with why and what somebody can do: in quarantine, in doubt, interrupted by
   * something that is to be mended, queued and taken by nobody for long, late and not ended, expired, or left by an owner that
   * is gone. All that has not ended is read for it, a page at a time, as far as is asked for.
   *
   * @throws DefinitionError by the iteration, when a time is none.
   * @example
   * ```ts
   * import { createRuntime } from '@reprise/core'
   * import { memoryStore, scriptedModel } from '@reprise/testing'
   *
   * await using runtime = createRuntime({ store: memoryStore(), models: scriptedModel([]), definitions: [] })
   * for await (const { run, reason, remedy } of runtime.runs.stuck()) console.log(run.id, reason, remedy)
   * ```
   */
  async *stuck(options: StuckOptions = {}): AsyncGenerator<StuckRun, void, undefined> {
    checkOptions('runs.stuck was given options', options, 'Give it { unclaimedMs, expiredMs }, or nothing.')
    const parts = { ...this.#engine, knows: this.#knows }
    for await (const stuck of stuckRuns(parts, options))
      yield { ...stuck, run: await this.#shown(stuck.run, undefined) }
  }

  /**
   * A run's row. Its totals are those of the run and of the runs that came of it, as their rows have them: what is under way
   * is in them when it next ends or rests.
   *
   * @throws DefinitionError with code `unknown_run`.
   */
  async get(runId: string): Promise<RunRow> {
    checkRunText(runId)
    const row = await this.#store.run(runId)
    if (!row) throw await unknownRun(this.#store, runId)
    const [used] = await this.#store.used([runId])
    return this.#shown(row, used)
  }

  async #shown(row: RunRow, used: Used | undefined): Promise<RunRow> {
    const shown = await shownRow(this.#engine, row)
    return { ...shown, totals: withDescendants(row.totals, used) }
  }

  /**
   * The id of the run that a run goes on as by now, by `continueAs`: its own, where it was not continued.
   *
   * @throws DefinitionError with code `unknown_run`.
   */
  async newest(runId: string): Promise<string> {
    return newestContinuation(this.#store, (await this.get(runId)).id)
  }

  /**
   * A run's entries, decoded, in their order, with tokens for what its lineage keeps secret.
   *
   * @param options.from the seq of the first that is wanted, 0 or more: whoever follows a run reads each entry once. There
   * are none where the journal is shorter. @default 0
   * @param options.reader on whose behalf they are read: that is kept in the audit, before anything is given. @default it is not
   * @throws DefinitionError with code `unknown_run`, or when `from` is no whole number of 0 or more; StoreError when what is
   * stored is not what was written, and with code `run_erased` when it was erased.
   */
  async entries(
    runId: string,
    options: { readonly from?: number; readonly reader?: By } = {},
  ): Promise<readonly Entry[]> {
    checkRunText(runId)
    checkOptions('runs.entries was given options', options, 'Give it { from, reader }, or nothing.')
    const { from = 0 } = options
    if (!Number.isSafeInteger(from) || from < 0)
      throw badArgument(
        'runs.entries was given from',
        from,
        'Give it the seq of an entry: a whole number of 0 or more.',
      )
    if (options.reader !== undefined) await this.#noteRead(runId, options.reader)
    const entries = await shownEntries(this.#engine, runId, from)
    if (entries.length > 0 || (from > 0 && (await this.#store.run(runId)))) return entries
    throw await unknownRun(this.#store, runId)
  }

  /**
   * What a turn of a session goes on from: `requestAt` and `requestsOf` take it beside the turn's entries. Undefined for any other
   * run, and for a first turn.
   *
   * @throws DefinitionError with code `unknown_run`; StoreError when what is stored is not what was written.
   */
  async before(runId: string): Promise<Before | undefined> {
    return this.#engine.chains.joinedBy(await this.entries(runId))
  }

  async #noteRead(runId: string, reader: By): Promise<void> {
    const by = authorIn('runs.entries', reader)
    const row = await this.#store.run(runId)
    if (row) await this.#store.note([noteOf(row, { action: 'read', by, at: this.#engine.clock.now() })])
  }
}

/** Whatever is no text names no run. */
function checkRunText(runId: unknown): void {
  if (typeof runId !== 'string')
    throw badArgument('The id of a run was given', runId, 'Give the text that start or enqueue gave.')
}

function checkLimit(limit: number): void {
  if (Number.isSafeInteger(limit) && limit >= 1 && limit <= 1_000) return
  throw new DefinitionError({
    code: 'bad_number',
    message: `runs.list has limit ${String(limit)}. It must be a whole number of 1 to 1,000: for more, go on with { after } of the last one.`,
    details: { field: 'limit', value: String(limit) },
  })
}
