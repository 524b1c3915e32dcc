import type { Command } from 'commander'
import { configOption } from '../config/with-config.ts'
import { type StoreOption, storeOption, withStore } from '../config/with-store.ts'
import { byHand } from '../line/by.ts'
import { command, examples, runArgument } from '../line/command.ts'
import { exitWith } from '../line/exit-code.ts'
import { type Io, say } from '../line/io.ts'
import { type JsonOption, jsonOption, printJson } from '../line/json.ts'

interface Options extends StoreOption, JsonOption {
  readonly by?: string
}

/** `reprise cancel`: ends a run for good. */
export function cancelCommand(io: Io): Command {
  return command(io, 'cancel', 'end a run for good, whoever drives it')
    .addArgument(runArgument())
    .argument('[reason]', 'why, for the journal')
    .option('--by <name>', 'who wants it, for the audit')
    .addOption(jsonOption())
    .addOption(storeOption())
    .addOption(configOption())
    .addHelpText('after', examples("reprise cancel ticket-4711 'The customer has called.'"))
    .action(async (first: string, reason: string | undefined, options: Options) => {
      await withStore(io, options, async (runtime) => {
        const runId = await runtime.runs.newest(first)
        const before = await runtime.runs.get(runId)
        await runtime.cancel(runId, reason, { by: byHand(options.by) })
        const { status } = await runtime.runs.get(runId)
        // Another process drives it, and reads its mail.
        const asked = before.endedAt === null && status !== 'cancelled'
        if (options.json) printJson(io, { runId, status, asked })
        else if (asked) say(io, `${runId} is asked to end: another process drives it.`)
        else if (status === 'cancelled') say(io, `${runId} is cancelled.`)
        else say(io, `${runId} had ended before: it is ${status}.`)
        if (!asked && status !== 'cancelled') exitWith(io, 'failed')
      })
    })
}
