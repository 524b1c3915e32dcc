import { type ChildProcess, fork } from 'node:child_process'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'

/** How long a process waits for another query: an agent often has one more, some seconds later. */
const IDLE_MS = 10_000

const program = fileURLToPath(new URL(`./query-process${extname(import.meta.url)}`, import.meta.url))
/** Processes that wait for a query, each with what takes it out. */
const kept = new Map<ChildProcess, () => void>()

/** Gives a process that is nobody else's: the one kept last, or a new one. */
export function takeProcess(): ChildProcess {
  const child = [...kept.keys()].at(-1)
  // It gets no environment, which may hold keys, and no flags: a debugger's port would be taken.
  if (!child) return fork(program, { env: {}, execArgv: [], stdio: ['ignore', 'ignore', 'ignore', 'ipc'] })
  kept.get(child)?.()
  child.ref()
  child.channel?.ref()
  return child
}

/** Keeps a process for another query, though not this program from its end. */
export function keepProcess(child: ChildProcess): void {
  child.unref()
  child.channel?.unref()
  const timer = setTimeout(() => {
    // Nobody is to be given a process that is about to end.
    takeOut()
    child.kill('SIGKILL')
  }, IDLE_MS).unref()
  const takeOut = () => {
    clearTimeout(timer)
    child.off('exit', takeOut)
    kept.delete(child)
  }
  child.on('exit', takeOut)
  kept.set(child, takeOut)
}
