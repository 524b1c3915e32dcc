import { stdout } from 'node:process'
import { report } from './line/report.ts'
import { program } from './program.ts'

/**
 * Does what a command line says, and ends the process. The exit code is 0 when it was done, 1 when it failed, 2 when
 * the command line is wrong, 130 when it was interrupted.
 *
 * @param args the words after `reprise`.
 */
export async function main(args: readonly string[]): Promise<void> {
  process.on('uncaughtException', (error) => {
    report(error)
    process.exit()
  })
  // Whoever reads the output may stop reading: `reprise runs | head -1`.
  stdout.on('error', () => process.exit())
  await program().parseAsync(args, { from: 'user' }).catch(report)
  await new Promise((resolve) => stdout.write('', resolve))
  // What a config left open would keep the process alive.
  process.exit()
}
