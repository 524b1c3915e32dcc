// Several worker processes on one database: some are killed, stopped or cut off, and the server begins anew.
// `npm run workers:postgres` does it with 1,000 runs, and lets what a lease is for take its time.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { createRuntime, type RunRow, type Runtime } from '@reprise/core'
import { afterEach, expect, test } from 'vitest'
import { postgres } from './postgres.ts'
import { Proxy } from './proxy.fixture.ts'
import { PostgresServer } from './server.fixture.ts'
import { asAdmin, freshSchema } from './testing.fixture.ts'
import { clerk, clerkModel, CONCURRENCY, linesOf, payday } from './worker-process.fixture.ts'

const RUNS = Number(process.env['REPRISE_WORKER_RUNS'] ?? 40)

/** How long nobody who is gone keeps a run, in milliseconds, and somewhat longer. */
const LEASE_MS = 25_000

/** How long all may take, on a busy machine. */
const PATIENCE_MS = 900_000

const ended: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of ended.splice(0).toReversed()) await end()
})

/** A shop on a server of its own, whose runs worker processes do. */
class Shop {
  readonly workers: ChildProcess[] = []
  readonly said: string[] = []
  readonly server: PostgresServer
  readonly queue: Runtime
  readonly #schema: string
  readonly #letters: string

  private constructor(server: PostgresServer, schema: string, folder: string) {
    this.server = server
    this.#schema = schema
    this.#letters = join(folder, 'letters')
    this.queue = createRuntime({
      store: postgres(server.url(), { schema }),
      models: clerkModel(),
      definitions: [payday, clerk],
      // It drives what was in doubt: all is booked by then.
      services: { pay: async () => undefined, book: async () => undefined, letters: this.#letters },
    })
  }

  static async open(): Promise<Shop> {
    const server = await PostgresServer.start()
    ended.push(() => server.stop())
    const folder = await mkdtemp(join(tmpdir(), 'reprise-workers-'))
    ended.push(() => rm(folder, { recursive: true }))
    const schema = freshSchema()
    await asAdmin(
      `create schema ${schema}_shop;
        create table ${schema}_shop.paid (key text primary key, amount integer, asked integer not null default 1);
        create table ${schema}_shop.booked (key text, amount integer)`,
      server.url(),
    )
    const shop = new Shop(server, schema, folder)
    ended.push(async () => {
      for (const worker of shop.workers) worker.kill('SIGKILL')
      await shop.queue.close()
    })
    return shop
  }

  /** Starts a worker; resolves when it works. */
  async start(url = this.server.url()): Promise<ChildProcess> {
    const program = join(import.meta.dirname, 'worker-process.fixture.ts')
    const child = spawn(process.execPath, [program, url, this.#schema, this.#letters], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    this.workers.push(child)
    const ready = Promise.withResolvers<undefined>()
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      ready.resolve(undefined)
      this.said.push(...text.trim().split('\n'))
    })
    await ready.promise
    return child
  }

  async enqueue(): Promise<void> {
    for (let first = 0; first < RUNS; first += 100)
      await Promise.all(
        Array.from({ length: Math.min(100, RUNS - first) }, (_, index) => {
          const n = first + index
          return n % 2 === 0
            ? this.queue.enqueue(payday, { amount: n }, { id: `run-${n}` })
            : this.queue.enqueue(clerk, `${n}`, { id: `run-${n}` })
        }),
      )
  }

  /** Waits until so many runs have ended: other processes work, and there is no clock of ours to move. */
  async until(runs: number): Promise<void> {
    while ((await this.#count(`status = 'completed'`)) < runs) await wait(20)
  }

  /** The same, where some may wait for a person who knows whether a call was made. */
  async untilDoubt(): Promise<void> {
    while ((await this.#count(`status = 'completed' or waiting_kind = 'in-doubt'`)) < RUNS) await wait(20)
  }

  /** Does what a person does once no such call can be made any more: looks at the letters. */
  async settleDoubts(): Promise<number> {
    const doubts = await this.queue.runs.list({ status: 'waiting' })
    const letters = linesOf(this.#letters)
    for (const { id, waiting } of doubts) {
      if (waiting?.kind !== 'in-doubt') continue
      const happened = letters.includes(`${id}/${waiting.key}`)
      await this.queue.settleDoubt(id, waiting.id, happened ? { happened, result: 'written' } : { happened }, 'ana')
    }
    return doubts.length
  }

  async #count(where: string): Promise<number> {
    const asked = asAdmin<{ readonly count: string }>(
      `select count(*) from ${this.#schema}.runs where ${where}`,
      this.server.url(),
    )
    // A server that is away has nothing to say.
    const [row] = await asked.catch(() => [])
    return Number(row?.count ?? 0)
  }

  /** Kills one, and waits until it is dead. */
  async kill(nth: number): Promise<void> {
    const worker = this.workers[nth] as ChildProcess
    worker.kill('SIGKILL')
    await once(worker, 'exit')
  }

  /** Ends those that live as on SIGTERM. */
  async stop(workers: readonly ChildProcess[] = this.workers): Promise<void> {
    const living = workers.filter(({ signalCode, exitCode }) => signalCode === null && exitCode === null)
    for (const worker of living) worker.kill('SIGTERM')
    await Promise.all(living.map(async (worker) => worker.exitCode ?? once(worker, 'exit')))
    expect(living.map(({ exitCode }) => exitCode)).toEqual(living.map(() => 0))
  }

  /** What stands in the world outside, and in the journals, when all is done. */
  async expectWhole(): Promise<void> {
    const url = this.server.url()
    const paid = await asAdmin<{ readonly key: string; readonly asked: number }>(
      `select key, asked from ${this.#schema}_shop.paid`,
      url,
    )
    const booked = await asAdmin<{ readonly key: string }>(`select key from ${this.#schema}_shop.booked`, url)
    const letters = linesOf(this.#letters)
    const [even, odd] = [0, 1].map((rest) =>
      Array.from({ length: RUNS }, (_, n) => n).filter((n) => n % 2 === rest),
    ) as [number[], number[]]
    expect(paid.map(({ key }) => key).toSorted()).toEqual(
      even.flatMap((n) => [`run-${n}/step:first`, `run-${n}/step:second`]).toSorted(),
    )
    expect(booked.map(({ key }) => key).toSorted()).toEqual(odd.map((n) => `run-${n}/agent:0/turn:0/call:0`).toSorted())
    expect(letters.toSorted()).toEqual(odd.map((n) => `run-${n}/agent:0/turn:1/call:0`).toSorted())
    const rows: RunRow[] = []
    const store = postgres(url, { schema: this.#schema })
    try {
      rows.push(...(await store.runs({ limit: RUNS + 1 })))
      for (const { id } of rows) {
        const kinds = (await store.entries(id)).map(({ kind }) => kind)
        expect(
          kinds.filter((kind) => kind.startsWith('run.') && kind !== 'run.waiting'),
          id,
        ).toEqual(['run.started', 'run.completed'])
      }
    } finally {
      await store.close()
    }
    expect(rows.map(({ status, owner }) => `${status} ${owner}`)).toEqual(rows.map(() => 'completed null'))
    expect(rows.length).toBe(RUNS)
    for (const { id } of rows) expect(await this.queue.replay(id), id).toMatchObject({ status: 'matched' })
    const again = paid.reduce((sum, { asked }) => sum + asked - 1, 0)
    console.log(
      `${RUNS} runs; ${again} payments were asked for again by their keys; other than that the server was away, ` +
        `the workers said: ${this.others().join('; ') || 'nothing'}`,
    )
  }

  /** What the workers said, other than that the server was away, and the table of payments with it. */
  others(): readonly string[] {
    const isAway = (line: string): boolean =>
      line.includes('cannot be reached') || /^warn Step "\w+" .+ threw at/.test(line)
    return this.said.filter((line) => line !== 'ready' && !isAway(line))
  }
}

test(
  'runs that four processes work are each ended once, with no effect doubled and nothing lost, though two of them are killed and the server begins anew',
  { timeout: PATIENCE_MS },
  async () => {
    const shop = await Shop.open()
    for (let n = 0; n < 4; n++) await shop.start()
    await shop.enqueue()
    await shop.until(RUNS * 0.2)
    await shop.kill(0)
    await shop.until(RUNS * 0.4)
    await shop.server.restart()
    await shop.until(RUNS * 0.6)
    await shop.kill(1)
    await shop.until(RUNS)
    await shop.stop()
    await shop.expectWhole()
    expect(shop.others()).toEqual([])
  },
)

test.runIf(process.env['REPRISE_WORKER_RUNS'])(
  'nor are they doubled or lost where a process is cut off from the server for longer than its lease, and another is stopped for as long',
  { timeout: PATIENCE_MS },
  async () => {
    const shop = await Shop.open()
    const proxy = await Proxy.to(shop.server.url())
    ended.push(() => proxy.close())
    const cut = await shop.start(proxy.url)
    const stopped = await shop.start()
    for (let n = 0; n < 2; n++) await shop.start()
    await shop.enqueue()
    await shop.until(RUNS * 0.2)
    proxy.halt()
    stopped.kill('SIGSTOP')
    await wait(LEASE_MS)
    proxy.goOn()
    stopped.kill('SIGCONT')
    await shop.untilDoubt()
    // What may not happen twice is in doubt as long as the process that began it may still do it.
    await shop.stop([cut, stopped])
    const doubts = await shop.settleDoubts()
    console.log(`${doubts} calls were in doubt`)
    expect(doubts).toBeLessThanOrEqual(2 * CONCURRENCY)
    await shop.until(RUNS)
    await shop.stop()
    await shop.expectWhole()
  },
)
