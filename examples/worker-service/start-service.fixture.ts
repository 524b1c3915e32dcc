// The service of a test: a process of its own, which can be told to end, and be killed.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

/** A service that was started. */
export interface Service {
  readonly process: ChildProcess
  /** All that it has printed. */
  readonly said: () => string
  readonly get: (path: string) => Promise<{ readonly status: number; readonly text: string }>
  /** Leaves an order to it; true where it was answered that it is kept. */
  readonly ship: (order: string) => Promise<boolean>
  /** Its exit code, and the signal that ended it, once it has ended. */
  readonly ended: Promise<readonly [code: number | null, signal: string | null]>
}

/** Starts the service on a store in a folder, on a port of its own, and waits until it works or has ended. */
export async function startService(folder: string, env: Readonly<Record<string, string>> = {}): Promise<Service> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts')], {
    env: {
      ...process.env,
      PORT: '0',
      REPRISE_STORE: join(folder, 'runs.db'),
      CARRIER: join(folder, 'carrier'),
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (more: string) => {
      text += more
    })
  const ended = once(child, 'close') as Promise<[number | null, string | null]> // what 'close' is told with
  let isOver = false
  void ended.then(() => {
    isOver = true
  })
  // Another process works: there is no clock of ours to move.
  while (!isOver && !text.includes(' works at ')) await wait(10)
  const [, url = ''] = /works at (\S+)/.exec(text) ?? []
  const ask = async (path: string, method = 'GET') => {
    const response = await fetch(`${url}${path}`, { method })
    return { status: response.status, text: await response.text() }
  }
  return {
    process: child,
    said: () => text,
    get: (path) => ask(path),
    ship: async (order) => (await ask(`/orders/${order}`, 'POST').catch(() => undefined))?.status === 202,
    ended,
  }
}

/** What the carrier has booked, and how often it was asked under each key. */
export function carrierOf(folder: string): { readonly booked: readonly string[]; readonly asked: Map<string, number> } {
  const books = join(folder, 'carrier')
  const asked = new Map<string, number>()
  const log = join(books, 'asked.log')
  const lines = existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : []
  for (const key of lines) asked.set(key, (asked.get(key) ?? 0) + 1)
  const files = existsSync(books) ? readdirSync(books).filter((name) => name.endsWith('.booking')) : []
  return { booked: files.map((name) => readFileSync(join(books, name), 'utf8').trim()), asked }
}

/** Waits until something is so. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await wait(20)
}
