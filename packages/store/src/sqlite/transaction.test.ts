import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DefinitionError } from '@reprise/core'
import { appending, beginning, sampleEntry, sampleRow } from '@reprise/testing/store-suite'
import Database from 'better-sqlite3'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import type { SqliteDatabase } from './database.ts'
import type { SqliteStore } from './sqlite-store.ts'
import { sqlite } from './sqlite.ts'
import { ORDERS, PLACES } from './transaction-process.fixture.ts'

const folder = mkdtempSync(join(tmpdir(), 'reprise-'))
afterAll(() => rmSync(folder, { recursive: true }))

let store: SqliteStore
let path = ''
let count = 0
beforeEach(async () => {
  path = join(folder, `${count++}.db`)
  store = sqlite(path, { durability: 'process' })
  await store.transaction((tx) => tx.exec(ORDERS))
  return () => store.close()
})

const orders = () =>
  store.transaction((tx) => tx.prepare<[], string>('select id from orders order by id').pluck().all())
const insert = (tx: SqliteDatabase, id: string) => tx.prepare('insert into orders values (?)').run(id)
const queued = (id: string) => ({
  row: sampleRow(id, { status: 'queued', owner: null, attempts: 0 }),
  entries: [sampleEntry(0)],
})

describe('a transaction of a program', () => {
  test('gives what its work returns, once that is committed', async () => {
    expect(await store.transaction((tx) => insert(tx, 'o1').changes)).toBe(1)
    expect(await orders()).toEqual(['o1'])
    const other = new Database(path)
    expect(other.prepare('select id from orders').pluck().all()).toEqual(['o1'])
    other.close()
  })

  test('keeps nothing where its work throws, and throws that as it is', async () => {
    const thrown = new TypeError('sold out')
    const failing = store.transaction((tx) => {
      insert(tx, 'o1')
      throw thrown
    })
    await expect(failing).rejects.toBe(thrown)
    expect(await orders()).toEqual([])
  })

  test.each<[string, (tx: SqliteDatabase) => unknown, string]>([
    ['commit', (tx) => tx.exec('commit'), '"commit"'],
    ['begin', (tx) => tx.prepare('begin immediate'), '"begin"'],
    ['close', (tx) => tx.close(), 'close()'],
  ])('is not ended by its own work (%s)', async (_, control, what) => {
    const failing = store.transaction((tx) => {
      insert(tx, 'o1')
      control(tx)
    })
    await expect(failing).rejects.toThrow(
      new DefinitionError({
        code: 'tx_control',
        message: `The work of a transaction called ${what} on it, which commits what the work writes and what it asks of a runtime together. Leave the transaction to the store; for a part that may fail by itself, use db.transaction(fn), which is a savepoint here.`,
      }),
    )
    expect(await orders()).toEqual([])
  })

  test('is of no use once its work has ended', async () => {
    let kept: SqliteDatabase | undefined
    await store.transaction((tx) => void (kept = tx))
    expect(() => kept?.exec("insert into orders values ('o1')")).toThrow(
      'The work of a transaction used its transaction after it had ended: nothing was written by that. Do all of it before the work returns, and await before it.',
    )
  })

  test('that rolled itself back, or leaves a row without its like, has failed', async () => {
    await store.transaction((tx) =>
      tx.exec('create table bills (id text references orders deferrable initially deferred)'),
    )
    const gone = store.transaction((tx) => {
      insert(tx, 'o1')
      try {
        tx.exec("insert or rollback into orders values ('o1')")
      } catch {}
    })
    await expect(gone).rejects.toMatchObject({
      code: 'tx_lost',
      message: /^A transaction was rolled back while it ran/,
    })
    const unmatched = store.transaction((tx) => {
      tx.pragma('defer_foreign_keys = 1')
      tx.exec("insert into bills values ('nothing')")
      void store.within(tx).begin(queued('r1'))
    })
    const isEnforced = await store.transaction((tx) => tx.pragma('foreign_keys', { simple: true }))
    if (isEnforced === 1) await expect(unmatched).rejects.toMatchObject({ code: 'tx_lost' })
    else await unmatched
    expect(await orders()).toEqual([])
  })

  test('that takes a part of itself back takes the runs of that part back, and their ids are free', async () => {
    await store.transaction((tx) => {
      const part = tx.transaction(() => {
        insert(tx, 'o1')
        void store.within(tx).begin(queued('r1'))
        throw new Error('sold out')
      })
      expect(part).toThrow('sold out')
      expect(store.within(tx).run('r1')).toBeUndefined()
      insert(tx, 'o2')
      void store.within(tx).begin(queued('r2'))
    })
    expect(await orders()).toEqual(['o2'])
    expect((await store.runs({})).map(({ id }) => id)).toEqual(['r2'])
    expect(await store.commit([beginning('r1'), appending('r1', 1)])).toEqual([
      { kind: 'written' },
      { kind: 'written' },
    ])
  })

  test('waits for another program that writes, without holding up what it asks for', async () => {
    const other = new Database(path)
    other.exec('begin immediate')
    let works = 0
    const waiting = store.transaction((tx) => {
      works++
      insert(tx, 'o1')
    })
    expect(await store.runs({})).toEqual([])
    expect(works).toBe(0)
    other.exec('rollback')
    other.close()
    await waiting
    expect(works).toBe(1)
  })

  test('counts as lost what is asked of the store beside it while its work runs: it comes after it', async () => {
    const beside: Promise<unknown>[] = []
    await store
      .transaction((tx) => {
        void store.within(tx).begin(queued('r1'))
        beside.push(store.run('r1'), store.commit([beginning('r2')]), store.send({ ...message('r1') }))
        insert(tx, 'o1')
        throw new Error('sold out')
      })
      .catch(() => undefined)
    expect(await Promise.allSettled(beside)).toMatchObject([
      { value: undefined },
      { value: [{ kind: 'written' }] },
      { reason: { code: 'store_no_run' } },
    ])
    expect(await store.run('r2')).toEqual(sampleRow('r2'))
  })
})

const message = (runId: string) => ({ runId, dedupe: 'm', kind: 'cancel', body: 'x', at: 1 }) as const

/** What a process has left that was killed: the orders, the runs that pack them, and those that have their signal. */
async function left(file: string, key: Buffer | undefined) {
  const found = sqlite(file, { durability: 'process', ...(key && { encryption: { key } }) })
  try {
    const sold = await found.transaction((tx) => {
      tx.exec(ORDERS)
      return tx.prepare<[], string>('select id from orders').pluck().all()
    })
    const runs = (await found.runs({ name: 'packing', limit: 1_000 })).map(({ id }) => id)
    const signalled: string[] = []
    for (const id of runs) {
      expect(await found.entries(id)).toHaveLength(1)
      if ((await found.inbox(id)).length === 1) signalled.push(id)
    }
    return { sold: sold.toSorted(), runs: runs.toSorted(), signalled: signalled.toSorted() }
  } finally {
    await found.close()
  }
}

/** In the middle of what it writes, and when all is written; `npm run thorough` kills it everywhere. */
const kills = process.env['REPRISE_ALL']
  ? PLACES.flatMap((place) => [[place, undefined] as const, [place, Buffer.alloc(32, 7)] as const])
  : ([
      ['run', undefined],
      ['committed', Buffer.alloc(32, 7)],
    ] as const)

describe('a process that is killed in a transaction', () => {
  test.each(kills)('leaves the order, its run and its signal, or none of them (%s)', async (place, key) => {
    const file = join(mkdtempSync(join(folder, 'killed-')), 'runs.db')
    const program = join(import.meta.dirname, 'transaction-process.fixture.ts')
    const child = spawn(process.execPath, [program, file, place, key?.toString('hex') ?? ''], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const said: string[] = []
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said.push(...text.split('\n').filter((line) => line !== ''))
      if (said.length >= 25) child.kill('SIGKILL')
    })
    const [, signal] = (await once(child, 'close')) as [number | null, string | null]
    expect(signal).toBe('SIGKILL')
    const { sold, runs, signalled } = await left(file, key)
    expect(runs).toEqual(sold)
    expect(signalled).toEqual(sold)
    expect(sold).toEqual(expect.arrayContaining(said))
    if (place === 'committed') expect(sold).toEqual(['order-0'])
    else if (place !== 'never') expect(sold).toEqual([])
  })
})
