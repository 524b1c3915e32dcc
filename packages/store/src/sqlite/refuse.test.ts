import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { StoreError } from '@reprise/core'
import { beginning } from '@reprise/testing/store-suite'
import { sqlite } from './sqlite.ts'

const folder = mkdtempSync(join(tmpdir(), 'reprise-'))
afterAll(() => rmSync(folder, { recursive: true }))

let inside = ''
let path = ''
beforeEach(() => {
  inside = mkdtempSync(join(folder, 'refuse-'))
  path = join(inside, 'runs.db')
})

/** Uses the store at the path, and tells what it failed with. */
async function failure(): Promise<StoreError> {
  const store = sqlite(path)
  const thrown = await store.commit([beginning('r1')]).catch((error: unknown) => error)
  await store.close()
  if (thrown instanceof StoreError) return thrown
  throw new Error('it was not refused')
}

/** Everything in the folder, to the byte. */
function contents(): Record<string, string> {
  return Object.fromEntries(readdirSync(inside).map((name) => [name, readFileSync(join(inside, name), 'latin1')]))
}

/** Makes a database of another hand and gives it back open. */
function another(...statements: string[]): Database.Database {
  const db = new Database(path)
  for (const statement of statements) db.exec(statement)
  return db
}

describe('a path is refused, with everything left as it was,', () => {
  test('when a newer program made the database', async () => {
    const store = sqlite(path)
    await store.commit([beginning('r1')])
    await store.close()
    another('pragma user_version = 7').close()
    const before = contents()
    const { code, message, details } = await failure()

    expect(code).toBe('store_newer')
    expect(message).toBe(
      `The store at ${path} has schema 7, but this program knows up to 6: it was left as it is. Upgrade @reprise/store to the version that wrote it, or choose another path.`,
    )
    expect(details).toEqual({ path, found: 7, known: 6 })
    expect(contents()).toEqual(before)
  })

  test('when a newer program made the database and has it open', async () => {
    const store = sqlite(path)
    await store.commit([beginning('r1')])
    await store.close()
    const newer = another('pragma user_version = 7')

    expect(existsSync(`${path}-wal`)).toBe(true)
    expect((await failure()).code).toBe('store_newer')
    newer.close()
  })

  test.each([
    ['a text', 'just a note\n'],
    ['one byte', 'x'],
    ['as many bytes as a page', 'SQLite format 2'.padEnd(8192, 'x')],
  ])('when the file is no database but %s', async (_, text) => {
    writeFileSync(path, text)
    const { code, message, details } = await failure()

    expect(code).toBe('store_not_a_database')
    expect(message).toBe(
      `The store at ${path} is not a SQLite database, and was left as it is. Give the path of a store, or of a file that does not exist yet.`,
    )
    expect(details).toEqual({ path })
    expect(contents()).toEqual({ 'runs.db': text })
  })

  test.each([
    ['application_id', 0x0f055112, ['pragma application_id = 0x0f055112']],
    ['tables', 0, ['create table notes (text)']],
    ['tables behind a log', 0, ['pragma journal_mode = wal', 'create table notes (text)']],
    ['user_version', 0, ['pragma user_version = 3']],
  ])("when the database is another program's by its %s", async (_, found, statements) => {
    another(...statements).close()
    const before = contents()
    const { code, message, details } = await failure()

    expect(code).toBe('store_foreign')
    expect(message).toBe(
      `The store at ${path} belongs to another program (application_id ${found}), and was left as it is. Give the path of a store, or of a file that does not exist yet.`,
    )
    expect(details).toEqual({ path, found, expected: 0x52707365 })
    expect(contents()).toEqual(before)
  })

  test('when another program has written its tables into the log alone', async () => {
    const db = another('pragma journal_mode = wal', 'create table notes (text)', 'pragma user_version = 1')

    expect((await failure()).code).toBe('store_foreign')
    expect(db.prepare('select name from sqlite_schema').pluck().all()).toEqual(['notes'])
    db.close()
  })

  test('when its folder is not there', async () => {
    path = join(inside, 'missing', 'runs.db')
    const { code, message } = await failure()

    expect(code).toBe('store_no_folder')
    expect(message).toBe(
      `The store at ${path} has no folder: ${join(inside, 'missing')} is not there. Make it, or choose another path.`,
    )
    expect(contents()).toEqual({})
  })

  test('when a folder stands there', async () => {
    mkdirSync(path)
    const { code, message } = await failure()

    expect(code).toBe('store_folder')
    expect(message).toBe(`The store at ${path} is a folder. Give the path of a file in it.`)
    expect(readdirSync(path)).toEqual([])
  })

  test.skipIf(process.getuid?.() === 0)('when the folder, or the file, may not be written', async () => {
    for (const target of [inside, path]) {
      writeFileSync(path, '')
      chmodSync(target, 0o555)
      const { code, message } = await failure()
      chmodSync(target, 0o755)

      expect(code).toBe('store_readonly')
      expect(message).toBe(
        `The store at ${path} cannot be written: this user may not write ${target}. Let this user write the file and its folder, or choose another path.`,
      )
    }
  })

  test.runIf(process.platform === 'linux')('when the system lets nobody make a file there', async () => {
    path = '/proc/runs.db'
    const { code, message } = await failure()

    expect(code).toBe('store_readonly')
    expect(message).toMatch(
      /^The store at \/proc\/runs\.db cannot be (opened for writing|written: .*)\. Let this user write/,
    )
  })
})

test('an empty file, and a database without tables, become a store', async () => {
  for (const make of [() => writeFileSync(path, ''), () => another('vacuum').close()]) {
    rmSync(path, { force: true })
    make()
    const store = sqlite(path)

    expect(await store.commit([beginning('r1')])).toEqual([{ kind: 'written' }])
    await store.close()
  }
})
