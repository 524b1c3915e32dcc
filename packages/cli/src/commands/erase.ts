import type { Command } from 'commander'
import { configOption } from '../config/with-config.ts'
import { type StoreOption, storeOption, withStore } from '../config/with-store.ts'
import { command, examples, runArgument } from '../line/command.ts'
import { type Io, say } from '../line/io.ts'
import { type JsonOption, jsonOption, printJson } from '../line/json.ts'
import { count } from '../show/used.ts'

interface Options extends StoreOption, JsonOption {
  readonly by: string
}

/** `reprise erase`: destroys what a run and all that came of it hold. */
export function eraseCommand(io: Io): Command {
  return command(io, 'erase', 'destroy what a run, and all runs that came of it, hold: nothing brings it back')
    .addArgument(runArgument())
    .requiredOption('--by <name>', 'who wants it: whoever would read the run is told')
    .addOption(jsonOption())
    .addOption(storeOption())
    .addOption(configOption())
    .addHelpText('after', examples('reprise erase ticket-4711 --by ana'))
    .action(async (runId: string, options: Options) => {
      await withStore(io, options, async (runtime) => {
        const { runs, pending } = await runtime.erase(runId, { by: options.by })
        if (options.json) printJson(io, { runId, runs, ...(pending && { pending }) })
        else say(io, `${runId} is erased: ${count(runs, 'run')}.`)
        if (pending && !options.json)
          say(
            io,
            'Another program reads the store: its text is gone from the files when that ends and the store is opened again.',
          )
      })
    })
}
