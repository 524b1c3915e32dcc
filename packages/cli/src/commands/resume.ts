import type { Command } from 'commander'
import { type ConfigOption, configOption, withConfig } from '../config/with-config.ts'
import { command, examples, runArgument } from '../line/command.ts'
import type { Io } from '../line/io.ts'
import { type JsonOption, jsonOption } from '../line/json.ts'
import { bringOn } from '../runs/bring-on.ts'

interface Options extends ConfigOption, JsonOption {}

/** `reprise resume`: takes a run up where its journal ends. */
export function resumeCommand(io: Io): Command {
  return command(io, 'resume', 'take a run up where its journal ends, and bring it as far as it goes')
    .addArgument(runArgument())
    .addOption(jsonOption('print the outcome as JSON'))
    .addOption(configOption())
    .addHelpText('after', examples('reprise resume ticket-4711'))
    .action(async (runId: string, options: Options) => {
      await withConfig(io, options, async ({ runtime }) => {
        const newest = await runtime.runs.newest(runId)
        await bringOn(io, runtime, newest, options, () => runtime.resume(newest))
      })
    })
}
