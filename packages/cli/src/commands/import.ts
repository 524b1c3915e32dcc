import { createReadStream, existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { DefinitionError, type GoldenText, type Imported } from '@reprise/core'
import { Argument, type Command } from 'commander'
import { configOption } from '../config/with-config.ts'
import { type StoreOption, storeOption, withStore } from '../config/with-store.ts'
import { command } from '../line/command.ts'
import { type Io, say } from '../line/io.ts'
import { type JsonOption, jsonOption, printJson } from '../line/json.ts'
import { count } from '../show/used.ts'

interface Options extends StoreOption, JsonOption {}

/** `reprise import`: writes the runs of a golden file that a store does not have. */
export function importCommand(io: Io): Command {
  return command(io, 'import', 'write the runs of a golden file into the store, where they are not there yet')
    .addArgument(new Argument('<file>', 'what `reprise export` wrote; - for stdin'))
    .addOption(jsonOption())
    .addOption(storeOption())
    .addOption(configOption())
    .addHelpText(
      'after',
      `
A run that is there already with the same entries is left as it is; another run of its id is refused. One that had not
ended is in quarantine afterwards: nobody goes on with it here. A store that --store names is made where there is none.

Examples:
  $ reprise import ticket-4711.golden.jsonl
  $ ssh desk reprise export --tag golden | reprise import - --store golden.db`,
    )
    .action(async (file: string, options: Options) => {
      // What comes in another format than this becomes the text of a golden file here.
      const text = file === '-' ? stdinOf(io) : textOf(resolve(io.cwd(), file))
      await withStore(io, options, async (runtime) => print(io, await runtime.import(text), options), 'make')
    })
}

function textOf(path: string): GoldenText {
  if (existsSync(path)) return createReadStream(path)
  throw new DefinitionError({ code: 'no_file', message: `There is no file at ${path}. Check the path.` })
}

function stdinOf({ stdin }: Io): GoldenText {
  if (stdin) return stdin
  throw new DefinitionError({ code: 'no_file', message: 'There is no stdin to read. Give the path of a file.' })
}

function print(io: Io, imported: Imported, { json }: JsonOption): void {
  if (json) return printJson(io, imported)
  const { runs, parked, present } = imported
  say(io, `${areRuns(runs.length)} imported, and ${areRuns(present.length)} there already.`)
  if (parked.length > 0)
    say(
      io,
      `${count(parked.length, 'run')} had not ended where they come from, and nobody goes on with them here. List them with: reprise runs --status quarantined`,
    )
}

function areRuns(runs: number): string {
  return `${count(runs, 'run')} ${runs === 1 ? 'is' : 'are'}`
}
