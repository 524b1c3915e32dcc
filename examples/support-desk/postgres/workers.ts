import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { RunRow } from '@reprise/core'
import type { Folder } from '../folder.ts'

/** A process that takes tickets. */
export interface Worker {
  readonly name: string
  readonly child: ChildProcess
}

/** Starts a worker on the runs of a database; it takes tickets by now. */
export async function startWorker(
  name: string,
  folder: Folder,
  url: string,
  env: Readonly<Record<string, string>>,
): Promise<Worker> {
  const child = fork(join(import.meta.dirname, 'worker.ts'), [folder.path, url], { env: { ...process.env, ...env } })
  const [message] = (await Promise.race([once(child, 'message'), once(child, 'exit')])) as [unknown]
  if (message !== 'works') throw new Error(`Worker ${name} ended before it began.`)
  return { name, child }
}

/** Lets a worker finish what is under way, and end. */
export async function stopWorker({ child }: Worker): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = once(child, 'exit')
  // One that is ending just now hears nothing more.
  child.send('stop', () => undefined)
  await exit
}

/** The worker that holds a run. */
export function holderOf({ owner }: RunRow, workers: readonly Worker[]): Worker | undefined {
  // An owner's name has its process in it.
  return workers.find(({ child }) => owner?.split('/')[1] === String(child.pid))
}
