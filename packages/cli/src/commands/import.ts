import { createReadStream } from 'node:fs'
import { parse } from 'node:path'
import { DefinitionError, type GoldenText, type Imported, type Runtime } from '@reprise/core'
import { Argument, type Command, Option } from 'commander'
import { configOption } from '../config/with-config.ts'
import { type StoreOption, storeOption, withStore } from '../config/with-store.ts'
import { byHand } from '../line/by.ts'
import { command } from '../line/command.ts'
import { EXIT, exitWith } from '../line/exit-code.ts'
import { inFile } from '../line/files.ts'
import { type Io, say } from '../line/io.ts'
import { type JsonOption, jsonOption, printJson } from '../line/json.ts'
import { type Recorded, recordedAs, type RecordedOptions, sayNotTaken } from '../runs/recorded.ts'
import { count } from '../show/used.ts'

interface Options extends StoreOption, JsonOption, Partial<RecordedOptions> {}

const FORMATS = ['agents-trace', 'chat-jsonl', 'langsmith', 'otel-genai']

/** `reprise import`: writes the runs of a golden file that a store does not have. */
export function importCommand(io: Io, { version }: { readonly version: string }): Command {
  const made = command(io, 'import', 'write the runs of a golden file, or recorded elsewhere, into the store')
  return made
    .addArgument(new Argument('<file>', 'what `reprise export` wrote, or what --from says; - for stdin'))
    .addOption(new Option('--from <format>', 'the file was recorded elsewhere, in this format').choices(FORMATS))
    .option('--name <definition>', 'with --from: whose runs they are to be, if not those of the recorded agent')
    .option('--once <tools...>', 'with --from: the tools whose effect is once there')
    .option('--tag <tags...>', 'with --from: tags of the runs')
    .addOption(jsonOption())
    .addOption(storeOption())
    .addOption(configOption())
    .addHelpText(
      'after',
      `
A run that is there already with the same entries is left as it is; another run of its id is refused. One that had not
ended is in quarantine afterwards: nobody goes on with it here. A store that --store names is made where there is none.

With --from, each conversation of the file becomes a run, up to the second turn of its user; what is not taken is named.
The exit code is 1 where the file has no conversation:
  agents-trace  traces of the OpenAI Agents SDK, a line for each trace and span, with span.spanData
  chat-jsonl    { messages, tools } as for fine-tuning, or { request, response } of Chat Completions or Responses
  langsmith     runs as its client lists them, a line each
  otel-genai    OTLP in JSON, with messages captured: spans, and logs where these have the messages

Examples:
  $ reprise import ticket-4711.golden.jsonl
  $ reprise import runs.jsonl --from langsmith --name support --once refund_order --tag old
  $ ssh desk reprise export --tag golden | reprise import - --store golden.db`,
    )
    .action(async (file: string, options: Options) => {
      const text = file === '-' ? stdinOf(io) : createReadStream(inFile(io, file))
      const { from, name, once, tag } = options
      if (from === undefined && (name ?? once ?? tag) !== undefined)
        return made.error('error: --name, --once and --tag go with --from.', { exitCode: EXIT.usage })
      const named = { ...options, file: file === '-' ? 'stdin' : parse(file).name, by: `reprise ${version}` }
      const recorded = from === undefined ? undefined : await recordedAs(text, { ...named, from })
      const golden = recorded?.text ?? text
      const work = async (runtime: Runtime): Promise<void> =>
        print(io, await runtime.import(golden, { by: byHand() }), options, recorded)
      await withStore(io, options, work, 'make')
    })
}

function stdinOf({ stdin }: Io): GoldenText {
  if (stdin) return stdin
  throw new DefinitionError({ code: 'no_file', message: 'There is no stdin to read. Give the path of a file.' })
}

function print(io: Io, imported: Imported, { json }: JsonOption, recorded: Recorded | undefined): void {
  const { notTaken, passed } = recorded?.report() ?? {}
  const isNothing = recorded !== undefined && imported.runs.length + imported.present.length === 0
  if (isNothing) exitWith(io, 'failed')
  if (json) return printJson(io, { ...imported, ...(recorded && { notTaken, passed }) })
  const { runs, parked, present } = imported
  say(io, `${areRuns(runs.length)} imported, and ${areRuns(present.length)} there already.`)
  if (parked.length > 0)
    say(
      io,
      `${count(parked.length, 'run')} had not ended where they come from, and nobody goes on with them here. List them with: reprise runs --status quarantined`,
    )
  for (const line of sayNotTaken(notTaken ?? [])) say(io, line)
  if (isNothing) say(io, 'No conversation was found in the file. Check that it is what --from says.')
}

function areRuns(runs: number): string {
  return `${count(runs, 'run')} ${runs === 1 ? 'is' : 'are'}`
}
