// Retention on a file: a process that deletes is killed in the middle, and another one does the rest.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { beginning, sampleEntry } from '@reprise/testing/store-suite'
import { afterEach, expect, test } from 'vitest'
import { examine } from './examine.ts'
import { sqlite } from './sqlite.ts'

const RUNS = 1_200
const path = join(mkdtempSync(join(tmpdir(), 'reprise-retention-')), 'runs.db')

const children: ChildProcess[] = []
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

function startWorker(): ChildProcess {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'retention-process.fixture.ts'), path], {
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  children.push(child)
  return child
}

test(
  'what a process was deleting when it was killed is deleted by the next, with its blobs, and nothing else',
  { tags: 'slow' },
  async () => {
    const store = sqlite(path, { durability: 'process' })
    const said = (id: string, rest: Parameters<typeof beginning>[1]) => ({
      ...beginning(id, { status: 'completed', owner: null, ...rest }),
      entries: [sampleEntry(0), sampleEntry(1, { result: `${id} said `.repeat(900) })],
    })
    const old = Array.from({ length: RUNS }, (_, index) => said(`old ${index}`, { endedAt: 1 }))
    for (let from = 0; from < RUNS; from += 500) await store.commit(old.slice(from, from + 500))
    await store.commit([said('late', { endedAt: Date.now() }), said('failed', { status: 'failed', endedAt: 1 })])
    await store.close()

    const db = new Database(path, { readonly: true })
    const runs = db.prepare<[], number>('select count(*) from runs').pluck()
    const first = startWorker()
    // Another process works: there is no clock of ours to move.
    while ((runs.get() ?? 0) > RUNS - 100) await wait(1)
    first.kill('SIGKILL')
    await once(first, 'exit')
    expect(runs.get()).toBeGreaterThan(2)

    startWorker()
    while ((runs.get() ?? 0) > 2) await wait(10)
    const left = (table: string) => db.prepare<[], number>(`select count(*) from ${table}`).pluck().get()
    expect([left('entries'), left('blobs'), left('blob_refs')]).toEqual([4, 2, 2])
    db.close()
    for (const child of children) child.kill('SIGKILL')
    expect(await examine(path, { patienceMs: 0 })).toMatchObject({ fault: null, ended: { runs: 2 } })
  },
)
