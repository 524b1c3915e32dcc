import { DefinitionError, type Json, RepriseError, type Signal } from '@reprise/core'
import { type Command, Option } from 'commander'
import type { Config } from '../config/load-config.ts'
import { definitionNamed } from '../config/named-definition.ts'
import { type ConfigOption, configOption, withConfig } from '../config/with-config.ts'
import { command, runArgument } from '../line/command.ts'
import { EXIT } from '../line/exit-code.ts'
import { type Io, say } from '../line/io.ts'
import { type JsonOption, jsonOption, printJson, readJson } from '../line/json.ts'
import { LIMIT_ALONE, type QueueingFlags, queueingOf, queueingOptions, saysQueueing } from '../line/queueing.ts'
import { bringOn } from '../runs/bring-on.ts'

interface Options extends ConfigOption, JsonOption, QueueingFlags {
  readonly early?: true
  readonly create?: string
  readonly input?: Json
}

/** `reprise send`: sends a signal to a workflow run. */
export function sendCommand(io: Io): Command {
  const made = command(io, 'send', 'send a signal to a workflow run')
    .addArgument(runArgument())
    .argument('<signal>', 'the name of a signal that the config exports')
    .argument('<payload>', 'what is sent, as JSON', readJson)
    .addOption(new Option('--early', 'where there is no such run, keep the signal until it begins').conflicts('create'))
    .option('--create <workflow>', 'where there is no such run, queue one of this workflow with the signal')
    .addOption(new Option('--input <json>', 'what that is given, as JSON').argParser(readJson))
  for (const option of queueingOptions()) made.addOption(option)
  return made
    .addOption(jsonOption('print the outcome as JSON'))
    .addOption(configOption())
    .addHelpText(
      'after',
      `
A run that waits goes on at once, in this process. One that somebody drives, or that is queued, gets the signal there.
What says how a run is queued goes with --create: a run that is there stays as it is.

Examples:
  $ reprise send nightly-22 review '{ "approved": true }'
  $ reprise send customer-7 said '"Where is my order?"' --create customer --input '"7"'`,
    )
    .action(async (runId: string, name: string, payload: Json, options: Options) => {
      const wrong = wrongIn(made, options)
      if (wrong !== undefined) return made.error(`error: ${wrong}`, { exitCode: EXIT.usage })
      await withConfig(io, options, (config) => send(io, config, runId, signalOf(config, name), payload, options))
    })
}

/** What is wrong with how its options go together. */
function wrongIn(made: Command, { create, input, concurrencyKey, concurrencyLimit }: Options): string | undefined {
  if (create !== undefined && input === undefined) return '--create needs what the run is given: --input <json>'
  if (create === undefined && (input !== undefined || saysQueueing(made)))
    return '--input, and what says how a run is queued, go with --create <workflow>'
  if (concurrencyLimit !== undefined && concurrencyKey === undefined) return LIMIT_ALONE
  return undefined
}

async function send(
  io: Io,
  config: Config,
  first: string,
  signal: Signal,
  payload: Json,
  options: Options,
): Promise<void> {
  const { runtime } = config
  const absent = absentIn(config, options)
  if (absent && !(await isThere(runtime, first))) {
    await runtime.send(first, signal, payload, absent)
    if (options.json) return printJson(io, { runId: first, kind: 'early' in absent ? 'early' : 'queued' })
    if ('early' in absent) return say(io, `The signal ${signal.name} waits for ${first}, which is not there yet.`)
    return say(io, `${first} is queued for a worker, with the signal ${signal.name}.`)
  }
  const runId = await runtime.runs.newest(first)
  const { status } = await runtime.runs.get(runId)
  const given = absent && 'create' in absent ? absent : {}
  if (status === 'waiting') {
    return bringOn(io, runtime, runId, options, async () => {
      await runtime.send(runId, signal, payload, given)
      return runtime.resume(runId)
    })
  }
  await runtime.send(runId, signal, payload, given)
  if (options.json) printJson(io, { runId, kind: status })
  else say(io, `The signal ${signal.name} is kept for ${runId}, which is ${status}.`)
}

/** What is done where there is no such run. */
function absentIn(config: Config, options: Options) {
  const { create, early, input = null } = options
  if (early) return { early }
  if (create === undefined) return undefined
  return { create: { ...queueingOf(options), workflow: definitionNamed(config, create, 'workflow'), input } }
}

async function isThere({ runs }: Config['runtime'], runId: string): Promise<boolean> {
  try {
    await runs.get(runId)
    return true
  } catch (error) {
    if (RepriseError.is(error) && error.code === 'unknown_run') return false
    throw error
  }
}

function signalOf({ path, signals }: Config, name: string): Signal {
  const signal = signals.get(name)
  if (signal) return signal
  const known = [...signals.keys()].join(', ') || 'none'
  throw new DefinitionError({
    code: 'unknown_signal',
    message: `The config at ${path} exports no signal "${name}", and a payload is checked by its signal. It exports: ${known}. Export the signal from it.`,
  })
}
