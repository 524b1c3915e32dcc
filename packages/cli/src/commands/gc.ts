import type { EndedStatus } from '@reprise/core'
import { type Command, Option } from 'commander'
import { configOption } from '../config/with-config.ts'
import { type StoreOption, storeOption, withStore } from '../config/with-store.ts'
import { readAge } from '../line/age.ts'
import { command, examples } from '../line/command.ts'
import { type Io, say } from '../line/io.ts'
import { type JsonOption, jsonOption, printJson } from '../line/json.ts'
import { count } from '../show/used.ts'

const ENDED = ['completed', 'failed', 'cancelled'] as const satisfies EndedStatus[]

interface Options extends StoreOption, JsonOption {
  readonly olderThan: number
  readonly status?: EndedStatus
}

/** `reprise gc`: deletes runs that have ended long ago. */
export function gcCommand(io: Io): Command {
  return command(io, 'gc', 'delete runs that have ended long ago, and what only they use')
    .addOption(
      new Option('--older-than <age>', 'how long ago they ended: 30d, 12h or 5m')
        .argParser(readAge)
        .makeOptionMandatory(),
    )
    .addOption(new Option('--status <status>', 'only those that ended so').choices(ENDED))
    .addOption(jsonOption())
    .addOption(storeOption())
    .addOption(configOption())
    .addHelpText('after', examples('reprise gc --older-than 30d --status completed'))
    .action(async (options: Options) => {
      await withStore(io, options, async (runtime) => {
        const { olderThan: olderThanMs, status } = options
        const deleted = await runtime.gc({ olderThanMs, ...(status && { statuses: [status] }) })
        if (options.json) printJson(io, { deleted })
        else say(io, deleted === 0 ? 'No run has ended that long ago.' : `${count(deleted, 'run')} deleted.`)
      })
    })
}
