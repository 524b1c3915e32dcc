import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { afterAll, expect, test, vi } from 'vitest'
import { TX } from '@reprise/core'
import { appending, beginning, sampleEntry, sampleMessage } from '@reprise/testing/store-suite'
import type { SqliteStore } from './sqlite-store.ts'
import { sqlite } from './sqlite.ts'
import { PATIENCE_MS } from './turns.ts'

const folder = mkdtempSync(join(tmpdir(), 'reprise-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Sets a pragma on the store's own connection. */
async function set(store: SqliteStore, pragma: string): Promise<void> {
  await store.transact('r1', 1, (handle) => {
    store.tx({ [TX]: handle }).pragma(pragma)
    return { runId: 'r1', epoch: 1, entries: [] }
  })
}

test('a full disk takes nothing of a commit, says so, and is gone on from when there is room', async () => {
  const path = join(folder, 'full.db')
  const store = sqlite(path)
  await store.commit([beginning('r1')])
  await set(store, `max_page_count = ${statSync(path).size / 8192 + 20}`)
  const large = {
    ...appending('r1'),
    entries: [1, 2, 3].map((seq) => sampleEntry(seq, { result: String(seq).repeat(90_000) })),
  }

  await expect(store.commit([beginning('r2'), large])).rejects.toMatchObject({
    name: 'StoreError',
    code: 'store_full',
    message: `The store at ${path} has no room left: nothing was written. Free space on its disk.`,
    details: { path, sqlite: 'SQLITE_FULL' },
    retryable: true,
  })
  expect(await store.run('r2')).toBeUndefined()
  expect(await store.entries('r1')).toEqual([sampleEntry(0)])

  await set(store, 'max_page_count = 10000')
  expect(await store.commit([beginning('r2'), large])).toEqual([{ kind: 'written' }, { kind: 'written' }])
  expect(await store.entries('r1')).toEqual([sampleEntry(0), ...large.entries])
  await store.close()
})

test('a commit that happened though the database said otherwise is known again by its writer', async () => {
  // oxlint-disable-next-line typescript/unbound-method -- it is called with its database below
  const { transaction } = Database.prototype
  let failing = false
  const spy = vi.spyOn(Database.prototype, 'transaction').mockImplementation(function (this: Database.Database, work) {
    const whole = transaction.call(this, work)
    const immediate = (...given: Parameters<typeof work>): unknown => {
      const done: unknown = whole.immediate(...given)
      if (failing) throw new Database.SqliteError('disk I/O error', 'SQLITE_IOERR_FSYNC')
      return done
    }
    return Object.create(whole, { immediate: { value: immediate } }) as typeof whole // only ever begun IMMEDIATE
  })
  const path = join(folder, 'doubt.db')
  const store = sqlite(path)
  await store.commit([beginning('r1')])
  for (const write of [appending('r1', 1), beginning('r2')]) {
    failing = true
    await expect(store.commit([write])).rejects.toMatchObject({
      code: 'store_io',
      message: `The store at ${path} met an error of its disk. Look at the disk and its mount, then start again.`,
      details: { path, sqlite: 'SQLITE_IOERR_FSYNC' },
    })
    failing = false
    expect(await store.commit([write])).toEqual([{ kind: 'written' }])
  }
  spy.mockRestore()

  expect(await store.entries('r1')).toEqual([sampleEntry(0), sampleEntry(1)])
  expect(await store.entries('r2')).toEqual([sampleEntry(0)])
  await store.close()
})

test('a database that another program holds is a clear error, and is written once it lets go', async () => {
  const path = join(folder, 'busy.db')
  const store = sqlite(path)
  await store.commit([beginning('r1')])
  const other = new Database(path)
  other.exec('begin immediate')
  const calls = [
    () => store.commit([appending('r1', 1)]),
    () => store.transact('r1', 1, () => appending('r1', 1)),
    () => store.claim({ id: 'r1', epoch: 1, ownerHeartbeat: 0 }, { owner: 'bob', heartbeat: 0 }),
    () => store.heartbeat('ann', 1),
    () => store.send(sampleMessage('r1', 'a')),
  ]
  const now = performance.now.bind(performance)
  let passedMs = 0
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => now() + passedMs)
  const refused = calls.map((call) =>
    expect(call()).rejects.toMatchObject({
      name: 'StoreError',
      code: 'store_busy',
      message: `The store at ${path} is held by another program: nothing was written. Try again, or end that program.`,
      details: { path, sqlite: 'SQLITE_BUSY' },
      retryable: true,
    }),
  )
  await setImmediate()
  passedMs = PATIENCE_MS
  await Promise.all(refused)
  clock.mockRestore()
  expect(await store.entries('r1')).toEqual([sampleEntry(0)])

  other.exec('commit')
  other.close()
  expect(await store.commit([appending('r1', 1)])).toEqual([{ kind: 'written' }])
  await store.close()
})

test('from when a transaction begins nobody else writes, so that what it has read holds until it is written', async () => {
  const path = join(folder, 'turn.db')
  const store = sqlite(path)
  await store.commit([beginning('r1')])
  const other = new Database(path, { timeout: 0 })
  const change = other.prepare("update runs set tags = '[]'")
  const effect = (): ReturnType<typeof appending> => {
    expect(() => change.run()).toThrow(expect.objectContaining({ code: 'SQLITE_BUSY' }))
    return appending('r1', 1)
  }
  expect(await store.transact('r1', 1, effect)).toEqual({ kind: 'written' })
  expect(change.run().changes).toBe(1)
  other.close()
  await store.close()
})

test('a value that the database cannot hold is an error of the store, and nothing is written', async () => {
  const store = sqlite(':memory:')
  const write = { ...beginning('r1'), entries: [{ ...sampleEntry(0), at: 0.5 }] }

  await expect(store.commit([beginning('r2'), write])).rejects.toMatchObject({
    name: 'StoreError',
    code: 'store_failed',
    message:
      'The store at :memory: failed: cannot store REAL value in INTEGER column entries.at. Nothing was written. Please report this.',
  })
  expect(await store.runs({})).toEqual([])
  expect(await store.commit([beginning('r1')])).toEqual([{ kind: 'written' }])
})

test('the log that grew under a long reader is cut back when the reader is done', { tags: 'slow' }, async () => {
  const path = join(folder, 'reader.db')
  const store = sqlite(path, { durability: 'process' })
  await store.commit([beginning('r1')])
  const reader = new Database(path)
  reader.exec('begin')
  reader.prepare('select count(*) from runs').get()
  const grow = async (from: number, to: number): Promise<void> => {
    for (let seq = from; seq < to; seq++)
      await store.commit([{ ...appending('r1'), entries: [sampleEntry(seq, { result: String(seq).repeat(30_000) })] }])
  }
  await grow(1, 300)
  expect(statSync(`${path}-wal`).size).toBeGreaterThan(24 * 1024 * 1024)
  reader.exec('commit')
  reader.close()
  await store.heartbeat('ann', 1)
  expect(statSync(`${path}-wal`).size).toBeLessThanOrEqual(16 * 1024 * 1024)
  await grow(300, 302)

  expect(statSync(`${path}-wal`).size).toBeLessThanOrEqual(16 * 1024 * 1024)
  await store.close()
})

test.runIf(process.platform === 'linux')(
  'a log that a reader keeps growing is warned of, by who reads',
  { tags: 'slow' },
  async () => {
    const path = join(folder, 'grows.db')
    const store = sqlite(path, { durability: 'process' })
    await store.commit([beginning('r1')])
    const reading = `
    import Database from '${import.meta.resolve('better-sqlite3')}'
    const db = new Database(${JSON.stringify(path)})
    db.exec('begin')
    db.prepare('select count(*) from runs').get()
    // Named in here, the connection is not taken away with the garbage, which would end its reading.
    process.stdin.once('data', () => process.exit(db.open ? 0 : 1))
    process.stdout.write('reads')`
    const reader = spawn(process.execPath, ['--input-type=module', '--eval', reading], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    const ended = once(reader, 'exit')
    await once(reader.stdout, 'data')
    using warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    const large = 'x'.repeat(8_000_000)
    for (let seq = 1; seq < 11; seq++)
      await store.commit([{ ...appending('r1'), entries: [sampleEntry(seq, { result: `${seq}${large}` })] }])
    await store.heartbeat('ann', 1)
    reader.stdin.end('done')
    expect(await ended).toEqual([0, null])

    expect(warned).toHaveBeenCalledOnce()
    expect(warned.mock.lastCall?.[0]).toMatch(
      new RegExp(
        `^The log of the store at .*grows\\.db has grown to \\d+ MB: somebody reads the database in one long transaction, which is one of the processes ${reader.pid} \\(\\w+\\)\\. End that reader: the log is cut back then\\.$`,
      ),
    )
    await store.close()
  },
)

test.runIf(process.platform === 'linux')(
  'a log that one large commit has made long is not warned of: nobody reads',
  { tags: 'slow' },
  async () => {
    const store = sqlite(join(folder, 'large.db'), { durability: 'process' })
    using warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    const entries = Array.from({ length: 9 }, (_, at) =>
      sampleEntry(at + 1, { result: `${at}${'x'.repeat(8_000_000)}` }),
    )
    await store.commit([beginning('r1')])
    await store.commit([{ ...appending('r1'), entries }])
    await store.heartbeat('ann', 1)
    await store.commit([beginning('r2')])

    expect(warned).not.toHaveBeenCalled()
    await store.close()
  },
)
