import { type Command, InvalidArgumentError, Option } from 'commander'
import { wholeNumber } from '../line/command.ts'
import { jsonOption } from '../line/json.ts'

/** The options that every evaluation has. */
export function addEvalOptions(command: Command): Command {
  return command
    .addOption(new Option('--concurrency <count>', 'trials at the same time').argParser(wholeNumber(1)).default(4))
    .option('--label <text>', 'ask all over again: what was asked under another label is not taken up')
    .option('--junit <file>', 'write the gates as JUnit XML too, for CI')
    .option('--labels <file>', 'tell how far scorers agree with what people said: JSON lines of { run, scorer, label }')
    .option('--accept', 'keep the result to compare the next one with, also where a gate does not hold')
    .addOption(jsonOption())
}

/** The options of an evaluation that needs no config. */
export function addModelOptions(command: Command): Command {
  return command
    .requiredOption('--model <name>', 'the model that is asked; OPENAI_BASE_URL names another server than OpenAI')
    .addOption(
      new Option('--api <name>', 'what the server speaks: chat, where it knows no Responses')
        .choices(['responses', 'chat'])
        .default('responses'),
    )
    .option('--store <file>', 'the SQLite file of the runs, if not evals.db (env: REPRISE_STORE)')
}

/** Reads a number of 0 to 1. */
export function share(text: string): number {
  const number = Number(text)
  if (text.trim() !== '' && number >= 0 && number <= 1) return number
  throw new InvalidArgumentError('It must be a number of 0 to 1.')
}
