import { setTimeout as sleep } from 'node:timers/promises'
import type { Entry, Runtime } from '@reprise/core'
import type { Command } from 'commander'
import { configOption } from '../config/with-config.ts'
import { type StoreOption, storeOption, withStore } from '../config/with-store.ts'
import { command, runArgument } from '../line/command.ts'
import { exitWith } from '../line/exit-code.ts'
import { interruption } from '../line/interrupt.ts'
import { drawsOn, type Io, say } from '../line/io.ts'
import { type JsonOption, jsonOption, printJsonLine } from '../line/json.ts'
import { Timeline } from '../show/timeline.ts'
import { JournalTail } from '../watch/journal-tail.ts'

/** How often the store is looked at. */
const LOOK_MS = 250

interface Options extends StoreOption, JsonOption {
  readonly lines?: true
}

/** `reprise watch`: what a run is at, whoever drives it, and the runs below it and those that it goes on as. */
export function watchCommand(io: Io): Command {
  return command(io, 'watch', 'show what happens in a run as it happens, until the run ends')
    .addArgument(runArgument())
    .option('--lines', 'an entry a line, also on a terminal')
    .addOption(jsonOption('print JSON, an entry a line'))
    .addOption(storeOption())
    .addOption(configOption())
    .addHelpText(
      'after',
      `
On a terminal it is a tree of the run, its turns, calls and steps, and of the runs below it, with what they use. Where
the output goes elsewhere, or the terminal wants no colours, it is an entry a line.
The exit code is 1 unless the run completes. ^C stops the watching alone; the run goes on.

Examples:
  $ reprise watch ticket-4711
  $ reprise watch ticket-4711 --json | jq .kind`,
    )
    .action(async (runId: string, options: Options) => {
      await withStore(io, options, async (runtime) => {
        const interrupted = interruption(io)
        const last =
          drawsOn(io) && !options.json && !options.lines
            ? await (await import('../watch/draw.ts')).drawUntilEnd(io, runtime, runId, interrupted)
            : await tellUntilEnd(io, runtime, runId, options, interrupted)
        if (interrupted.aborted) return exitWith(io, 'interrupted')
        if ((await runtime.runs.get(last)).status !== 'completed') exitWith(io, 'failed')
      })
    })
}

/** Prints entries as they come, and gives the id of the run that the run has gone on as. */
async function tellUntilEnd(
  io: Io,
  runtime: Runtime,
  runId: string,
  { json }: JsonOption,
  interrupted: AbortSignal,
): Promise<string> {
  let last = runId
  for (let next: string | undefined = runId; next !== undefined;) {
    last = next
    next = undefined
    const timeline = new Timeline()
    for await (const entry of entriesOf(runtime, last, interrupted)) {
      if (json) printJsonLine(io, entry)
      else say(io, timeline.tell(entry))
      if (entry.kind === 'run.completed') next = entry.body.continuedAs
    }
  }
  return last
}

/** The entries that are there, then each that comes, until the run has ended. */
async function* entriesOf({ runs }: Runtime, runId: string, until: AbortSignal): AsyncGenerator<Entry> {
  const tail = new JournalTail(runs, runId)
  while (!until.aborted) {
    const { entries, ended } = await tail.look()
    yield* entries
    if (ended) return
    await sleep(LOOK_MS, undefined, { signal: until }).catch(() => undefined)
  }
}
