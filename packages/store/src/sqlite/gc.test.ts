import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createRuntime, defineWorkflow } from '@reprise/core'
import { scriptedModel } from '@reprise/testing'
import { appending, beginning, sampleEntry, sampleMessage } from '@reprise/testing/store-suite'
import { z } from 'zod'
import type { SqliteStore } from './sqlite-store.ts'
import { sqlite } from './sqlite.ts'

const folder = mkdtempSync(join(tmpdir(), 'reprise-gc-'))
afterAll(() => rmSync(folder, { recursive: true }))

test(
  'cleaning up thousands of runs leaves the event loop its turns, and lets others write in between',
  { tags: 'slow' },
  async () => {
    const store = sqlite(join(folder, 'many.db'), { durability: 'process' })
    const ended = (index: number) => ({
      ...beginning(`r${index}`, { status: 'completed', endedAt: 1, owner: null }),
      entries: Array.from({ length: 10 }, (_, seq) => sampleEntry(seq)),
    })
    for (let index = 0; index < 3_000; index += 500)
      await store.commit(Array.from({ length: 500 }, (_, more) => ended(index + more)))
    let over = false
    const deleting = store.gc(2, ['completed'], 10_000).finally(() => (over = true))

    let [partly, written] = [false, 0]
    while (!over) {
      await setImmediate()
      const [first, last] = await Promise.all([store.run('r0'), store.run('r2999')])
      partly ||= first === undefined && last !== undefined
      if (written < 5) await store.commit([beginning(`new${written++}`)])
    }
    expect(await deleting).toEqual(Array.from({ length: 3_000 }, (_, index) => `r${index}`))
    // Others see it half done, and write: how often is the machine's speed.
    expect(partly).toBe(true)
    expect(written).toBeGreaterThan(1)
    expect((await store.runs({})).map(({ id }) => id)).toEqual(
      Array.from({ length: written }, (_, index) => `new${index}`),
    )
    await store.close()
  },
)

test('children of a run that goes on, however many, are passed over and not counted', async () => {
  const store = sqlite(join(folder, 'children.db'), { durability: 'process' })
  await store.commit([beginning('parent')])
  const child = (id: string, parentId: string | null) =>
    beginning(id, { status: 'failed', endedAt: 1, owner: null, parentId })
  await store.commit(Array.from({ length: 300 }, (_, index) => child(`c${index}`, 'parent')))
  await store.commit([child('x', null), child('y', null)])

  expect(await store.gc(2, ['completed', 'failed', 'cancelled'], 1)).toEqual(['x'])
  expect(await store.gc(2, ['completed', 'failed', 'cancelled'], 100)).toEqual(['y'])
  expect(await store.gc(2, ['completed', 'failed', 'cancelled'], 100)).toEqual([])
  await store.close()
})

describe('a run of many entries', () => {
  const ENTRIES = 300
  // Whatever the machine's speed, each look at the time comes a millisecond after the one before.
  beforeEach(() => {
    let looks = 0
    vi.spyOn(performance, 'now').mockImplementation(() => looks++)
  })
  afterEach(() => void vi.restoreAllMocks())

  const TABLES = ['entries', 'blobs', 'blob_refs', 'inbox', 'run_tags', 'runs']

  /** Each entry says something at length that no other says, but for one thing that `other` says as well. */
  async function withBigRun(name: string): Promise<{ readonly path: string; readonly store: SqliteStore }> {
    const path = join(folder, name)
    const store = sqlite(path, { durability: 'process' })
    const said = (seq: number) => sampleEntry(seq, { result: `${seq} said`.repeat(900) })
    const big = beginning('big', { status: 'completed', endedAt: 1, owner: null, tags: ['web'] })
    await store.commit([
      { ...big, entries: Array.from({ length: ENTRIES }, (_, seq) => said(seq)) },
      { ...beginning('other'), entries: [sampleEntry(0), said(1)] },
    ])
    await store.send(sampleMessage('big', 'late'))
    return { path, store }
  }

  function counted(path: string): Record<string, number> {
    const db = new Database(path, { readonly: true })
    const of = (table: string) => [table, db.prepare<[], number>(`select count(*) from ${table}`).pluck().get() ?? 0]
    const counts = Object.fromEntries(TABLES.map(of)) as Record<string, number>
    db.close()
    return counts
  }

  /** Closes the store when its cleaning up has come to the middle of the run, and opens it anew. */
  async function cutShort(path: string, store: SqliteStore): Promise<SqliteStore> {
    const refused = store.gc(2, ['completed'], 10).catch((error: unknown) => error)
    while ((await store.run('big'))?.erasedAt === null) await setImmediate()
    await store.close()
    expect(await refused).toMatchObject({ code: 'store_closed' })
    const { entries = 0, blob_refs: refs = 0, runs } = counted(path)
    expect(runs).toBe(2)
    expect(entries).toBeGreaterThan(ENTRIES - 2)
    expect(refs).toBeLessThan(ENTRIES)
    return sqlite(path, { durability: 'process' })
  }

  test('goes in several transactions, between which others write, and nobody reads what is left of it', async () => {
    const { path, store } = await withBigRun('big.db')
    let over = false
    const deleting = store.gc(2, ['completed'], 10).finally(() => (over = true))
    let written = 0
    while (!over) {
      await setImmediate()
      const entries = await store.entries('big').catch((error: unknown) => error)
      if (Array.isArray(entries)) expect([0, ENTRIES]).toContain(entries.length)
      else expect(entries).toMatchObject({ code: 'run_going' })
      if (!Array.isArray(entries)) await store.commit([beginning(`new${written++}`)])
    }
    expect(await deleting).toEqual(['big'])
    expect(written).toBeGreaterThan(5)
    expect(await store.run('big')).toBeUndefined()
    expect(await store.entries('other')).toHaveLength(2)
    const runs = 1 + written
    expect(counted(path)).toMatchObject({ blobs: 1, blob_refs: 1, inbox: 0, run_tags: 0, runs, entries: 1 + runs })
    await store.close()
  })

  test('of which one half is deleted is no run to anybody, and goes with the next cleaning up, whatever that is asked for', async () => {
    const { path, store: first } = await withBigRun('cut.db')
    const store = await cutShort(path, first)

    await expect(store.entries('big')).rejects.toMatchObject({
      code: 'run_going',
      retryable: true,
      message: `The store at ${path} is just deleting the run "big", which had ended. Use another id, or try again when runtime.gc is through: run it once more where it was cut short.`,
    })
    expect(await store.commit([beginning('big')])).toEqual([{ kind: 'exists' }])
    expect(await store.commit([appending('big', ENTRIES)])).toEqual([{ kind: 'stale' }])
    expect(
      await store.claim({ id: 'big', epoch: 2, ownerHeartbeat: null }, { owner: 'bob', heartbeat: 0 }),
    ).toBeUndefined()
    const flow = defineWorkflow({ name: 'flow', input: z.string(), run: async (_ctx, said) => said })
    const runtime = createRuntime({ store, models: scriptedModel([]), definitions: [flow] })
    await expect(runtime.start(flow, 'x', { id: 'big' })).rejects.toMatchObject({ code: 'run_going' })
    await expect(runtime.fork('big', { at: 1 })).rejects.toMatchObject({ code: 'run_going' })
    await runtime.close()

    expect(await store.gc(0, ['failed'], 10)).toEqual(['big'])
    expect(counted(path)).toEqual({ entries: 2, blobs: 1, blob_refs: 1, inbox: 0, run_tags: 0, runs: 1 })
    expect(await store.commit([beginning('big')])).toEqual([{ kind: 'written' }])
    expect(await store.entries('big')).toHaveLength(1)
    await store.close()
  })

  test('goes on with what it had come to of many that go together, and nobody takes the id of the first meanwhile', async () => {
    const path = join(folder, 'many-children.db')
    const first = sqlite(path, { durability: 'process' })
    const child = (index: number) =>
      beginning(`big/${index}`, { status: 'cancelled', endedAt: 900, owner: null, parentId: 'big', lineageId: 'big' })
    await first.commit([beginning('big', { status: 'completed', endedAt: 1, owner: null })])
    await first.commit(Array.from({ length: 100 }, (_, index) => child(index)))
    const refused = first.gc(2, ['completed'], 10).catch((error: unknown) => error)
    while ((await first.run('big'))?.erasedAt === null) await setImmediate()
    await first.close()
    expect(await refused).toMatchObject({ code: 'store_closed' })

    const store = sqlite(path, { durability: 'process' })
    const left = (await store.runs({})).map(({ id }) => id)
    expect(left.length).toBeGreaterThan(1)
    expect(left.length).toBeLessThan(101)
    expect(await store.commit([beginning('big')])).toEqual([{ kind: 'exists' }])
    expect(await store.gc(0, ['failed'], 10)).toEqual(left.toReversed())
    expect(await store.runs({})).toEqual([])
    expect(await store.commit([beginning('big')])).toEqual([{ kind: 'written' }])
    await store.close()
  })

  test('of which one half is deleted can be erased: its row stays then', async () => {
    const { path, store: first } = await withBigRun('cut-erased.db')
    const store = await cutShort(path, first)

    expect(await store.erase('big', 'ana', 5)).toEqual({ kind: 'erased', runs: 1 })
    await expect(store.entries('big')).rejects.toMatchObject({ code: 'run_erased', details: { by: 'ana', at: 5 } })
    expect(counted(path)).toEqual({ entries: 2, blobs: 1, blob_refs: 1, inbox: 0, run_tags: 0, runs: 2 })
    expect(await store.gc(0, ['failed'], 10)).toEqual([])
    await store.close()
  })
})
