import type { ReplayFilter, RunFilter, Runtime } from '@reprise/core'
import { Argument, type Command, Option } from 'commander'
import type { Config } from '../config/load-config.ts'
import { type ConfigOption, configOption, withConfig } from '../config/with-config.ts'
import { JunitFile } from '../gate/junit.ts'
import { Progress } from '../gate/progress.ts'
import { sarifOf } from '../gate/sarif.ts'
import { type Broken, MOST_NAMED, saySummary } from '../gate/say-summary.ts'
import { findingOf, shutsGate } from '../gate/verdict.ts'
import { command, wholeNumber } from '../line/command.ts'
import { EXIT, exitWith } from '../line/exit-code.ts'
import { outFile, writeOut } from '../line/files.ts'
import { type Io, say } from '../line/io.ts'
import { type JsonOption, jsonOption, printJson, printJsonLine } from '../line/json.ts'
import { sinceOption } from '../line/since.ts'
import { sayDifferences, sayReplay } from '../show/replay.ts'
import { STATUSES } from '../runs/statuses.ts'

interface AllOptions extends ConfigOption, JsonOption, Pick<RunFilter, 'status' | 'name' | 'tag'> {
  readonly since?: number
  readonly inFlight?: true
  readonly strict?: true
  readonly junit?: string
  readonly sarif?: string
  readonly threads?: number
}

interface Options extends AllOptions {
  readonly all?: true
}

/** The options that are for many runs alone. */
const OF_ALL = ['status', 'name', 'tag', 'since', 'inFlight', 'strict', 'junit', 'sarif', 'threads'] as const

const AFTER = `
No model is asked, no tool and no step is run, nothing is written.

A run alone: the exit code is 1 when it diverges or cannot be replayed. Texts that have changed are shown; they make no
divergence.

With --all it is a gate before a deploy, which asks two questions. Would today's code break a run in flight? That is what
a resume would do with it: the exit code is 1 when one would not go on, or a run cannot be read. Would today's code answer
otherwise? That is told, and leaves the exit code 0: it breaks nobody. With --strict it is 1 there too.
Runs in flight are looked at however old they are: --since leaves out those alone that have ended.

Examples:
  $ reprise replay ticket-4711
  $ reprise replay --all --since 7d --junit replay.xml --sarif replay.sarif
  $ reprise replay --all --in-flight
  $ reprise replay --all --strict --name support`

/**
 * `reprise replay`: takes runs up again under today's code, offline.
 *
 * @param version of this package, which a file of SARIF names.
 */
export function replayCommand(io: Io, version: string): Command {
  const replay = command(
    io,
    'replay',
    "take a run up again under today's code, offline, and tell where it goes another way",
  )
    .addArgument(new Argument('[run]', 'the id of a run'))
    .option('--all', 'all runs: would the code break one that has not ended, and would it answer otherwise?')
    .addOption(sinceOption())
    .addOption(new Option('--status <status>', 'only those that stand so').choices(STATUSES))
    .option('--name <name>', 'only those of this agent, team or workflow')
    .option('--tag <tag>', 'only those that bear this tag')
    .addOption(new Option('--in-flight', 'only those that have not ended').conflicts('since'))
    .option('--strict', 'exit with 1 also where a run would only answer otherwise')
    .option('--junit <file>', "write what came of each run as JUnit's XML")
    .option('--sarif <file>', 'write the likely causes as SARIF 2.1.0, for code scanning')
    .addOption(
      new Option('--threads <count>', 'threads that load the config each; 0 for none').argParser(wholeNumber(0, 64)),
    )
    .addOption(jsonOption('print JSON; with --all, a run a line and a summary at last'))
    .addOption(configOption())
    .addHelpText('after', AFTER)
  return replay.action(async (runId: string | undefined, options: Options) => {
    if ((runId === undefined) !== (options.all === true))
      return replay.error('error: name one run, or say --all', { exitCode: EXIT.usage })
    const stray = OF_ALL.find((name) => options[name] !== undefined)
    if (runId !== undefined && stray !== undefined)
      return replay.error(`error: --${stray === 'inFlight' ? 'in-flight' : stray} goes with --all`, {
        exitCode: EXIT.usage,
      })
    await withConfig(io, options, (config) =>
      runId === undefined
        ? replayAll(io, config, { ...options, version })
        : replayOne(io, config.runtime, runId, options),
    )
  })
}

async function replayOne(io: Io, runtime: Runtime, runId: string, { json }: JsonOption): Promise<void> {
  const replay = await runtime.replay(runId)
  if (json) printJson(io, replay)
  else say(io, [...sayReplay(replay), ...sayDifferences(replay.differences)].join('\n'))
  if (replay.status === 'diverged') exitWith(io, 'failed')
}

async function replayAll(
  io: Io,
  { runtime, path }: Config,
  options: AllOptions & { readonly version: string },
): Promise<void> {
  const { json, strict = false, threads } = options
  const files = [options.junit, options.sarif].map((file) => (file === undefined ? undefined : outFile(io, file)))
  const [junitFile, sarifFile] = files
  const junit = junitFile === undefined ? undefined : new JunitFile(strict)
  const progress = new Progress(io)
  const broken: Broken[] = []
  let isShut = false
  const replays = runtime.replay(filterOf(options), { module: path, ...(threads !== undefined && { threads }) })
  for await (const replay of replays) {
    const { verdict } = findingOf(replay)
    isShut ||= shutsGate(verdict, strict)
    if (replay.broken && broken.length < MOST_NAMED) broken.push({ runId: replay.runId, problem: replay.broken })
    junit?.add(replay)
    if (json) printJsonLine(io, replay)
    progress.tell(verdict === 'breaks')
  }
  progress.end()
  const summary = await replays.summary()
  if (junit && junitFile !== undefined) await writeOut(junitFile, junit.text)
  if (sarifFile !== undefined) {
    const sarif = sarifOf({ summary, config: path, version: options.version, strict })
    await writeOut(sarifFile, `${JSON.stringify(sarif, undefined, 2)}\n`)
  }
  if (json) printJsonLine(io, { summary })
  else say(io, saySummary(summary, broken).join('\n'))
  if (isShut) exitWith(io, 'failed')
}

function filterOf({ status, name, tag, since, inFlight }: AllOptions): ReplayFilter {
  return {
    ...(status && { status }),
    ...(name !== undefined && { name }),
    ...(tag !== undefined && { tag }),
    ...(since !== undefined && { createdFrom: since, inFlight: 'always' }),
    ...(inFlight && { inFlight: 'only' }),
  }
}
