import { type Command, Option } from 'commander'
import type { BuiltInOptions } from '../evals/built-in.ts'
import type { EvaluateOptions } from '../evals/evaluate.ts'
import { addEvalOptions, addModelOptions, share } from '../evals/options.ts'
import { command, wholeNumber } from '../line/command.ts'
import { outFile } from '../line/files.ts'
import { type Io, say } from '../line/io.ts'

interface Options extends BuiltInOptions, EvaluateOptions {
  readonly lengths: readonly number[]
  readonly depths: readonly number[]
  readonly texts: number
  readonly min?: number
  readonly html?: string
}

/** `reprise eval needles`: how well a model finds a fact in a long text. */
export function needlesCommand(io: Io): Command {
  const needles = command(io, 'needles', 'hide facts in long texts, ask a model for them, and plot which it finds')
  return addEvalOptions(addModelOptions(needles))
    .addOption(
      new Option('--lengths <tokens>', 'how long the texts are, with commas between')
        .argParser(wholeNumbers(100, 2_000_000))
        .default([1_000, 4_000, 16_000]),
    )
    .addOption(
      new Option('--depths <percent>', 'where the facts stand, with commas between')
        .argParser(wholeNumbers(0, 100))
        .default([0, 25, 50, 75, 100]),
    )
    .addOption(
      new Option('--texts <count>', 'texts for each length and depth').argParser(wholeNumber(1, 100)).default(1),
    )
    .addOption(new Option('--min <share>', 'a gate: the least share to be found, 0 to 1').argParser(share))
    .option('--html <file>', 'write the plot as a page')
    .addHelpText(
      'after',
      `
Lengths are by about four characters a token.
Runs are kept in evals.db, so that one that was killed asks nothing twice, and the result in needles.eval.json here.

Examples:
  $ reprise eval needles --model gpt-4.1-mini --lengths 1000,32000,128000 --texts 4 --html needles.html
  $ OPENAI_BASE_URL=http://localhost:11434/v1 reprise eval needles --api chat --model llama3.2`,
    )
    .action(async ({ lengths, depths, texts, min, html, ...options }: Options) => {
      const page = html === undefined ? undefined : outFile(io, html)
      const { heatmap, heatmapHtml, heatmapText, needles } = await import('@reprise/evals')
      const { withBuiltIn } = await import('../evals/built-in.ts')
      const { evaluate } = await import('../evals/evaluate.ts')
      const { writeWhole } = await import('../evals/kept-file.ts')
      const { model } = options
      const evaluation = needles({ model, lengths, depths, texts, ...(min !== undefined && { min }) })
      await withBuiltIn(io, evaluation, options, async (runtime, place) => {
        for (const { result } of await evaluate(io, runtime, [evaluation], place, options)) {
          const grid = heatmap(result)
          if (!options.json) say(io, heatmapText(grid).join('\n'))
          if (page !== undefined) writeWhole(page, heatmapHtml(grid, model))
        }
      })
    })
}

function wholeNumbers(least: number, most: number): (text: string) => readonly number[] {
  const one = wholeNumber(least, most)
  return (text) => text.split(',').map((part) => one(part.trim()))
}
