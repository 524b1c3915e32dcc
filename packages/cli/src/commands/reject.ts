import type { Command } from 'commander'
import { type ConfigOption, configOption, withConfig } from '../config/with-config.ts'
import { byHand } from '../line/by.ts'
import { command, examples, runArgument } from '../line/command.ts'
import type { Io } from '../line/io.ts'
import { type JsonOption, jsonOption } from '../line/json.ts'
import { bringOn } from '../runs/bring-on.ts'

interface Options extends ConfigOption, JsonOption {
  readonly by: string
  readonly reason?: string
}

/** `reprise reject`: refuses a call that waits to be allowed. */
export function rejectCommand(io: Io): Command {
  return command(io, 'reject', 'refuse a call that waits to be allowed, and bring the run as far as it goes')
    .addArgument(runArgument())
    .argument('<id>', 'the id of the ask, as `reprise show` tells it')
    .requiredOption('--by <name>', 'who refuses it, for the journal')
    .option('--reason <text>', 'why, for the model')
    .addOption(jsonOption('print the outcome as JSON'))
    .addOption(configOption())
    .addHelpText(
      'after',
      examples("reprise reject ticket-4711 agent:0/turn:1/call:0 --by ana --reason 'Ask for a receipt first.'"),
    )
    .action(async (runId: string, id: string, options: Options) => {
      const { by, reason } = options
      await withConfig(io, options, ({ runtime }) =>
        bringOn(io, runtime, runId, options, () =>
          runtime.reject(runId, id, { by: byHand(by), ...(reason !== undefined && { reason }) }),
        ),
      )
    })
}
