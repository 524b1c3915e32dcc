import { type BacktestFilter, type BacktestOptions, type RunFilter, type RunStatus } from '@reprise/core'
import { Argument, type Command, Option } from 'commander'
import { loadDefinitions } from '../backtest/load-definitions.ts'
import { type Failure, FAILURES, objections } from '../backtest/verdict.ts'
import { type ConfigOption, configOption, withConfig } from '../config/with-config.ts'
import { command, wholeNumber } from '../line/command.ts'
import { budgetOption } from '../line/dollars.ts'
import { EXIT, exitWith } from '../line/exit-code.ts'
import { outFile } from '../line/files.ts'
import { interruption, sayInterrupted } from '../line/interrupt.ts'
import { type Io, say } from '../line/io.ts'
import { type JsonOption, jsonOption, printJson } from '../line/json.ts'
import { sinceOption } from '../line/since.ts'
import { ResultsFile } from '../migrate/results-file.ts'
import { sayBacktest } from '../show/backtest.ts'
import { sayEstimate } from '../show/backtest-estimate.ts'
import { bad } from '../show/style.ts'
import { oneLine } from '../show/text.ts'

const STATUSES = ['waiting', 'completed', 'failed', 'cancelled'] as const satisfies RunStatus[]

interface Options extends ConfigOption, JsonOption, Pick<RunFilter, 'status' | 'name' | 'tag'> {
  readonly since?: number
  readonly limit: number
  readonly model?: string
  readonly definitions?: string
  readonly today?: true
  readonly concurrency?: number
  readonly budgetUsd?: number
  readonly unrecorded: 'stop' | 'read-live'
  readonly ignore?: readonly string[]
  readonly results?: string
  readonly failOn?: readonly Failure[]
  readonly dryRun?: true
}

/** `reprise backtest`: holds recorded conversations again with another model, and tells what would be different. */
export function backtestCommand(io: Io): Command {
  const backtest = command(
    io,
    'backtest',
    'hold recorded conversations again with another model, prompt or tools, and tell what would be different',
  )
    .addArgument(new Argument('[runs...]', 'the ids of runs, if not all that fit'))
    .option('--model <name>', 'the model that is tried, in the place of those that were asked')
    .option('--definitions <file>', 'try the agents and teams that this file exports, with their own texts and models')
    .option('--today', "try the config's definitions, with their own texts and models")
    .option('--name <name>', 'only runs of this agent or team, or those below this workflow')
    .option('--tag <tag>', 'only runs that bear this tag')
    .addOption(new Option('--status <status>', 'only runs that stand so').choices(STATUSES))
    .addOption(sinceOption())
    .addOption(new Option('--limit <count>', 'the newest so many').argParser(wholeNumber(1)).default(100))
    .addOption(new Option('--concurrency <count>', 'runs at a time').argParser(wholeNumber(1, 1_000)).default(4))
    .addOption(budgetOption())
    .addOption(
      new Option(
        '--unrecorded <way>',
        'what becomes of a call that is not recorded: read-live runs tools that only read',
      )
        .choices(['stop', 'read-live'])
        .default('stop'),
    )
    .option('--ignore <places...>', 'places of words that may differ, as refund.reason or output.summary')
    .option('--results <file>', 'keep replies there, and ask for none again that is in it')
    .addOption(new Option('--fail-on <what...>', 'exit with 1 where a run is one of these').choices(FAILURES))
    .option('--dry-run', 'ask nothing: tell how many asks it takes, and what they cost at most')
    .addOption(jsonOption())
    .addOption(configOption())
    .addHelpText(
      'after',
      `
The model is really asked, and paid. Calls are answered from the journals: no tool runs, but one that only reads where
--unrecorded read-live says so, and nothing is written to the store. The exit code is 1 where --fail-on finds something,
and where runs are left for want of money or of the model.

Examples:
  $ reprise backtest --name support --since 7d --model gpt-6-luna --dry-run
  $ reprise backtest --name support --since 7d --model gpt-6-luna --budget-usd 5 --results luna.jsonl
  $ reprise backtest --tag golden --today --fail-on parted broken`,
    )
  return backtest.action(async (ids: readonly string[], options: Options) => {
    const { definitions, today, model } = options
    if (model === undefined && definitions === undefined && !today)
      return backtest.error('error: say what is tried: --model, --definitions or --today', { exitCode: EXIT.usage })
    if (definitions !== undefined && today)
      return backtest.error('error: give --definitions or --today, not both', { exitCode: EXIT.usage })
    if (
      ids.length > 0 &&
      [options.name, options.tag, options.status, options.since].some((given) => given !== undefined)
    )
      return backtest.error('error: name runs, or say which by --name, --tag, --status or --since, and not both', {
        exitCode: EXIT.usage,
      })
    const interrupted = interruption(io)
    await withConfig(io, options, async ({ runtime }) => {
      const filter = filterOf(ids, options)
      const results = options.results === undefined ? undefined : new ResultsFile(outFile(io, options.results))
      const given = await optionsOf(io, options, results, interrupted)
      try {
        if (options.dryRun) {
          const estimate = await runtime.estimateBacktest(filter, given)
          return options.json ? printJson(io, estimate) : say(io, sayEstimate(estimate).join('\n'))
        }
        const report = await runtime.backtest(filter, given)
        const wrong = objections(report, options.failOn ?? [])
        if (options.json) printJson(io, report)
        else say(io, [...sayBacktest(report), ...wrong.map((line) => bad(`Not passed: ${oneLine(line)}`))].join('\n'))
        if (wrong.length > 0) exitWith(io, 'failed')
      } catch (error) {
        if (!interrupted.aborted) throw error
        sayInterrupted(io, options.results)
      } finally {
        await results?.close()
      }
    })
  })
}

function filterOf(ids: readonly string[], { name, tag, status, since, limit }: Options): BacktestFilter {
  if (ids.length > 0) return { ids }
  return {
    ...(name !== undefined && { name }),
    ...(tag !== undefined && { tag }),
    ...(status && { status }),
    ...(since !== undefined && { createdFrom: since }),
    limit,
  }
}

async function optionsOf(
  io: Io,
  options: Options,
  results: ResultsFile | undefined,
  signal: AbortSignal,
): Promise<BacktestOptions> {
  const { model, definitions, today, concurrency, budgetUsd, unrecorded, ignore } = options
  return {
    ...(model !== undefined && { model }),
    ...(today && { definitions: 'today' }),
    ...(definitions !== undefined && { definitions: await loadDefinitions(io.cwd(), definitions) }),
    ...(concurrency !== undefined && { concurrency }),
    ...(budgetUsd !== undefined && { budget: { usd: budgetUsd } }),
    ...(ignore && { ignore }),
    ...(results && { results }),
    unrecorded,
    signal,
  }
}
