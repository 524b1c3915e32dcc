import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { type BacktestOptions, DefinitionError, messageOf, type Runtime } from '@reprise/core'
import { Argument, type Command, InvalidArgumentError, Option } from 'commander'
import type { Config } from '../config/load-config.ts'
import { type ConfigOption, configOption, withConfig } from '../config/with-config.ts'
import { command, wholeNumber } from '../line/command.ts'
import { exitWith } from '../line/exit-code.ts'
import { interruption } from '../line/interrupt.ts'
import { type Io, say } from '../line/io.ts'
import { printJson } from '../line/json.ts'
import { complaint } from '../line/report.ts'
import { readSince } from '../line/since.ts'
import { effectsOf, gather, type Gathered } from '../migrate/gather.ts'
import { makeMigration } from '../migrate/make-migration.ts'
import type { Migration } from '../migrate/migration.ts'
import { migrationPage } from '../migrate/page/page.ts'
import { ResultsFile } from '../migrate/results-file.ts'
import { sayMigration } from '../migrate/say-migration.ts'
import type { Rule } from '../migrate/verdict.ts'
import { knownModel } from '../models/known-model.ts'
import { oneLine } from '../show/text.ts'
import { count } from '../show/used.ts'

interface Options extends ConfigOption {
  readonly to: string
  readonly since?: number
  readonly name?: string
  readonly limit: number
  readonly confidence: number
  readonly sameAtLeast: number
  readonly results?: string
  readonly html?: string
  readonly json?: string
  readonly budgetUsd?: number
}

/** The share of the recorded runs that must have been compared for a go. */
const COMPARED_AT_LEAST = 0.8

/** `reprise migrate`: whether the agents that ask one model may ask another one. */
export function migrateCommand(io: Io): Command {
  return command(
    io,
    'migrate',
    'ask the recorded runs of one model again of another one, and say which agents may move',
  )
    .addArgument(new Argument('<model>', 'the model that is to be replaced, as agents name it'))
    .requiredOption('--to <model>', 'the model that is tried in its place')
    .addOption(
      new Option('--since <time>', 'only runs created since then: 24h, 30d, 2w, or 2026-11-01').argParser((text) =>
        readSince(text, Date.now()),
      ),
    )
    .option('--name <name>', 'only runs of this agent or team')
    .addOption(new Option('--limit <count>', 'the most runs, the newest first').argParser(wholeNumber(1)).default(200))
    .addOption(share('--same-at-least <share>', 'the share of runs that must come out the same for a go').default(0.9))
    .addOption(share('--confidence <share>', 'how sure a verdict must be').default(0.95))
    .addOption(new Option('--budget-usd <dollars>', 'the most that the asks may cost together').argParser(readDollars))
    .option('--results <file>', 'keep what was answered, so that nothing is paid for twice')
    .option('--html <file>', 'write the report as a page')
    .option('--json <file>', 'write the report as JSON; - prints it')
    .addOption(configOption())
    .addHelpText(
      'after',
      `
The model is asked, and that costs money; tools answer from the journal, and nothing acts on the world. The exit code is 0
where each agent may go, and 1 where one may not, or there is not enough evidence. How that is judged: docs/migrate.md

Examples:
  $ reprise migrate gpt-4.1-mini --to gpt-6-luna --html report.html --budget-usd 5
  $ reprise migrate gpt-4.1-mini --to gpt-6-luna --since 7d --results answers.jsonl --json -
  $ reprise migrate gpt-4.1-mini --to gpt-4.1-mini    # how much differs by chance alone`,
    )
    .action(async (model: string, options: Options) => {
      await withConfig(io, options, (config) => migrate(io, model, options, config))
    })
}

async function migrate(io: Io, model: string, options: Options, { runtime, modelFacts }: Config): Promise<void> {
  const now = Date.now()
  const { to, since = null, name, limit, confidence, sameAtLeast } = options
  const found = await gather(runtime, model, { since, name, limit }, now)
  const { ids, ...gathered } = found
  if (ids.length === 0) throw noRuns(model, found)
  const catalog = await import('@reprise/openai')
  const report = await backtest(io, runtime, ids, options)
  if (!report) return exitWith(io, 'interrupted')
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
  await write(io, migration, options)
  if (migration.agents.length === 0 || migration.agents.some(({ verdict }) => verdict.kind !== 'go'))
    exitWith(io, 'failed')
}

/** @returns undefined where somebody has interrupted it. */
async function backtest(io: Io, runtime: Runtime, ids: readonly string[], options: Options) {
  const interrupted = interruption(io)
  const results = options.results === undefined ? undefined : new ResultsFile(resolve(io.cwd(), options.results))
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
    const kept =
      options.results === undefined
        ? 'Nothing was kept: --results FILE does.'
        : `What was answered is in ${options.results}.`
    io.stderr.write(`${complaint(`Interrupted. ${kept}`)}\n`)
    return undefined
  } finally {
    await results?.close()
  }
}

async function write(io: Io, migration: Migration, { html, json }: Options): Promise<void> {
  if (html !== undefined) await writeTo(io, html, migrationPage(migration))
  if (json === '-') return printJson(io, migration)
  if (json !== undefined) await writeTo(io, json, `${JSON.stringify(migration, undefined, 2)}\n`)
  say(io, sayMigration(migration).join('\n'))
  for (const path of [html, json]) if (path !== undefined) say(io, `Written: ${oneLine(path)}`)
}

async function writeTo(io: Io, path: string, text: string): Promise<void> {
  const whole = resolve(io.cwd(), path)
  await writeFile(whole, text).catch((cause: unknown) => {
    const message = `The report cannot be written to ${whole}: ${messageOf(cause)} Name a file in a folder that is there.`
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

function share(flags: string, description: string): Option {
  return new Option(flags, description).argParser((text) => {
    const number = Number(text)
    if (text.trim() !== '' && number > 0 && number < 1) return number
    throw new InvalidArgumentError('It must be a share between 0 and 1, as 0.95.')
  })
}

function readDollars(text: string): number {
  const dollars = Number(text)
  if (text.trim() !== '' && Number.isFinite(dollars) && dollars > 0) return dollars
  throw new InvalidArgumentError('It must be dollars, above 0: 5 or 0.25.')
}
