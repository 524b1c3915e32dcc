// Several worker processes on one file, one of them killed. `npm run workers` does it with 1,000 runs.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { sqlite } from '../index.ts'
import { scriptedModel } from '@reprise/testing'
import Database from 'better-sqlite3'
import { expect, it } from 'vitest'
import { createRuntime } from '@reprise/core'
import { CONCURRENCY, payday, served } from './worker-process.fixture.ts'

const RUNS = Number(process.env['REPRISE_WORKER_RUNS'] ?? 120)

function startWorker(store: string, ledger: string, said: string[]): ChildProcess {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'worker-process.fixture.ts'), store, ledger], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  child.stdout.setEncoding('utf8').on('data', (text: string) => said.push(...text.trim().split('\n')))
  return child
}

it(
  'runs that three processes work are each ended once, with no effect doubled, though one of them is killed',
  { tags: 'slow' },
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'reprise-workers-'))
    const [store, ledger] = [join(folder, 'runs.db'), join(folder, 'ledger.db')]
    const paid = new Database(ledger)
    paid.exec(
      `pragma journal_mode = wal; create table paid (key text primary key, amount integer, asked integer not null default 1);
      create table serving (customer text primary key, key text, twice integer not null default 0)`,
    )
    const queue = createRuntime({
      store: sqlite(store),
      models: scriptedModel([]),
      definitions: [payday],
      services: {},
    })
    const said: string[] = []
    const workers: ChildProcess[] = []
    try {
      for (let n = 0; n < 3; n++) workers.push(startWorker(store, ledger, said))
      // Else, on a busy machine, two of them may be done with all before the third knows what to do when it is told to end.
      while (said.filter((line) => line === 'ready').length < 3) await wait(10)
      await Promise.all(
        Array.from({ length: RUNS }, (_, n) => queue.enqueue(payday, { amount: n }, { id: `run-${n}` })),
      )
      const count = paid.prepare('select count(*) from paid').pluck()
      const until = async (effects: number): Promise<void> => {
        // Other processes work: there is no clock of ours to move.
        while (Number(count.get()) < effects) await wait(10)
      }
      await until(RUNS * 0.4)
      workers[0]?.kill('SIGKILL')
      await until(RUNS * 2)
      while ((await queue.runs.list({ status: 'completed', limit: 1_000 })).length < RUNS) await wait(20)
      for (const worker of workers.slice(1)) worker.kill('SIGTERM')
      await Promise.all(workers.slice(1).map(async (worker) => worker.exitCode ?? once(worker, 'exit')))
      expect(workers.slice(1).map(({ exitCode }) => exitCode)).toEqual([0, 0])
      expect(said.filter((line) => line !== 'ready')).toEqual([])
      expect(count.get()).toBe(RUNS * 2)
      // Asked for again, under its key, is at most what the killed process had under way.
      const again = paid.prepare('select sum(asked) - count(*) from paid').pluck()
      expect(again.get()).toBeLessThanOrEqual(CONCURRENCY)
      const rows = await queue.runs.list({ limit: 1_000 })
      expect(rows.filter(({ status, owner }) => status === 'completed' && owner === null).length).toBe(RUNS)
      for (const { id } of rows) {
        const entries = await queue.runs.entries(id)
        expect(entries.filter(({ kind }) => kind === 'run.completed').length).toBe(1)
      }
      expect(await queue.replay('run-0')).toMatchObject({ status: 'matched' })
    } finally {
      for (const worker of workers) worker.kill('SIGKILL')
      await queue.close()
      paid.close()
      await rm(folder, { recursive: true })
    }
  },
)

it(
  'no two runs of one key are worked at a time by two processes, though one of them is killed, and all are',
  { tags: 'slow' },
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'reprise-workers-'))
    const [store, ledger] = [join(folder, 'runs.db'), join(folder, 'ledger.db')]
    const serving = new Database(ledger)
    serving.exec(
      `pragma journal_mode = wal; create table paid (key text primary key, amount integer, asked integer not null default 1);
      create table serving (customer text primary key, key text, twice integer not null default 0)`,
    )
    const queue = createRuntime({
      store: sqlite(store),
      models: scriptedModel([]),
      definitions: [served],
      services: {},
    })
    const said: string[] = []
    const workers: ChildProcess[] = []
    try {
      for (let n = 0; n < 2; n++) workers.push(startWorker(store, ledger, said))
      while (said.filter((line) => line === 'ready').length < 2) await wait(10)
      const customers = Array.from({ length: 40 }, (_, n) => `customer ${n % 4}`)
      for (const [n, customer] of customers.entries())
        await queue.enqueue(served, { customer }, { id: `run-${n}`, concurrencyKey: customer })
      const done = async (): Promise<number> => (await queue.runs.list({ status: 'completed' })).length
      while ((await done()) < 10) await wait(10)
      workers[0]?.kill('SIGKILL')
      while ((await done()) < customers.length) await wait(20)
      expect(serving.prepare('select customer, twice from serving order by customer').all()).toEqual(
        [0, 1, 2, 3].map((n) => ({ customer: `customer ${n}`, twice: 0 })),
      )
      expect(said.filter((line) => line !== 'ready')).toEqual([])
      const rows = await queue.runs.list()
      for (const customer of [0, 1, 2, 3]) {
        const ends = rows.filter((_, n) => n % 4 === customer).map(({ endedAt }) => endedAt ?? 0)
        expect(ends).toEqual(ends.toSorted((one, other) => one - other))
      }
    } finally {
      for (const worker of workers) worker.kill('SIGKILL')
      await queue.close()
      serving.close()
      await rm(folder, { recursive: true })
    }
  },
)
