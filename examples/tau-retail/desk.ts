import { createRuntime, type Runtime } from '@reprise/core'
import { sqlite } from '@reprise/store'
import { Crash, crashing, type CrashPoint } from '@reprise/testing'
import type { ShopAgent } from './agent.ts'
import type { Task } from './data.ts'
import { rightModel } from './right-model.ts'
import { Shop } from './shop/shop.ts'

/** What a desk is opened with. */
export interface DeskParts {
  /** Of the journal, in which the shop stands. */
  readonly path: string
  readonly agent: ShopAgent
  readonly task: Task
  /** Where the process is to die. */
  readonly point?: CrashPoint
}

/** A shop that serves the customer of one task. */
export interface Desk {
  readonly runtime: Runtime<readonly [ShopAgent]>
  readonly shop: Shop
  /** Serves the customer until the task is done or, in a process that dies, as far as it comes. */
  serve(): Promise<void>
  /** How often the journal was written. */
  writes(): number
  /** Whether the process has died. */
  isDead(): Promise<boolean>
  close(): Promise<void>
}

const quiet = { info: ignore, warn: ignore, error: ignore }

/** The run of a task. */
export function runIdOf({ task }: Task): string {
  return `task-${task}`
}

/** Opens the shop at a path. */
export function openDesk({ path, agent, task, point = { at: Infinity, side: 'before' } }: DeskParts): Desk {
  // What dies here is the process, not the machine.
  const file = sqlite(path, { durability: 'process' })
  const store = crashing(file, point)
  const shop = new Shop(file, path)
  const runtime = createRuntime({
    store,
    models: rightModel(task),
    definitions: [agent],
    services: { shop },
    ...(point.at !== Infinity && { log: quiet }),
  })
  return {
    runtime,
    shop,
    async serve() {
      const run = await runtime.start(agent, task.instruction, { id: runIdOf(task) })
      await run.outcome()
    },
    writes: () => store.commits,
    isDead: () => runtime.runs.list().then(() => false, isCrash),
    async close() {
      await runtime.close()
      await file.close()
      shop.close()
    },
  }
}

/** Rethrows what is none. */
export function isCrash(error: unknown): true {
  if (error instanceof Crash) return true
  throw error
}

function ignore(): void {}
