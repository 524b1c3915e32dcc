import { once } from 'node:events'
import { type Command, Option } from 'commander'
import { type ConfigOption, configOption, withConfig } from '../config/with-config.ts'
import { command, examples, wholeNumber } from '../line/command.ts'
import { interruption } from '../line/interrupt.ts'
import type { Io } from '../line/io.ts'
import { count } from '../show/used.ts'

interface Options extends ConfigOption {
  readonly concurrency: number
}

/** `reprise work`: takes queued runs until it is stopped. */
export function workCommand(io: Io): Command {
  return command(io, 'work', 'take runs that nobody drives, and fire schedules, until ^C')
    .addOption(
      new Option('--concurrency <count>', 'runs that are driven at the same time')
        .argParser(wholeNumber(1))
        .default(10),
    )
    .addOption(configOption())
    .addHelpText(
      'after',
      `
^C or SIGTERM takes no more runs, finishes and writes what is under way, gives the rest back, and exits with 0.
A second one ends the process at once: its runs are taken up by the next worker.
${examples('reprise work --concurrency 50')}`,
    )
    .action(async (options: Options) => {
      await withConfig(io, options, async ({ runtime }) => {
        const interrupted = interruption(io)
        const worker = runtime.work({ concurrency: options.concurrency })
        io.stderr.write(`Working, ${count(options.concurrency, 'run')} at a time at most. ^C stops it.\n`)
        await once(interrupted, 'abort')
        io.stderr.write('Stopping: what is under way is finished and written. ^C again stops at once.\n')
        await worker.stop()
      })
    })
}
