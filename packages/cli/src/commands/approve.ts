import type { JsonObject } from '@reprise/core'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { type ConfigOption, configOption, withConfig } from '../config/with-config.ts'
import { byHand } from '../line/by.ts'
import { command, examples, runArgument } from '../line/command.ts'
import type { Io } from '../line/io.ts'
import { type JsonOption, jsonOption, readJson } from '../line/json.ts'
import { bringOn } from '../runs/bring-on.ts'

interface Options extends ConfigOption, JsonOption {
  readonly by: string
  readonly reason?: string
  readonly arguments?: JsonObject
}

/** `reprise approve`: allows a call that waits for it. */
export function approveCommand(io: Io): Command {
  return command(io, 'approve', 'allow a call that waits for it, and bring the run as far as it goes')
    .addArgument(runArgument())
    .argument('<id>', 'the id of the ask, as `reprise show` tells it')
    .requiredOption('--by <name>', 'who allows it, for the journal')
    .option('--reason <text>', 'why, for the journal')
    .addOption(
      new Option('--arguments <json>', 'with all these instead of those of the model, as JSON').argParser(
        readArguments,
      ),
    )
    .addOption(jsonOption('print the outcome as JSON'))
    .addOption(configOption())
    .addHelpText(
      'after',
      examples(
        'reprise approve ticket-4711 agent:0/turn:1/call:0 --by ana',
        `reprise approve ticket-4711 agent:0/turn:1/call:0 --by ana --arguments '{"usd":50}'`,
      ),
    )
    .action(async (runId: string, id: string, options: Options) => {
      const { by, reason, arguments: given } = options
      const more = { ...(given !== undefined && { arguments: given }), ...(reason !== undefined && { reason }) }
      await withConfig(io, options, ({ runtime }) =>
        bringOn(io, runtime, runId, options, () => runtime.approve(runId, id, { by: byHand(by), ...more })),
      )
    })
}

function readArguments(text: string): JsonObject {
  const given = readJson(text)
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw new InvalidArgumentError('It must be an object, with all the arguments.')
  // An object of JSON that is no list.
  return given as JsonObject
}
