import { NO_TOTALS, type Runtime } from '@reprise/core'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { type ConfigOption, configOption, withConfig } from '../config/with-config.ts'
import { command } from '../line/command.ts'
import { exitWith } from '../line/exit-code.ts'
import { type Io, say } from '../line/io.ts'
import { type JsonOption, jsonOption, printJson } from '../line/json.ts'
import { readSince } from '../line/since.ts'
import { agentsOf } from '../models/agents-of.ts'
import { type ModelUse, modelsInUse } from '../models/in-use.ts'
import { type KnownModel, knownModel } from '../models/known-model.ts'
import { modelTable, sayUse } from '../models/say-models.ts'

interface Options extends ConfigOption, JsonOption {
  readonly inUse?: true
  readonly since?: number
  /** Days. */
  readonly retiringWithin?: number
}

/** A model, what is known of it and who uses it. */
type ListedModel = KnownModel & ModelUse

/** `reprise models`: the models that the definitions of the config name, what is known of them, and who uses them. */
export function modelsCommand(io: Io): Command {
  return command(io, 'models', 'list the models that the definitions ask, what they cost and when they end')
    .option('--in-use', 'also which runs use them: those that have not ended, and what was used lately')
    .addOption(
      new Option(
        '--since <time>',
        'with --in-use: what counts as lately; 90s, 30m, 24h, 7d, 2w, or 2026-11-01 (default: 30d)',
      ).argParser((text) => readSince(text, Date.now())),
    )
    .addOption(
      new Option('--retiring-within <days>', 'exit with 1 where one of them ends by then: 90d').argParser(readDays),
    )
    .addOption(jsonOption())
    .addOption(configOption())
    .addHelpText(
      'after',
      `
Prices are list prices in US dollars per million tokens: read, read from the prompt cache, written. What is not known is
said to be unknown. A config may know better: export const modelFacts = { 'my-model': { retires: '2027-04-14' } }
A model that only ended runs have used fails no gate.

Examples:
  $ reprise models
  $ reprise models --in-use --since 7d
  $ reprise models --in-use --retiring-within 90d    # a gate for CI`,
    )
    .action(async (options: Options) => {
      await withConfig(io, options, async ({ runtime, modelFacts }) => {
        const now = Date.now()
        const catalog = await import('@reprise/openai')
        const uses = options.inUse
          ? await modelsInUse(runtime, options.since ?? readSince('30d', now))
          : defined(runtime)
        const models = uses
          .map((use) => ({ ...knownModel(use.model, catalog, modelFacts, now), ...use }))
          .toSorted((one, other) => (one.model < other.model ? -1 : 1))
        const { retiringWithin } = options
        const retiring = retiringWithin === undefined ? [] : models.filter((model) => ends(model, retiringWithin))
        if (options.json) printJson(io, json(models, options, retiring))
        else print(io, models, options, retiring)
        if (retiring.length > 0) exitWith(io, 'failed')
      })
    })
}

function readDays(text: string): number {
  const [, days] = /^(\d{1,5})d$/.exec(text) ?? []
  if (days === undefined) throw new InvalidArgumentError('It must be a whole number of days: 90d.')
  return Number(days)
}

/** What the definitions alone tell. */
function defined({ definitions }: Runtime): readonly ModelUse[] {
  const perModel = Map.groupBy(agentsOf(definitions), ({ model }) => model)
  const recent = { runs: 0, used: NO_TOTALS }
  return [...perModel].map(([model, agents]) => ({ model, definitions: agents, open: [], recent }))
}

/** Whether it ends within so many days and somebody would miss it. */
function ends({ daysLeft, definitions, open }: ListedModel, days: number): boolean {
  return daysLeft !== null && daysLeft <= days && definitions.length + open.length > 0
}

function json(models: readonly ListedModel[], { inUse }: Options, retiring: readonly ListedModel[]): unknown {
  const shown = models.map(({ open, recent, ...model }) => (inUse ? { ...model, open, recent } : model))
  return { models: shown, retiring: retiring.map(({ model }) => model) }
}

function print(io: Io, models: readonly ListedModel[], options: Options, retiring: readonly ListedModel[]): void {
  if (models.length === 0) return say(io, 'No definition of the config asks a model.')
  say(io, modelTable(models).join('\n'))
  for (const model of models) say(io, ['', ...sayUse(model, options.inUse === true)].join('\n'))
  if (options.retiringWithin === undefined) return
  const names = retiring.map(({ model }) => model).join(', ')
  const within = `within ${options.retiringWithin} days`
  say(io, `\n${retiring.length > 0 ? `Ends ${within}: ${names}.` : `None of them is known to end ${within}.`}`)
}
