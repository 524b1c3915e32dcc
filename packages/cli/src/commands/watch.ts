import { setTimeout as sleep } from 'node:timers/promises'
import type { Entry, Runtime } from '@reprise/core'
import type { Command } from 'commander'
import { configOption } from '../config/with-config.ts'
import { type StoreOption, storeOption, withStore } from '../config/with-store.ts'
import { command, runArgument } from '../line/command.ts'
import { exitWith } from '../line/exit-code.ts'
import { interruption } from '../line/interrupt.ts'
import { type Io, say } from '../line/io.ts'
import { type JsonOption, jsonOption, printJsonLine } from '../line/json.ts'
import { Timeline } from '../show/timeline.ts'

/** How often the store is looked at. */
const LOOK_MS = 250

interface Options extends StoreOption, JsonOption {}

/** `reprise watch`: a run's entries as they come, whoever drives it, and those of the runs that it goes on as. */
export function watchCommand(io: Io): Command {
  return command(io, 'watch', 'tell what happens in a run as it happens, until the run ends')
    .addArgument(runArgument())
    .addOption(jsonOption('print JSON, an entry a line'))
    .addOption(storeOption())
    .addOption(configOption())
    .action(async (runId: string, options: Options) => {
      await withStore(io, options, async (runtime) => {
        const interrupted = interruption(io)
        let last = runId
        for (let next: string | undefined = runId; next !== undefined;) {
          last = next
          next = undefined
          const timeline = new Timeline()
          for await (const entry of entriesOf(runtime, last, interrupted)) {
            if (options.json) printJsonLine(io, entry)
            else say(io, timeline.tell(entry))
            if (entry.kind === 'run.completed') next = entry.body.continuedAs
          }
        }
        if (interrupted.aborted) return exitWith(io, 'interrupted')
        if ((await runtime.runs.get(last)).status !== 'completed') exitWith(io, 'failed')
      })
    })
}

/** The entries that are there, then each that comes, until the run has ended. */
async function* entriesOf({ runs }: Runtime, runId: string, until: AbortSignal): AsyncGenerator<Entry> {
  for (let next = 0; !until.aborted;) {
    // What is written when the run is seen to have ended is all of it.
    const { endedAt } = await runs.get(runId)
    for (const entry of (await runs.entries(runId)).slice(next)) {
      next = entry.seq + 1
      yield entry
    }
    if (endedAt !== null) return
    await sleep(LOOK_MS, undefined, { signal: until }).catch(() => undefined)
  }
}
