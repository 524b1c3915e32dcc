import { resolve } from 'node:path'
import { DefinitionError } from '@reprise/core'
import { restore } from '@reprise/store'
import { Argument, type Command } from 'commander'
import { fileAt } from '../config/named-store.ts'
import { storeOption } from '../config/with-store.ts'
import { command, examples } from '../line/command.ts'
import { type Io, say } from '../line/io.ts'
import { type JsonOption, jsonOption, printJson } from '../line/json.ts'
import { count } from '../show/used.ts'

interface Options extends JsonOption {
  readonly store?: string
}

/** `reprise restore`: makes a store out of a backup. */
export function restoreCommand(io: Io): Command {
  return command(io, 'restore', 'make a store out of a backup; runs that had not ended go into quarantine')
    .addArgument(new Argument('<backup>', 'the file that reprise backup made'))
    .addOption(jsonOption())
    .addOption(storeOption())
    .addHelpText('after', examples('reprise restore desk-2026-11-30.db --store desk.db'))
    .action(async (backup: string, options: Options) => {
      const store = options.store ?? io.env['REPRISE_STORE']
      if (store === undefined) {
        const message = 'Where is the store to be? Give --store FILE, or REPRISE_STORE.'
        throw new DefinitionError({ code: 'no_store', message })
      }
      const path = fileAt(io, store, BY_THE_DATABASE)
      const { parked } = await restore(resolve(io.cwd(), backup), path)
      if (options.json) return printJson(io, { path, parked })
      say(io, `The store is restored at ${path}.`)
      if (parked.length === 0) return
      say(io, `${count(parked.length, 'run')} had not ended when the backup was made, and are in quarantine.`)
      say(
        io,
        'List them with: reprise runs --status quarantined. Look at each, then: reprise unquarantine RUN --by NAME',
      )
    })
}

const BY_THE_DATABASE =
  'A journal on Postgres is restored with its database, by what has backed that up. Then say so, before anybody works on it: reprise restored --store URL --by NAME'
