// A process of w10 that works a queue. usage: worker.js SIDE FILE CONCURRENCY, with a channel to whoever starts it.
// It says `ready` when its code is warm, begins by any message, and says at the next what it took of a processor.
import { once } from 'node:events'
import { join } from 'node:path'
import { argv } from 'node:process'
import Sqlite from 'better-sqlite3'
import { inTemporaryFolder } from '../in-temporary-folder.ts'
import type { Queue } from './queue.ts'

/** Runs that make the code warm. */
const WARM = 300

/** What the worker says at the end. */
export interface Worked {
  /** Microseconds on a processor, of all its threads. */
  readonly cpu: number
}

if (import.meta.main) {
  const [, , side = '', file = '', concurrency = ''] = argv
  // Loads its own side alone.
  const { queue } = (await import(`./${side}.js`)) as { queue: Queue }
  const work = async (path: string): Promise<{ stop(): Promise<void> }> => queue.work(path, Number(concurrency))
  await inTemporaryFolder(async (folder) => {
    const warm = join(folder, 'floor.db')
    await queue.seed(warm, WARM)
    const worker = await work(warm)
    await untilEmpty(warm, queue.left)
    await worker.stop()
  })
  process.send?.('ready')
  await once(process, 'message')
  const before = process.cpuUsage()
  const worker = await work(file)
  await once(process, 'message')
  const { user, system } = process.cpuUsage(before)
  process.send?.({ cpu: user + system } satisfies Worked)
  await worker.stop()
  process.disconnect?.()
}

/** Resolves when no run of a file is left. */
export async function untilEmpty(file: string, left: string): Promise<void> {
  const db = new Sqlite(file, { readonly: true })
  const count = db.prepare<[], number>(left).pluck()
  while ((count.get() ?? 0) > 0) await new Promise((resolve) => setTimeout(resolve, 5))
  db.close()
}
