import { resolve } from 'node:path'
import { Argument, type Command } from 'commander'
import { configOption } from '../config/with-config.ts'
import { fileAt } from '../config/named-store.ts'
import { type StoreOption, storeOption, withStore } from '../config/with-store.ts'
import { byHand } from '../line/by.ts'
import { command, examples } from '../line/command.ts'
import { type Io, say } from '../line/io.ts'
import { type JsonOption, jsonOption, printJson } from '../line/json.ts'

interface Options extends StoreOption, JsonOption {}

/** `reprise backup`: copies a store while it is in use. */
export function backupCommand(io: Io): Command {
  return command(io, 'backup', 'copy the store to a file, as of one moment, while it is in use')
    .addArgument(new Argument('<file>', 'where to: nothing may be there yet'))
    .addOption(jsonOption())
    .addOption(storeOption())
    .addOption(configOption())
    .addHelpText('after', examples('reprise backup desk-2026-11-30.db'))
    .action(async (file: string, options: Options) => {
      const named = options.store ?? io.env['REPRISE_STORE']
      if (named !== undefined) fileAt(io, named, BY_THE_DATABASE)
      await withStore(io, options, async (runtime) => {
        const path = resolve(io.cwd(), file)
        await runtime.backup(path, { by: byHand() })
        if (options.json) printJson(io, { path })
        else say(io, `The store is copied to ${path}. Make a store of it with: reprise restore ${file} --store FILE`)
      })
    })
}

const BY_THE_DATABASE =
  'A journal on Postgres is backed up with its database: by pg_dump, in one snapshot, or by a base backup and its log. Back the database of its keys up apart.'
