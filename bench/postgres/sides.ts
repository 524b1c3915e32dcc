// The sides of w15 as processes: each its own, all of them on one server or one disk, and asked by turns.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { WorldOptions } from '../world.ts'
import type { Ask, Took } from './answer.ts'

/** The other frameworks, where they are installed: `npm run bench:peers`. */
export const peersHome = join(benchHome(import.meta.dirname), 'postgres', 'peers')

/** A side that is there to be asked. */
export interface Side {
  hold(ask: Ask): Promise<Took>
  end(): Promise<void>
}

/** Starts Reprise, on Postgres or on SQLite. */
export function startReprise(kind: 'postgres' | 'sqlite', place: string, world: WorldOptions): Promise<Side> {
  return start(join(import.meta.dirname, 'reprise.js'), [kind, place, JSON.stringify(world)])
}

/** Starts another framework; undefined where it is not installed. */
export async function startPeer(
  name: 'dbos' | 'langgraph',
  url: string,
  world: WorldOptions,
): Promise<Side | undefined> {
  if (!existsSync(join(peersHome, 'node_modules', '.installed'))) return undefined
  const help = join(import.meta.dirname, 'answer.js')
  return start(join(peersHome, `${name}.mjs`), [help, url, JSON.stringify(world)])
}

async function start(program: string, args: readonly string[]): Promise<Side> {
  const child = fork(program, args, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  await said(child)
  return {
    async hold(ask) {
      const took = said(child)
      child.send(ask)
      return (await took) as Took // what answer.ts says
    },
    async end() {
      const gone = once(child, 'exit')
      child.send('end')
      await gone
    },
  }
}

/** The next that a side says. */
async function said(child: ChildProcess): Promise<unknown> {
  const heard = new AbortController()
  const { signal } = heard
  const failed = once(child, 'exit', { signal }).then(([code]) =>
    Promise.reject(new Error(`Void: a side ended with ${code}`)),
  )
  failed.catch(() => undefined)
  try {
    const [message] = (await Promise.race([once(child, 'message', { signal }), failed])) as [unknown]
    return message
  } finally {
    // Each answer that is waited for would leave a listener.
    heard.abort()
  }
}

/** The sources of the benchmark: what is built stands in a folder inside of it, which has no manifest. */
export function benchHome(folder: string): string {
  return existsSync(join(folder, 'package.json')) ? folder : benchHome(dirname(folder))
}
