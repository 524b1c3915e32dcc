// Several processes on one encrypted store: what one does with the keys the others find out. A store that is opened
// otherwise has a connection and keys at hand of its own, as another process has.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { createRuntime, defineSignal, defineWorkflow } from '@reprise/core'
import type { RunWrite, Store } from '@reprise/core'
import { manualClock, scriptedModel } from '@reprise/testing'
import { appending, beginning, sampleEntry, sampleMessage } from '@reprise/testing/store-suite'
import { z } from 'zod'
import type { SqliteStore } from './sqlite-store.ts'
import { sqlite } from './sqlite.ts'

const folder = mkdtempSync(join(tmpdir(), 'reprise-keys-'))
afterAll(() => rmSync(folder, { recursive: true }))

const KEY = Buffer.alloc(32, 'key')
const OTHER = Buffer.alloc(32, 'other')
const AT = Date.UTC(2026, 10, 30)

let path = ''
beforeEach(() => {
  path = join(mkdtempSync(join(folder, 'case-')), 'runs.db')
})

/** Two stores on one file, each with a connection of its own. */
function both(): readonly [SqliteStore, SqliteStore] {
  const encryption = { key: KEY }
  return [sqlite(path, { durability: 'process', encryption }), sqlite(path, { durability: 'power', encryption })]
}

function ending(runId: string): RunWrite {
  const totals = beginning('x').create?.totals
  return {
    runId,
    epoch: 1,
    entries: [],
    row: { status: 'completed', waiting: null, waits: [], wakeAt: null, endedAt: AT, totals } as never,
    release: true,
  }
}

const flow = defineWorkflow({ name: 'flow', input: z.string(), run: (ctx) => ctx.receive(tick) })
const tick = defineSignal({ name: 'tick', payload: z.object({}) })

describe('an id that another process has cleaned up and used again', () => {
  /** The first knows the key of the run that the second cleans up and begins anew. */
  async function usedAgain(): Promise<readonly [SqliteStore, SqliteStore]> {
    const [first, second] = both()
    await first.commit([beginning('weekly'), ending('weekly')])
    expect(await first.entries('weekly')).toEqual([sampleEntry(0)])
    expect(await second.gc(AT + 1, ['completed'], 10)).toEqual(['weekly'])
    await second.commit([beginning('weekly'), appending('weekly', 1)])
    return [first, second]
  }

  test('is read, written to and gone on with under its new key', async () => {
    const stores = await usedAgain()
    const [first, second] = stores
    expect(await first.entries('weekly')).toEqual([sampleEntry(0), sampleEntry(1)])
    expect(await first.send(sampleMessage('weekly', 'a'))).toBe(true)
    expect(await second.inbox('weekly')).toEqual([sampleMessage('weekly', 'a')])
    expect(await first.commit([appending('weekly', 2)])).toEqual([{ kind: 'written' }])
    expect(await second.entries('weekly')).toEqual([0, 1, 2].map((seq) => sampleEntry(seq)))
    await Promise.all(stores.map((store) => store.close()))
  })

  test('gets children under its new key', async () => {
    const stores = await usedAgain()
    const [first, second] = stores
    await first.commit([beginning('weekly/child', { lineageId: 'weekly' })])
    expect(await second.entries('weekly/child')).toEqual([sampleEntry(0)])
    await Promise.all(stores.map((store) => store.close()))
  })
})

test('a run whose id another process has cleaned up and used again has the secrets that it was given, and no others', async () => {
  const login = defineWorkflow({
    name: 'login',
    input: z.object({ password: z.string().meta({ secret: true }) }),
    run: (ctx, { password }) => ctx.step('use', ({ reveal }) => reveal(password).length),
  })
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined }
  const clock = manualClock()
  const [first, second] = both().map((store) =>
    createRuntime({ store, models: scriptedModel([]), definitions: [login], clock, log }),
  )
  if (!first || !second) throw new Error('there are two')
  const before = await second.start(login, { password: 'before' }, { id: 'weekly' })
  expect(await before.result()).toBe('before'.length)
  await clock.advance(1)
  expect(await first.gc({ olderThanMs: 0 })).toBe(1)
  await first.enqueue(login, { password: 'and after' }, { id: 'weekly' })
  const after = await second.resume('weekly')

  expect(await after.result()).toBe('and after'.length)
  await Promise.all([first.close(), second.close()])
})

describe('a process that has not the key by which another has wrapped all keys anew', () => {
  const wrongKey = { name: 'StoreError', code: 'store_wrong_key', retryable: false }

  async function rotated(): Promise<readonly [SqliteStore, SqliteStore]> {
    const old = sqlite(path, { encryption: { key: KEY } })
    await old.commit([beginning('r1')])
    const next = sqlite(path, { encryption: { key: OTHER, oldKeys: [KEY] } })
    await next.commit([beginning('r2')])
    return [old, next]
  }

  test('reads, begins and takes nothing more, and says which key it lacks', async () => {
    const stores = await rotated()
    const [old, next] = stores
    const attempts = [
      old.entries('r1'),
      old.entries('r2'),
      old.commit([beginning('r3')]),
      old.commit([appending('r1', 1)]),
      old.send(sampleMessage('r1', 'a')),
    ]
    for (const attempt of attempts) await expect(attempt).rejects.toMatchObject(wrongKey)
    await expect(old.entries('r1')).rejects.toThrow(
      /^The store at .* is encrypted by the key \w{8}, and the key given is \w{8}\. Give that key: as `key`, or among `oldKeys` where `key` is to take its place\.$/,
    )
    expect(await next.entries('r1')).toEqual([sampleEntry(0)])
    expect(await next.run('r3')).toBeUndefined()
    expect(await next.commit([appending('r1', 1)])).toEqual([{ kind: 'written' }])
    await Promise.all(stores.map((store) => store.close()))
  })

  test('puts no sound run into quarantine, and leaves it to others', async () => {
    const clock = manualClock()
    const log = { info: () => undefined, warn: () => undefined, error: () => undefined }
    const runtimeOn = (store: Store) =>
      createRuntime({ store, models: scriptedModel([]), definitions: [flow], clock, log })
    const stores = await rotated()
    const [old, next] = stores.map(runtimeOn)
    if (!old || !next) throw new Error('there are two')
    await next.enqueue(flow, 'x', { id: 'queued' })
    const worker = old.work()
    await clock.advance(10_000)
    expect(await next.runs.get('queued')).toMatchObject({ status: 'queued', owner: null, epoch: 1 })
    await worker.stop()
    await next.send('queued', tick, {})
    expect(await (await next.resume('queued')).result()).toEqual({})
    await Promise.all([old.close(), next.close()])
    await Promise.all(stores.map((store) => store.close()))
  })

  test('goes on where it was given that key before', async () => {
    const old = sqlite(path, { encryption: { key: KEY, oldKeys: [OTHER] } })
    await old.commit([beginning('r1')])
    const next = sqlite(path, { encryption: { key: OTHER, oldKeys: [KEY] } })
    await next.run('r1')
    expect(await old.commit([appending('r1', 1), beginning('r2')])).toEqual([{ kind: 'written' }, { kind: 'written' }])
    expect(await next.entries('r2')).toEqual([sampleEntry(0)])
    await Promise.all([old.close(), next.close()])
  })
})
