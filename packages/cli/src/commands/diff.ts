import { Argument, type Command } from 'commander'
import { configOption } from '../config/with-config.ts'
import { type StoreOption, storeOption, withStore } from '../config/with-store.ts'
import { command } from '../line/command.ts'
import { exitWith } from '../line/exit-code.ts'
import { type Io, say } from '../line/io.ts'
import { type JsonOption, jsonOption, printJson } from '../line/json.ts'
import { sayDiff } from '../show/diff.ts'

interface Options extends StoreOption, JsonOption {
  readonly exitCode?: true
}

/** `reprise diff`: compares two runs, step by step. */
export function diffCommand(io: Io): Command {
  return command(io, 'diff', 'compare two runs, step by step')
    .addArgument(new Argument('<run>', 'the id of a run'))
    .addArgument(new Argument('<other>', 'the id of the run that it is compared with'))
    .option('--exit-code', 'exit with 1 where they differ, as `git diff --exit-code` does')
    .addOption(jsonOption())
    .addOption(storeOption())
    .addOption(configOption())
    .addHelpText(
      'after',
      `
A call is the same step where it calls the same tool with equal arguments, in whatever order their keys, and the calls of
one reply, come; a step of a workflow is known by its key. Times, ids, attempts, tokens and prices are not compared.
Lines with - are of the first run alone, those with + of the second, and ~ is a step in which something is another.

Examples:
  $ reprise diff ticket-4711 ticket-4711-again
  $ reprise diff ticket-4711 ticket-4711-again --exit-code && echo "nothing has changed"`,
    )
    .action(async (runId: string, other: string, { exitCode, ...options }: Options) => {
      await withStore(io, options, async (runtime) => {
        const diff = await runtime.diff(runId, other)
        if (options.json) printJson(io, diff)
        else say(io, sayDiff(diff).join('\n'))
        if (exitCode && !diff.same) exitWith(io, 'failed')
      })
    })
}
