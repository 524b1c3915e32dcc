import { DefinitionError } from '@reprise/core'
import type { Command } from 'commander'
import { namedStore } from '../config/named-store.ts'
import { command, examples } from '../line/command.ts'
import { type Io, say } from '../line/io.ts'
import { type JsonOption, jsonOption, printJson } from '../line/json.ts'
import { count } from '../show/used.ts'

interface Options extends JsonOption {
  readonly store?: string
  readonly by: string
  readonly goOn?: readonly string[]
}

/** `reprise restored`: says of a store on Postgres that its database was restored to an earlier moment. */
export function restoredCommand(io: Io): Command {
  return command(
    io,
    'restored',
    'say that the database of a store was restored to an earlier moment; runs that had not ended go into quarantine',
  )
    .requiredOption('--by <name>', 'who says so')
    .option(
      '--go-on <names...>',
      'agents and workflows that make no call with the effect once, and start nothing that does: their runs go on by themselves',
    )
    .addOption(jsonOption())
    .option('--store <url>', 'postgres://HOST/DATABASE?schema=NAME (env: REPRISE_STORE)')
    .addHelpText('after', examples('reprise restored --store postgres://desk@127.0.0.1/desk --by ana'))
    .action(async (options: Options) => {
      const store = options.store ?? io.env['REPRISE_STORE']
      if (store === undefined)
        throw new DefinitionError({
          code: 'no_store',
          message: 'Which store was restored? Give --store postgres://HOST/DATABASE, or REPRISE_STORE.',
        })
      const named = namedStore(io, store)
      if (named.kind === 'file')
        throw new DefinitionError({
          code: 'not_on_postgres',
          message: `${named.path} is a file. For a backup of one there is: reprise restore BACKUP --store FILE`,
        })
      const { restored } = await import('@reprise/postgres')
      const { parked } = await restored(named.url, {
        by: options.by,
        ...(options.goOn && { goOn: options.goOn }),
        ...(named.schema !== undefined && { schema: named.schema }),
      })
      if (options.json) return printJson(io, { parked })
      if (parked.length === 0) return say(io, 'No run waits: none had not ended by then, or all that had not go on.')
      say(
        io,
        `${count(parked.length, 'run')} had not ended by then, and ${parked.length === 1 ? 'is' : 'are'} in quarantine.`,
      )
      say(
        io,
        'List them with: reprise runs --status quarantined. Look at each, then: reprise unquarantine RUN --by NAME',
      )
    })
}
