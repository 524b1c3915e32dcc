import { existsSync } from 'node:fs'
import { DefinitionError } from '@reprise/core'
import { examine, giveUpMove, move, type Moved } from '@reprise/store'
import type { Command } from 'commander'
import { encryptionOf, fileAt, type NamedStore, namedStore, openNamed, placeOf } from '../config/named-store.ts'
import { byHand } from '../line/by.ts'
import { command, examples } from '../line/command.ts'
import { EXIT } from '../line/exit-code.ts'
import { type Io, say } from '../line/io.ts'
import { type JsonOption, jsonOption, printJson } from '../line/json.ts'
import { count } from '../show/used.ts'

interface Options extends JsonOption {
  readonly from: string
  readonly to?: string
  readonly keys?: string
  readonly by?: string
  readonly giveUp?: true
}

/** `reprise move`: moves a store in a file to another store. */
export function moveCommand(io: Io): Command {
  const made = command(io, 'move', 'move all that a SQLite store holds to another store, such as one on Postgres')
  return made
    .requiredOption('--from <file>', 'the store that is moved: nobody may work on it')
    .option('--to <store>', 'postgres://HOST/DATABASE?schema=NAME, or another file: a store that has nothing yet')
    .option('--keys <url>', 'the database for the keys of an encrypted store on Postgres (env: REPRISE_KEYS)')
    .option('--by <name>', 'who moves it, for the audit')
    .option('--give-up', 'open the file again whose move was cut short')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
From the beginning on nobody writes to the file any more. What was cut short is begun again, and goes on: nothing is lost,
and nothing doubled. REPRISE_KEY is the key of the new store, and of the file unless REPRISE_FROM_KEY is.
${examples(
  'reprise move --from runs.db --to postgres://desk@127.0.0.1/desk?schema=reprise',
  'reprise move --from runs.db --give-up',
)}`,
    )
    .action(async (options: Options) => {
      const path = fileAt(io, options.from, BY_THE_DATABASE)
      if (options.giveUp) {
        await giveUpMove(path)
        if (options.json) return printJson(io, { path, givenUp: true })
        return say(io, `${path} may be worked again. Delete the other store: what it has of this one goes on nowhere.`)
      }
      if (options.to === undefined)
        return made.error('error: Where is it to be moved? Give --to.', { exitCode: EXIT.usage })
      if (!existsSync(path))
        throw new DefinitionError({ code: 'no_store', message: `There is no store at ${path}. Check the path.` })
      const named = namedStore(io, options.to)
      const name = placeOf(named)
      if (name === path)
        throw new DefinitionError({
          code: 'move_elsewhere',
          message: `${path} is where it is. Give --to another place.`,
        })
      const from = await keyOf(io, path)
      const to = await openNamed(io, options.to, 'make', options.keys)
      try {
        const moved = await move(path, to, { name, by: byHand(options.by), ...from })
        if (options.json) printJson(io, { path, to: name, ...moved })
        else print(io, moved, { path, name, named, isEncrypted: to.secrets !== undefined })
      } catch (thrown) {
        const { moved } = await examine(path, { patienceMs: 0 })
        if (moved?.done === false) io.stderr.write(CUT_SHORT)
        throw thrown
      } finally {
        await to.close()
      }
    })
}

/** The key of the file: that of the new store where it has no other, and none where it is not encrypted. */
async function keyOf(io: Io, path: string): Promise<ReturnType<typeof encryptionOf>> {
  if (io.env['REPRISE_FROM_KEY'] !== undefined) return encryptionOf(io, 'REPRISE_FROM_KEY')
  const { keys } = await examine(path, { patienceMs: 0 })
  return keys?.encrypted ? encryptionOf(io) : {}
}

interface Place {
  readonly path: string
  readonly name: string
  readonly named: NamedStore
  readonly isEncrypted: boolean
}

function print(io: Io, moved: Moved, { path, name, named, isEncrypted }: Place): void {
  const { runs, open, interrupted, messages, early, schedules, facts, notes, erased } = moved
  say(io, `${path} is moved to ${name}:`)
  say(io, `  ${count(runs, 'run')}, ${open} of which had not ended`)
  say(io, `  ${count(messages, 'message')}, and ${early} for runs that have not begun`)
  say(io, `  ${count(schedules, 'schedule')}`)
  say(io, `  ${count(facts, 'fact')}`)
  say(io, `  ${count(notes, 'note')} of the audit, and the word of ${count(erased, 'erasure')}`)
  if (interrupted > 0)
    say(
      io,
      `${count(interrupted, 'run')} had lost the process that drove ${interrupted === 1 ? 'it' : 'them'}: a call with the effect "once" that was under way is in doubt once they go on, as after any crash, and waits for you: reprise runs --status waiting`,
    )
  const encryption = isEncrypted ? 'encryption: { key }' : ''
  const schema = named.kind === 'postgres' && named.schema !== undefined ? `schema: '${named.schema}'` : ''
  const given = [schema, encryption].filter((part) => part !== '').join(', ')
  const place = named.kind === 'file' ? `sqlite('${named.path}'` : 'postgres(url'
  say(io, `Say so in your config: store: ${place}${given === '' ? '' : `, { ${given} }`})`)
  say(
    io,
    `The file takes nothing any more, and what is erased from now on is not erased there: once you have looked at the new store, delete ${path}, and what stands beside it.`,
  )
}

const CUT_SHORT =
  'The move was cut short. Mend what follows and give the same command again, and it goes on; or give it up: reprise move --give-up\n'

const BY_THE_DATABASE =
  'reprise move takes a file. A journal on Postgres is moved with its database: by pg_dump, or by its replication.'
