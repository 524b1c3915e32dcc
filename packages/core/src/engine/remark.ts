// What is said once, in a log, of somebody's code that is odd. The engine calls this while it runs such code.
import type { Logger } from '../contracts/clock.ts'

/** What was said in each log: of definitions that serve several runtimes each of them hears. */
const said = new WeakMap<object, Set<string>>()

/** Beyond so many nothing more is said: a workflow may make up names. */
const MOST = 1_000

/**
 * Logs what is odd of somebody's code, once a process and log.
 *
 * @param about names it: what is said of it may differ each time.
 */
export function remarkOnce(log: Logger, about: string, line: string): void {
  const before = said.get(log) ?? new Set()
  said.set(log, before)
  if (before.has(about) || before.size >= MOST) return
  before.add(about)
  log.warn(line)
}
