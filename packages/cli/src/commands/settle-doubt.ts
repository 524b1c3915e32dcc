import type { Json, Resolution } from '@reprise/core'
import { type Command, Option } from 'commander'
import { type ConfigOption, configOption, withConfig } from '../config/with-config.ts'
import { byHand } from '../line/by.ts'
import { command, runArgument } from '../line/command.ts'
import { EXIT } from '../line/exit-code.ts'
import type { Io } from '../line/io.ts'
import { type JsonOption, jsonOption, readJson } from '../line/json.ts'
import { bringOn } from '../runs/bring-on.ts'

interface Options extends ConfigOption, JsonOption {
  readonly happened?: Json
  readonly didNotHappen?: true
  readonly by?: string
}

/** `reprise settle-doubt`: says of a call in doubt whether it happened. */
export function settleDoubtCommand(io: Io, name = 'settle-doubt'): Command {
  const settle = command(io, name, 'say of a call in doubt whether it happened, and bring the run as far as it goes')
    .addArgument(runArgument())
    .argument('<id>', 'the id of the doubt, as `reprise show` tells it')
    .addOption(
      new Option('--happened <result>', 'it happened, and returned this JSON')
        .argParser(readJson)
        .conflicts('didNotHappen'),
    )
    .option('--did-not-happen', 'it did not happen: it is done again')
    .option('--by <name>', 'who says so')
    .addOption(jsonOption('print the outcome as JSON'))
    .addOption(configOption())
    .addHelpText(
      'after',
      `
Example:
  $ reprise settle-doubt ticket-4711 agent:0/turn:1/call:0 --happened '"sent"' --by ana`,
    )
  return settle.action(async (runId: string, id: string, options: Options) => {
    const resolution = resolutionOf(options)
    if (!resolution) {
      const message = 'error: say what is known of the call: --happened <result> or --did-not-happen'
      return settle.error(message, { exitCode: EXIT.usage })
    }
    await withConfig(io, options, ({ runtime }) =>
      bringOn(io, runtime, runId, options, () =>
        runtime.settleDoubt(runId, id, resolution, byHand(options.by ?? 'a person')),
      ),
    )
  })
}

function resolutionOf({ happened, didNotHappen }: Options): Resolution | undefined {
  if (happened !== undefined) return { happened: true, result: happened }
  return didNotHappen && { happened: false }
}
