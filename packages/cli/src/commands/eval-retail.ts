import { type Command, Option } from 'commander'
import type { BuiltInOptions } from '../evals/built-in.ts'
import type { EvaluateOptions } from '../evals/evaluate.ts'
import { addEvalOptions, addModelOptions, share } from '../evals/options.ts'
import { command, wholeNumber } from '../line/command.ts'
import type { Io } from '../line/io.ts'

interface Options extends BuiltInOptions, EvaluateOptions {
  readonly user?: string
  readonly repeat: number
  readonly min?: number
}

/** `reprise eval retail`: how reliably a model serves customers. */
export function retailCommand(io: Io): Command {
  const retail = command(
    io,
    'retail',
    'let a model serve simulated customers of a small shop, and tell pass^1 to pass^k',
  )
  return addEvalOptions(addModelOptions(retail))
    .option('--user <name>', 'the model that plays the customers, if not the same')
    .addOption(
      new Option('--repeat <count>', 'how often each customer comes').argParser(wholeNumber(1, 100)).default(4),
    )
    .addOption(new Option('--min <share>', 'a gate: the least pass^1, 0 to 1').argParser(share))
    .addHelpText(
      'after',
      `
Right is what leaves the shop as it should be and tells the customer what they must be told. The shop is this command's
own: its figures are not those of tau-bench. What it costs is the desk and the customers together.
Runs are kept in evals.db, so that one that was killed asks nothing twice, and the result in retail.eval.json here.

Examples:
  $ reprise eval retail --model gpt-4.1-mini --user gpt-4.1
  $ OPENAI_BASE_URL=http://localhost:11434/v1 reprise eval retail --api chat --model llama3.2 --repeat 1`,
    )
    .action(async ({ user, repeat, min, ...options }: Options) => {
      const { retail } = await import('@reprise/evals')
      const { withBuiltIn } = await import('../evals/built-in.ts')
      const { evaluate } = await import('../evals/evaluate.ts')
      const { model } = options
      const evaluation = retail({
        model,
        repeat,
        ...(user !== undefined && { user }),
        ...(min !== undefined && { min }),
      })
      await withBuiltIn(io, evaluation, options, async (runtime, place) => {
        await evaluate(io, runtime, [evaluation], place, options)
      })
    })
}
