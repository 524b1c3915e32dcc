import type { Command } from 'commander'
import { type ConfigOption, configOption, withConfig } from '../config/with-config.ts'
import type { EvaluateOptions } from '../evals/evaluate.ts'
import { addEvalOptions } from '../evals/options.ts'
import { command } from '../line/command.ts'
import type { Io } from '../line/io.ts'
import { quote } from '../show/text.ts'
import { needlesCommand } from './eval-needles.ts'
import { retailCommand } from './eval-retail.ts'

/** `reprise eval`: asks an agent questions whose answers are scored. */
export function evalCommand(io: Io): Command {
  const evaluations = command(io, 'eval', "run a config's evaluations, and hold them against their gates")
  const made = addEvalOptions(evaluations)
    .argument('[what...]', 'a file that exports evaluations and their runtime, or names of evaluations')
    .addOption(configOption())
    .addCommand(needlesCommand(io))
    .addCommand(retailCommand(io))
    .addHelpText(
      'after',
      `
Each repeat of each row is a run: what was asked before is not asked again, also after a kill.
A result is compared with the last one that its gates let pass, kept beside the config as NAME.eval.json.
Exits with 1 where a gate does not hold or a trial came to no end.

Examples:
  $ reprise eval
  $ reprise eval tickets --concurrency 8 --junit evals.xml
  $ reprise eval src/tickets.eval.ts --label monday`,
    )
  return made.action(async (what: readonly string[], options: EvaluateOptions & ConfigOption) => {
    const files = what.filter(isFile)
    const names = what.filter((word) => !isFile(word))
    if (files.length + (options.config === undefined ? 0 : 1) > 1)
      made.error(`${[options.config, ...files].filter(Boolean).join(' and ')} are several configs. Name one.`)
    const config = files[0] ?? options.config
    await withConfig(io, config === undefined ? {} : { config }, async ({ path, runtime, evals }) => {
      const known = [...evals.keys()]
      const unknown = names.filter((name) => !evals.has(name))
      if (known.length === 0)
        made.error(`${path} exports no evaluation. Write in it: export const NAME = defineEval({ ... })`)
      if (unknown.length > 0)
        made.error(`There is no evaluation "${unknown.join('", "')}" in ${path}. It has: ${known.join(', ')}.`)
      const chosen = [...evals.values()].filter(({ name }) => names.length === 0 || names.includes(name))
      const { evaluate } = await import('../evals/evaluate.ts')
      const found = config === undefined ? '' : ` --config ${quote(config)}`
      await evaluate(io, runtime, chosen, { config: path, found }, options)
    })
  })
}

function isFile(word: string): boolean {
  return /\.[cm]?[jt]s$/.test(word)
}
