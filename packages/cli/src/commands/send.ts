import { DefinitionError, type Json, RepriseError, type Signal } from '@reprise/core'
import type { Command } from 'commander'
import type { Config } from '../config/load-config.ts'
import { type ConfigOption, configOption, withConfig } from '../config/with-config.ts'
import { command, runArgument } from '../line/command.ts'
import { type Io, say } from '../line/io.ts'
import { type JsonOption, jsonOption, printJson, readJson } from '../line/json.ts'
import { bringOn } from '../runs/bring-on.ts'

interface Options extends ConfigOption, JsonOption {
  readonly early?: true
}

/** `reprise send`: sends a signal to a workflow run. */
export function sendCommand(io: Io): Command {
  return command(io, 'send', 'send a signal to a workflow run')
    .addArgument(runArgument())
    .argument('<signal>', 'the name of a signal that the config exports')
    .argument('<payload>', 'what is sent, as JSON', readJson)
    .option('--early', 'where there is no such run, keep the signal until it begins')
    .addOption(jsonOption('print the outcome as JSON'))
    .addOption(configOption())
    .addHelpText(
      'after',
      `
A run that waits goes on at once, in this process. One that somebody drives, or that is queued, gets the signal there.

Example:
  $ reprise send nightly-22 review '{ "approved": true }'`,
    )
    .action(async (runId: string, name: string, payload: Json, options: Options) => {
      await withConfig(io, options, (config) => send(io, config, runId, signalOf(config, name), payload, options))
    })
}

async function send(
  io: Io,
  { runtime }: Config,
  first: string,
  signal: Signal,
  payload: Json,
  options: Options,
): Promise<void> {
  if (options.early && !(await isThere(runtime, first))) {
    await runtime.send(first, signal, payload, { early: true })
    if (options.json) return printJson(io, { runId: first, kind: 'early' })
    return say(io, `The signal ${signal.name} waits for ${first}, which is not there yet.`)
  }
  const runId = await runtime.runs.newest(first)
  const { status } = await runtime.runs.get(runId)
  if (status === 'waiting') {
    return bringOn(io, runtime, runId, options, async () => {
      await runtime.send(runId, signal, payload)
      return runtime.resume(runId)
    })
  }
  await runtime.send(runId, signal, payload)
  if (options.json) printJson(io, { runId, kind: status })
  else say(io, `The signal ${signal.name} is kept for ${runId}, which is ${status}.`)
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
