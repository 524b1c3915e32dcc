import { writeFile } from 'node:fs/promises'
import { type BacktestOptions, type BacktestReport, DefinitionError, messageOf, type Runtime } from '@reprise/core'
import type { Config } from '../../config/load-config.ts'
import type { ConfigOption } from '../../config/with-config.ts'
import { exitWith } from '../../line/exit-code.ts'
import { outFile } from '../../line/files.ts'
import { interruption, sayInterrupted } from '../../line/interrupt.ts'
import { type Io, say } from '../../line/io.ts'
import { type JsonOption, printJson } from '../../line/json.ts'
import { knownModel } from '../../models/known-model.ts'
import { sayEstimate } from '../../show/backtest-estimate.ts'
import { oneLine } from '../../show/text.ts'
import { count } from '../../show/used.ts'
import { effectsOf, gather, type Gathered } from './gather.ts'
import { makeMigration } from '../make-migration.ts'
import type { Migration } from '../migration.ts'
import { migrationPage } from '../page/page.ts'
import { ResultsFile } from '../results-file.ts'
import { sayMigration } from './say-migration.ts'
import type { Rule } from '../verdict.ts'

/** What the command is given. */
export interface MigrateOptions extends ConfigOption, JsonOption {
  readonly to: string
  /** Milliseconds since 1970. */
  readonly since?: number
  readonly name?: string
  readonly limit: number
  readonly confidence: number
  readonly sameAtLeast: number
  readonly dryRun?: true
  readonly results?: string
  readonly html?: string
  readonly budgetUsd?: number
}

/** The share of the recorded runs that must have been compared for a go. */
const COMPARED_AT_LEAST = 0.8

/**
 * Asks recorded runs again, judges each agent and writes what is asked for.
 *
 * @param model that is to be replaced.
 * @throws DefinitionError where no run can be asked again, or the report cannot be written.
 */
export async function migrate(
  io: Io,
  model: string,
  options: MigrateOptions,
  { runtime, modelFacts }: Config,
): Promise<void> {
  const now = Date.now()
  const { to, since = null, name, limit, confidence, sameAtLeast } = options
  const html = options.html === undefined ? undefined : outFile(io, options.html)
  const found = await gather(runtime, model, { since, name, limit }, now)
  const { ids, ...gathered } = found
  if (ids.length === 0) throw noRuns(model, found)
  if (options.dryRun) return estimate(io, runtime, ids, options)
  const catalog = await import('@reprise/openai')
  const report = await backtest(io, runtime, ids, options)
  if (!report) return sayInterrupted(io, options.results)
  const rule: Rule = { sameAtLeast, confidence, comparedAtLeast: COMPARED_AT_LEAST }
  const migration = makeMigration({
    ...gathered,
    from: knownModel(model, catalog, modelFacts, now),
    to: knownModel(to, catalog, modelFacts, now),
    report,
    rule,
    effects: effectsOf(runtime.definitions),
    now,
  })
  if (html !== undefined) await writePage(html, migration)
  if (options.json) printJson(io, migration)
  else say(io, sayMigration(migration).join('\n'))
  if (html !== undefined && !options.json) say(io, `Written: ${oneLine(options.html ?? '')}`)
  if (migration.agents.length === 0 || migration.agents.some(({ verdict }) => verdict.kind !== 'go'))
    exitWith(io, 'failed')
}

/** @returns undefined where somebody has interrupted it. */
async function backtest(
  io: Io,
  runtime: Runtime,
  ids: readonly string[],
  options: MigrateOptions,
): Promise<BacktestReport | undefined> {
  const interrupted = interruption(io)
  const results = options.results === undefined ? undefined : new ResultsFile(outFile(io, options.results))
  let done = 0
  const asked: BacktestOptions = {
    model: options.to,
    ...(options.budgetUsd !== undefined && { budget: { usd: options.budgetUsd } }),
    ...(results && { results }),
    signal: interrupted,
    onRun: () => {
      done += 1
      if (io.stderr.isTTY)
        io.stderr.write(`\r${done} of ${count(ids.length, 'run')} asked again${done === ids.length ? '\n' : ''}`)
    },
  }
  try {
    return await runtime.backtest({ ids }, asked)
  } catch (error) {
    if (!interrupted.aborted) throw error
    return undefined
  } finally {
    await results?.close()
  }
}

async function estimate(io: Io, runtime: Runtime, ids: readonly string[], options: MigrateOptions): Promise<void> {
  const estimated = await runtime.estimateBacktest({ ids }, { model: options.to })
  if (options.json) return printJson(io, estimated)
  say(io, sayEstimate(estimated).join('\n'))
}

async function writePage(path: string, migration: Migration): Promise<void> {
  await writeFile(path, migrationPage(migration)).catch((cause: unknown) => {
    const message = `The report cannot be written to ${path}: ${messageOf(cause)}. Name another file.`
    throw new DefinitionError({ code: 'not_written', message, cause })
  })
}

function noRuns(model: string, { recordings, definitions }: Gathered): DefinitionError {
  const left = recordings.left.map(({ why, runs }) => `${count(runs, 'run')}: ${why}`).join('; ')
  const named =
    definitions.length > 0
      ? `Definitions name it: ${definitions.map(({ agent }) => agent).join(', ')}.`
      : 'No definition names it.'
  const message = `No ended run has an answer of "${model}" that could be asked again${left && ` (${left})`}. ${named} Check the name with reprise models --in-use, or look further back with --since.`
  return new DefinitionError({ code: 'no_runs', message, details: { model } })
}
