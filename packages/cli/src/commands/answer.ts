import type { Json } from '@reprise/core'
import { type Command, InvalidArgumentError } from 'commander'
import { type ConfigOption, configOption, withConfig } from '../config/with-config.ts'
import { byHand } from '../line/by.ts'
import { command, examples } from '../line/command.ts'
import type { Io } from '../line/io.ts'
import { type JsonOption, jsonOption, readJson } from '../line/json.ts'
import { bringOn } from '../runs/bring-on.ts'

interface Options extends ConfigOption, JsonOption {
  readonly by: string
}

/** `reprise answer`: answers a call that somebody is to answer. */
export function answerCommand(io: Io): Command {
  return command(io, 'answer', 'answer a call that somebody is to answer, and bring the run as far as it goes')
    .argument('<id>', 'the id of the ask, as `reprise approvals` tells it', readId)
    .argument('<value>', 'the answer, as JSON', readJson)
    .requiredOption('--by <name>', 'who answers, for the journal')
    .addOption(jsonOption('print the outcome as JSON'))
    .addOption(configOption())
    .addHelpText('after', examples(`reprise answer ticket-4711/agent:0/turn:1/call:0 '{"answer":"Blue."}' --by ana`))
    .action(async (id: string, value: Json, options: Options) => {
      const { by } = options
      await withConfig(io, options, ({ runtime }) =>
        bringOn(io, runtime, runOf(id), options, () => runtime.answer(id, value, { by: byHand(by) })),
      )
    })
}

/** The run, and the key of the call in it: the last three parts. */
const ID = /^(.+)\/agent:\d+\/turn:\d+\/call:\d+(?:#\d+)?$/

function readId(text: string): string {
  if (ID.test(text)) return text
  throw new InvalidArgumentError('It must be the id of an ask: RUN/agent:0/turn:0/call:0.')
}

function runOf(id: string): string {
  return ID.exec(id)?.[1] ?? id
}
