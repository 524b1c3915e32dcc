import type { Command } from 'commander'
import { configOption } from '../config/with-config.ts'
import { type StoreOption, storeOption, withStore } from '../config/with-store.ts'
import { byHand } from '../line/by.ts'
import { command, examples, runArgument } from '../line/command.ts'
import { type Io, say } from '../line/io.ts'
import { type JsonOption, jsonOption, printJson } from '../line/json.ts'

interface Options extends StoreOption, JsonOption {
  readonly by: string
}

/** `reprise unquarantine`: puts a run in quarantine back. */
export function unquarantineCommand(io: Io, name = 'unquarantine'): Command {
  return command(io, name, 'put a run in quarantine back among those that may be taken up')
    .addArgument(runArgument())
    .requiredOption('--by <name>', 'who has looked at it, for the journal')
    .addOption(jsonOption())
    .addOption(storeOption())
    .addOption(configOption())
    .addHelpText('after', examples('reprise unquarantine ticket-4711 --by ana'))
    .action(async (runId: string, options: Options) => {
      await withStore(io, options, async (runtime) => {
        await runtime.unquarantine(runId, { by: byHand(options.by) })
        if (options.json) printJson(io, { runId, status: (await runtime.runs.get(runId)).status })
        else say(io, `${runId} is released: a worker takes it up, or reprise resume does.`)
      })
    })
}
