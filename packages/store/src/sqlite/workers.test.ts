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
import { CONCURRENCY, payday } from './worker-process.fixture.ts'

const RUNS = Number(process.env['REPRISE_WORKER_RUNS'] ?? 120)

function startWorker(store: string, ledger: string, said: string[]): ChildProcess {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'worker-process.fixture.ts'), store, ledger], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  child.stdout.setEncoding('utf8').on('data', (text: string) => said.push(...text.trim().split('\n')))
  return child
}

it('runs that three processes work are each ended once, with no effect doubled, though one of them is killed', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'reprise-workers-'))
  const [store, ledger] = [join(folder, 'runs.db'), join(folder, 'ledger.db')]
  const paid = new Database(ledger)
  paid.exec(
    'pragma journal_mode = wal; create table paid (key text primary key, amount integer, asked integer not null default 1)',
  )
  const queue = createRuntime({ store: sqlite(store), models: scriptedModel([]), definitions: [payday], services: {} })
  const said: string[] = []
  const workers: ChildProcess[] = []
  try {
    for (let n = 0; n < 3; n++) workers.push(startWorker(store, ledger, said))
    // Else, on a busy machine, two of them may be done with all before the third knows what to do when it is told to end.
    while (said.filter((line) => line === 'ready').length < 3) await wait(10)
    await Promise.all(Array.from({ length: RUNS }, (_, n) => queue.enqueue(payday, { amount: n }, { id: `run-${n}` })))
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
})
