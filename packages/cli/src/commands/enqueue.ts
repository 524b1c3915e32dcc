import type { Json } from '@reprise/core'
import { type Command, Option } from 'commander'
import type { Config } from '../config/load-config.ts'
import { definitionNamed } from '../config/named-definition.ts'
import { type ConfigOption, configOption, withConfig } from '../config/with-config.ts'
import { command } from '../line/command.ts'
import { EXIT } from '../line/exit-code.ts'
import { type Io, say } from '../line/io.ts'
import { type JsonOption, jsonOption, printJson, readJson } from '../line/json.ts'
import { LIMIT_ALONE, type QueueingFlags, queueingOf, queueingOptions } from '../line/queueing.ts'
import { sayTime } from '../show/time.ts'

interface Options extends ConfigOption, JsonOption, QueueingFlags {
  readonly input: Json
  readonly context?: Json
  readonly id?: string
}

/** `reprise enqueue`: leaves a run to a worker. */
export function enqueueCommand(io: Io): Command {
  const made = command(io, 'enqueue', 'queue a run of a definition for a worker')
    .argument('<definition>', 'the name of an agent, a team or a workflow of the config')
    .addOption(
      new Option('--input <json>', 'what it is given, as JSON: text for an agent or a team')
        .argParser(readJson)
        .makeOptionMandatory(),
    )
    .addOption(new Option('--context <json>', 'its context, as JSON, where it has one').argParser(readJson))
    .option('--id <run>', 'its id, if not a fresh one: with the same input again, it is the same run')
  for (const option of queueingOptions()) made.addOption(option)
  return made
    .addOption(jsonOption())
    .addOption(configOption())
    .addHelpText(
      'after',
      `
It begins once a worker takes it: reprise work, or runtime.work() in a process of yours.

Examples:
  $ reprise enqueue support --input '"Order 4711 arrived broken"' --id ticket-4711
  $ reprise enqueue nightly --input '{ "shop": "oslo" }' --at 2026-12-24T02:00Z --concurrency-key oslo`,
    )
    .action(async (name: string, options: Options) => {
      if (options.concurrencyLimit !== undefined && options.concurrencyKey === undefined)
        return made.error(`error: ${LIMIT_ALONE}`, { exitCode: EXIT.usage })
      await withConfig(io, options, (config) => enqueue(io, config, name, options))
    })
}

async function enqueue(io: Io, config: Config, name: string, options: Options): Promise<void> {
  const { runtime } = config
  const { input, context, id, json } = options
  const definition = definitionNamed(config, name)
  const queued = await runtime.enqueue(definition, input, {
    ...queueingOf(options),
    ...(id !== undefined && { id }),
    ...(context !== undefined && { context }),
  })
  const { status, wakeAt } = await runtime.runs.get(queued.id)
  if (json) return printJson(io, { runId: queued.id, kind: status })
  if (status !== 'queued') return say(io, `${queued.id} was there before: it is ${status}.`)
  say(io, `${queued.id} is queued for a worker${wakeAt === null ? '' : `, from ${sayTime(wakeAt)} on`}.`)
}
