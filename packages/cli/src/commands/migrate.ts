import { type Command, Argument, InvalidArgumentError, Option } from 'commander'
import { configOption, withConfig } from '../config/with-config.ts'
import { command, wholeNumber } from '../line/command.ts'
import { budgetOption } from '../line/dollars.ts'
import type { Io } from '../line/io.ts'
import { jsonOption } from '../line/json.ts'
import { sinceOption } from '../line/since.ts'
import type { MigrateOptions } from '../migrate/run/migrate.ts'

/** `reprise migrate`: whether the agents that ask one model may ask another one. */
export function migrateCommand(io: Io): Command {
  return command(
    io,
    'migrate',
    'ask the recorded runs of one model again of another one, and say which agents may move',
  )
    .addArgument(new Argument('<model>', 'the model that is to be replaced, as agents name it'))
    .requiredOption('--to <model>', 'the model that is tried in its place')
    .addOption(sinceOption())
    .option('--name <name>', 'only runs of this agent or team')
    .addOption(new Option('--limit <count>', 'the most runs, the newest first').argParser(wholeNumber(1)).default(200))
    .addOption(share('--same-at-least <share>', 'the share of runs that must come out the same for a go').default(0.9))
    .addOption(share('--confidence <share>', 'how sure a verdict must be').default(0.95))
    .addOption(budgetOption())
    .option('--dry-run', 'ask nothing: tell how many asks it takes, and what they cost at most')
    .option('--results <file>', 'keep replies there, and ask for none again that is in it')
    .option('--html <file>', 'write the report as a page')
    .addOption(jsonOption('print the report as JSON'))
    .addOption(configOption())
    .addHelpText(
      'after',
      `
The model is asked, and that costs money; tools answer from the journal, and nothing acts on the world. The exit code is 0
where each agent may go, and 1 where one may not, or there is not enough evidence. How that is judged: docs/migrate.md

Examples:
  $ reprise migrate gpt-4.1-mini --to gpt-6-luna --html report.html --budget-usd 5
  $ reprise migrate gpt-4.1-mini --to gpt-6-luna --dry-run
  $ reprise migrate gpt-4.1-mini --to gpt-6-luna --since 7d --results answers.jsonl --json > report.json
  $ reprise migrate gpt-4.1-mini --to gpt-4.1-mini    # how much differs by chance alone`,
    )
    .action(async (model: string, options: MigrateOptions) => {
      // Whoever wants another command does not wait for it.
      const { migrate } = await import('../migrate/run/migrate.ts')
      await withConfig(io, options, (config) => migrate(io, model, options, config))
    })
}

function share(flags: string, description: string): Option {
  return new Option(flags, description).argParser((text) => {
    const number = Number(text)
    if (text.trim() !== '' && number > 0 && number < 1) return number
    throw new InvalidArgumentError('It must be a share between 0 and 1, as 0.95.')
  })
}
