import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { DefinitionError, type ForkEdit, type Json, messageOf, type RunRow } from '@reprise/core'
import { type Command, Option } from 'commander'
import { type ConfigOption, configOption, withConfig } from '../config/with-config.ts'
import { command, runArgument, wholeNumber } from '../line/command.ts'
import { EXIT } from '../line/exit-code.ts'
import { inFile } from '../line/files.ts'
import type { Io } from '../line/io.ts'
import { type JsonOption, jsonOption, readJson } from '../line/json.ts'
import { bringOn } from '../runs/bring-on.ts'

interface Options extends ConfigOption, JsonOption {
  readonly at: number
  readonly id?: string
  readonly live?: true
  readonly editInput?: string
  readonly editResult?: Json
  readonly editInstructions?: string
  readonly model?: string
  readonly agent?: string
}

/** `reprise fork`: goes on from the first entries of a run in a new one. */
export function forkCommand(io: Io): Command {
  const fork = command(io, 'fork', "go on from the first entries of a run in a new run, under today's code and text")
    .addArgument(runArgument())
    .addOption(
      new Option('--at <number>', 'how many entries to begin with, as `reprise show` counts them')
        .argParser(wholeNumber(1))
        .makeOptionMandatory(),
    )
    .option('--id <id>', 'the id of the new run')
    .option('--live', 'let tools act on the world; without it, only tools that read run')
    .option('--edit-input <text>', 'begin with this input instead, at 1; of a workflow it is JSON')
    .addOption(
      new Option('--edit-result <json>', 'let the last entry that is taken over have given this instead').argParser(
        readJson,
      ),
    )
    .option('--edit-instructions <text>', 'go on under these instructions; @FILE takes them from a file')
    .option('--model <name>', 'go on with this model')
    .option('--agent <name>', 'whose instructions or model are edited, if not those of the agent that holds the run')
    .addOption(jsonOption('print the outcome as JSON'))
    .addOption(configOption())
    .addHelpText(
      'after',
      `
The run itself stays as it is. A fork that comes to more than reading ends there, and tells how to go on.
What is edited is otherwise in the fork alone: a result is that of the last entry that it takes over, and instructions
and a model are kept to whenever the fork is taken up again, whatever the config says by then.

Examples:
  $ reprise fork ticket-4711 --at 6 --id ticket-4711-again
  $ reprise fork ticket-4711 --at 1 --edit-input 'Order 4712 arrived broken'
  $ reprise fork ticket-4711 --at 3 --edit-result '{"orderId": "4711", "status": "lost"}'
  $ reprise fork ticket-4711 --at 3 --edit-instructions @prompts/support.md
  $ reprise fork ticket-4711 --at 3 --model gpt-6-luna --id ticket-4711-luna
  $ reprise diff ticket-4711 ticket-4711-luna`,
    )
  return fork.action(async (runId: string, { at, id = randomUUID(), live, ...options }: Options) => {
    const { agent, editInstructions, model } = options
    if (agent !== undefined && editInstructions === undefined && model === undefined)
      return fork.error('error: --agent says whose --edit-instructions or --model are edited: give one of them', {
        exitCode: EXIT.usage,
      })
    await withConfig(io, options, async ({ runtime }) => {
      const edit = editsOf(io, options, await runtime.runs.get(runId))
      const forked = { at, id, edit, ...(live && { effects: 'live' as const }) }
      await bringOn(io, runtime, id, options, () => runtime.fork(runId, forked), at)
    })
  })
}

function editsOf(
  io: Io,
  { editInput, editResult, editInstructions, model, agent }: Omit<Options, 'at'>,
  { kind }: RunRow,
): ForkEdit[] {
  const of = agent === undefined ? {} : { agent }
  return [
    ...(editInput === undefined
      ? []
      : [{ kind: 'input' as const, input: kind === 'workflow' ? inputOf(editInput) : editInput }]),
    ...(editResult === undefined ? [] : [{ kind: 'result' as const, result: editResult }]),
    ...(editInstructions === undefined
      ? []
      : [{ kind: 'instructions' as const, instructions: textOf(io, editInstructions), ...of }]),
    ...(model === undefined ? [] : [{ kind: 'model' as const, model, ...of }]),
  ]
}

/** What a workflow is started with. Whether a run is a workflow's is known once its row was read. */
function inputOf(text: string): Json {
  try {
    return readJson(text)
  } catch (error) {
    throw new DefinitionError({ code: 'bad_input', message: `--edit-input of a workflow: ${messageOf(error)}` })
  }
}

/** A text, or that of the file which it names after an @. */
function textOf(io: Io, given: string): string {
  return given.startsWith('@') ? readFileSync(inFile(io, given.slice(1)), 'utf8') : given
}
