import type { Command } from 'commander'
import { type ConfigOption, configOption, withConfig } from '../config/with-config.ts'
import { byHand } from '../line/by.ts'
import { command, runArgument } from '../line/command.ts'
import type { Io } from '../line/io.ts'
import { type JsonOption, jsonOption } from '../line/json.ts'
import { bringOn } from '../runs/bring-on.ts'

interface Options extends ConfigOption, JsonOption {
  readonly from: string
  readonly to: string
  readonly by: string
}

/** `reprise rewind`: lets a run go on with a fork of its child. */
export function rewindCommand(io: Io): Command {
  return command(io, 'rewind', 'let a run go on with a fork of its child, and bring it as far as it goes')
    .addArgument(runArgument())
    .requiredOption('--from <run>', 'the child that it goes on with now')
    .requiredOption('--to <run>', 'the fork of that child, which may act on the world')
    .requiredOption('--by <name>', 'who wants it, for the journal')
    .addOption(jsonOption('print the outcome as JSON'))
    .addOption(configOption())
    .addHelpText(
      'after',
      `
Both stay, under their ids; the child is cancelled where it has not ended. A run that has heard what its child came to is
forked instead, with what the fork came to: the command says how.

Example:
  $ reprise fork nightly/agent:clerk --at 3 --live --id again --edit-result '{"price": 99}'
  $ reprise rewind nightly --from nightly/agent:clerk --to again --by ana`,
    )
    .action(async (runId: string, { from, to, by, ...options }: Options) => {
      await withConfig(io, options, ({ runtime }) =>
        bringOn(io, runtime, runId, options, () => runtime.rewind(runId, { from, to, by: byHand(by) })),
      )
    })
}
