import { randomUUID } from 'node:crypto'
import { type Command, Option } from 'commander'
import { type ConfigOption, configOption, withConfig } from '../config/with-config.ts'
import { command, runArgument, wholeNumber } from '../line/command.ts'
import type { Io } from '../line/io.ts'
import { type JsonOption, jsonOption } from '../line/json.ts'
import { bringOn } from '../runs/bring-on.ts'

interface Options extends ConfigOption, JsonOption {
  readonly at: number
  readonly id?: string
  readonly live?: true
}

/** `reprise fork`: goes on from the first entries of a run in a new one. */
export function forkCommand(io: Io): Command {
  return command(io, 'fork', "go on from the first entries of a run in a new run, under today's code and text")
    .addArgument(runArgument())
    .addOption(
      new Option('--at <number>', 'how many entries to begin with, as `reprise show` counts them')
        .argParser(wholeNumber(1))
        .makeOptionMandatory(),
    )
    .option('--id <id>', 'the id of the new run')
    .option('--live', 'let tools act on the world; without it, only tools that read run')
    .addOption(jsonOption('print the outcome as JSON'))
    .addOption(configOption())
    .addHelpText(
      'after',
      `
The run itself stays as it is. A fork that comes to more than reading ends there, and tells how to go on.

Example:
  $ reprise fork ticket-4711 --at 6 --id ticket-4711-again`,
    )
    .action(async (runId: string, { at, id = randomUUID(), live, ...options }: Options) => {
      const fork = { at, id, ...(live && { effects: 'live' as const }) }
      await withConfig(io, options, ({ runtime }) =>
        bringOn(io, runtime, id, options, () => runtime.fork(runId, fork), at),
      )
    })
}
