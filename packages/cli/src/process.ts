import process from 'node:process'
import { report } from './line/report.ts'
import { SHOW_CURSOR } from './line/cursor.ts'
import { main } from './main.ts'

/**
 * Does what a command line says as the work of this process, and ends it.
 *
 * @param args the words after `reprise`.
 * @example
 * ```ts no-run: it ends the process
 * import { runAsProcess } from '@reprise/cli'
 *
 * await runAsProcess(['runs', '--status', 'waiting', '--store', 'desk.db'])
 * ```
 */
export async function runAsProcess(args: readonly string[]): Promise<never> {
  process.on('uncaughtException', (error) => {
    // Whatever was drawn has hidden it.
    if (process.stdout.isTTY) process.stdout.write(SHOW_CURSOR)
    report(process, error)
    process.exit()
  })
  // Whoever reads the output may stop reading, which is no failure: `reprise runs | head -1`.
  process.stdout.on('error', () => process.exit(0))
  await main(args, process)
  await new Promise((resolve) => process.stdout.write('', resolve))
  // What a config left open would keep the process alive.
  process.exit()
}
