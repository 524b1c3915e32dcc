import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { DefinitionError } from '@reprise/core'
import { appending, beginning, type StoreMaker, storeSuite } from '@reprise/testing/store-suite'
import { sqlite } from './sqlite.ts'
import type { SqliteStore } from './sqlite-store.ts'

const folder = mkdtempSync(join(tmpdir(), 'reprise-'))
afterAll(() => rmSync(folder, { recursive: true }))

let path = ''
let opened: SqliteStore
const transaction: StoreMaker['transaction'] = (_, work) => opened.transaction((tx) => void work(tx))

storeSuite('SQLite in a file', {
  open: async () => {
    path = join(mkdtempSync(join(folder, 'suite-')), 'runs.db')
    return (opened = sqlite(path, { durability: 'process' }))
  },
  openAgain: async () => sqlite(path, { durability: 'process' }),
  transaction,
})

const encryption = { key: Buffer.alloc(32, 7) }
describe('other stores of SQLite:', { tags: 'slow' }, () => {
  storeSuite('SQLite in memory', { open: async () => (opened = sqlite(':memory:')), transaction })

  storeSuite('encrypted SQLite in a file', {
    open: async () => {
      path = join(mkdtempSync(join(folder, 'suite-')), 'runs.db')
      return (opened = sqlite(path, { durability: 'process', encryption }))
    },
    openAgain: async () => sqlite(path, { durability: 'process', encryption }),
    transaction,
  })
})

async function pragma(store: SqliteStore, name: string): Promise<unknown> {
  const found: unknown[] = []
  await store.commit([beginning('asked')])
  await store.transact('asked', 1, (handle) => {
    found.push(store.tx({ [Symbol.for('reprise.tx')]: handle }).pragma(name, { simple: true }))
    return { runId: 'asked', epoch: 1, entries: [] }
  })
  return found[0]
}

describe('opening', () => {
  test('happens at the first use: importing loads no driver, and making a store makes no file', () => {
    const file = join(folder, 'lazy.db')
    const script = `
      import { createRequire } from 'node:module'
      import { existsSync } from 'node:fs'
      import { sqlite } from '${import.meta.resolve('../index.ts')}'
      const loaded = () => Object.keys(createRequire(import.meta.url).cache).some((name) => name.includes('better-sqlite3'))
      const store = sqlite(${JSON.stringify(file)})
      console.log(loaded(), existsSync(${JSON.stringify(file)}))
      await store.run('r1')
      console.log(loaded(), existsSync(${JSON.stringify(file)}))`
    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], { encoding: 'utf8' })

    expect(stdout).toBe('false false\ntrue true\n')
  })

  test.each([
    ['power', 2],
    ['process', 1],
  ] as const)('with durability %s, new and reopened, SQLite synchronises at level %i', async (durability, level) => {
    const file = join(folder, `${durability}.db`)
    for (const time of ['new', 'reopened']) {
      const store = sqlite(file, { durability })
      expect([time, await pragma(store, 'synchronous')]).toEqual([time, level])
      expect([time, await pragma(store, 'journal_mode')]).toEqual([time, 'wal'])
      await store.close()
    }
  })

  test('is at level FULL unless told otherwise', async () => {
    const store = sqlite(join(folder, 'default.db'))
    expect(await pragma(store, 'synchronous')).toBe(2)
    await store.close()
  })

  test('that failed is tried again at the next use', async () => {
    const later = join(folder, 'later')
    const store = sqlite(join(later, 'runs.db'))
    await expect(store.run('r1')).rejects.toMatchObject({ code: 'store_no_folder' })
    mkdirSync(later)

    expect(await store.run('r1')).toBeUndefined()
    await store.close()
  })

  test('happens once for several first uses', async () => {
    const store = sqlite(join(folder, 'once.db'))
    const results = await Promise.all([store.commit([beginning('r1')]), store.run('r1'), store.runs({})])

    expect(results[0]).toEqual([{ kind: 'written' }])
    await store.close()
  })

  test.each(['', '  '])('of the path %j is refused when it is given', (empty) => {
    expect(() => sqlite(empty)).toThrow(
      new DefinitionError({
        code: 'store_no_path',
        message: `sqlite("${empty}") names no file. Give a path, or ":memory:".`,
      }),
    )
  })
})

describe('closing', () => {
  test('leaves the file alone, without logs', async () => {
    const inside = mkdtempSync(join(folder, 'closing-'))
    const store = sqlite(join(inside, 'runs.db'))
    await store.commit([beginning('r1')])
    expect(readdirSync(inside).toSorted()).toEqual(['runs.db', 'runs.db-shm', 'runs.db-wal'])
    await store.close()

    expect(readdirSync(inside)).toEqual(['runs.db'])
  })

  test('ends every use, may be repeated, and makes no file of a store that was never used', async () => {
    const file = join(folder, 'unused.db')
    const store = sqlite(file)
    await store.close()
    await store.close()

    await expect(store.commit([beginning('r1')])).rejects.toMatchObject({
      name: 'StoreError',
      code: 'store_closed',
      message: `The store at ${file} is closed. Make another with sqlite(path).`,
    })
    expect(existsSync(file)).toBe(false)
  })

  test('waits for an opening that is under way', async () => {
    const store = sqlite(join(folder, 'under-way.db'))
    const writing = store.commit([beginning('r1')])
    await store.close()

    await expect(writing).rejects.toMatchObject({ code: 'store_closed' })
  })

  test('cuts the log back though another connection goes on', async () => {
    const file = join(folder, 'two.db')
    const stores = [sqlite(file), sqlite(file)] as const
    await stores[0].commit([beginning('r1')])
    await stores[1].run('r1')
    await stores[0].close()

    expect(statSync(`${file}-wal`).size).toBe(0)
    expect(await stores[1].commit([appending('r1', 1)])).toEqual([{ kind: 'written' }])
    await stores[1].close()
    expect(existsSync(`${file}-wal`)).toBe(false)
  })
})
