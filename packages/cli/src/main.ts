import type { Io } from './line/io.ts'
import { report } from './line/report.ts'
import { program } from './program.ts'

/**
 * Does what a command line says. It leaves in `io.exitCode` 1 when that failed, 2 when the command line is wrong, 130
 * when it was interrupted, and nothing when it was done.
 *
 * @param args the words after `reprise`.
 * @param io the process, or what stands in for it.
 * @example
 * ```ts
 * import { type Io, main } from '@reprise/cli'
 *
 * let printed = ''
 * const io: Io = {
 *   stdout: { write: (text) => (printed += text) },
 *   stderr: process.stderr,
 *   env: {},
 *   cwd: () => process.cwd(),
 *   on: () => undefined,
 *   off: () => undefined,
 * }
 * await main(['init', 'my-agents'], io)
 * console.log(io.exitCode ?? 0) // 0
 * ```
 */
export async function main(args: readonly string[], io: Io): Promise<void> {
  await program(io)
    .parseAsync(args, { from: 'user' })
    .catch((error: unknown) => report(io, error))
}
