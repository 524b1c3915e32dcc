import { createWriteStream, existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { DefinitionError, type ExportFilter, type RunStatus } from '@reprise/core'
import { Argument, type Command, Option } from 'commander'
import { configOption } from '../config/with-config.ts'
import { type StoreOption, storeOption, withStore } from '../config/with-store.ts'
import { byHand } from '../line/by.ts'
import { command } from '../line/command.ts'
import { EXIT } from '../line/exit-code.ts'
import { type Io, say } from '../line/io.ts'
import { escaped } from '../line/json.ts'
import { STATUSES } from '../runs/statuses.ts'
import { subjectLines, subjectOf } from './export-subject.ts'
import { count } from '../show/used.ts'

interface Options extends StoreOption {
  readonly all?: true
  readonly status?: RunStatus
  readonly name?: string
  readonly tag?: string
  readonly tenant?: string
  readonly user?: string
  readonly out?: string
  readonly subject?: true
  readonly reveal?: true
  readonly by?: string
}

/**
 * `reprise export`: prints runs as a golden file.
 *
 * @param version of this package, for the file's head.
 */
export function exportCommand(io: Io, { version }: { readonly version: string }): Command {
  const made = command(io, 'export', 'print runs as a golden file: text that stands by itself, replays and is imported')
    .addArgument(new Argument('[runs...]', 'the ids of runs; their children and continuations come with them'))
    .option('--all', 'all runs')
    .addOption(new Option('--status <status>', 'all that stand so').choices(STATUSES))
    .option('--name <name>', 'all of this agent, team or workflow')
    .option('--tag <tag>', 'all that bear this tag')
    .option('--tenant <name>', 'all of this tenant')
    .option('--user <name>', 'all of this person')
    .option(
      '--subject',
      'with --user or --tenant: all that is kept of them as lines of JSON, to be handed out and not imported',
    )
    .option('--reveal', 'with --subject: secrets as they are, and not as tokens')
    .option('--by <name>', 'on whose behalf: the audit keeps who was given what')
    .option('--out <file>', 'write a file instead, where nothing may be yet')
    .addOption(storeOption())
    .addOption(configOption())
    .addHelpText(
      'after',
      `
What is secret stands there as a token, and never as itself. A run whose journal has a secret in the clear, since it was
written before that was known, is not exported.

Examples:
  $ reprise export ticket-4711 > ticket-4711.golden.jsonl
  $ reprise export --name support --tag golden --out test/support.golden.jsonl
  $ reprise export --subject --user ann@example.org --by ana --out ann.jsonl`,
    )
  return made.action(async (ids: readonly string[], options: Options) => {
    const filter = filterOf(options)
    if (ids.length > 0 === (options.all === true || Object.keys(filter).length > 0))
      return made.error(
        'error: name runs, or say which by --all, --status, --name, --tag, --tenant or --user, and not both',
        {
          exitCode: EXIT.usage,
        },
      )
    const subject = options.subject && subjectOf(options)
    if (options.subject && (!subject || Object.keys(filter).some((name) => name !== 'user' && name !== 'tenant')))
      return made.error('error: --subject goes with --user, --tenant or both, and with nothing else that names runs', {
        exitCode: EXIT.usage,
      })
    if (options.reveal && !subject) return made.error('error: --reveal goes with --subject', { exitCode: EXIT.usage })
    await withStore(io, options, async (runtime) => {
      const lines = subject
        ? subjectLines(runtime, subject, options)
        : runtime.export(ids.length > 0 ? ids : filter, { by: `reprise ${version}`, reader: byHand(options.by) })
      if (options.out === undefined) for await (const line of lines) io.stdout.write(`${escaped(line.trimEnd())}\n`)
      else await toFile(io, lines, options.out)
    })
  })
}

function filterOf({ status, name, tag, tenant, user }: Options): ExportFilter {
  return {
    ...(status && { status }),
    ...(name !== undefined && { name }),
    ...(tag !== undefined && { tag }),
    ...(tenant !== undefined && { tenant }),
    ...(user !== undefined && { user }),
  }
}

/** No half of a file stays where something goes wrong. */
async function toFile(io: Io, lines: AsyncIterable<string>, out: string): Promise<void> {
  const path = resolve(io.cwd(), out)
  // The stream refuses it too, should somebody make it just then.
  if (existsSync(path)) throw isThere(path)
  let runs = 0
  const counted = async function* (): AsyncGenerator<string, void, undefined> {
    for await (const line of lines) {
      if (line.startsWith('{"run":') || line.startsWith('{"kind":"run"')) runs += 1
      yield line
    }
  }
  try {
    await pipeline(counted, createWriteStream(path, { flags: 'wx' }))
  } catch (error) {
    if (!isTaken(error)) await rm(path, { force: true })
    throw isTaken(error) ? isThere(path) : error
  }
  say(io, `${count(runs, 'run')} ${runs === 1 ? 'is' : 'are'} exported to ${path}.`)
}

function isTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EEXIST'
}

function isThere(path: string): DefinitionError {
  const message = `There is something at ${path} already, and it was left as it is. Move it away, or name another file.`
  return new DefinitionError({ code: 'file_exists', message })
}
