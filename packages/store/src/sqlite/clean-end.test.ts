import { spawnSync } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { appending, beginning, sampleEntry } from '@reprise/testing/store-suite'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { sqlite } from './sqlite.ts'

const folder = mkdtempSync(join(tmpdir(), 'reprise-clean-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Enough for a word to be worth its while. */
const LARGE = { result: 'x'.repeat(9_000_000) }

/** The store of each test is a copy of this one, which takes long to write. */
const made = join(folder, 'made.db')
beforeAll(async () => {
  const store = sqlite(made, { durability: 'process' })
  await store.commit([beginning('r1'), { ...appending('r1'), entries: [sampleEntry(1, LARGE)] }])
  await store.close()
})

let path = ''
beforeEach(async () => {
  path = join(mkdtempSync(join(folder, 'store-')), 'runs.db')
  copyFileSync(made, path)
  const store = sqlite(path, { durability: 'process' })
  await store.run('r1')
  await store.close()
  expect(existsSync(`${path}.clean`)).toBe(true)
})

/** Opens the store and reads a run. Gives how often all pages were looked through, and what was thrown. */
async function opened(at = path): Promise<{ readonly checks: number; readonly thrown?: unknown }> {
  using pragma = vi.spyOn(Database.prototype, 'pragma')
  const store = sqlite(at, { durability: 'process' })
  const thrown: unknown = await store.run('r1').then(
    () => undefined,
    (error: unknown) => error,
  )
  await store.close()
  const checks = pragma.mock.calls.filter(([asked]) => asked.startsWith('quick_check')).length
  return { checks, ...(thrown !== undefined && { thrown }) }
}

/** Lets a process do something with the store and kill itself. */
function killedAfter(work: string): void {
  const program = `
    import { sqlite } from '${import.meta.resolve('./sqlite.ts')}'
    const store = sqlite(${JSON.stringify(path)}, { durability: 'process' })
    ${work}
    process.kill(process.pid, 'SIGKILL')`
  const { signal, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
    encoding: 'utf8',
  })
  expect([signal, stderr]).toEqual(['SIGKILL', ''])
}

describe('a large store that was left whole', () => {
  test('is not looked through when it is opened, time after time', async () => {
    expect([await opened(), await opened()]).toEqual([{ checks: 0 }, { checks: 0 }])
  })

  test('is not looked through after it was written and closed', async () => {
    const store = sqlite(path)
    await store.commit([beginning('r2')])
    await store.close()

    expect(await opened()).toEqual({ checks: 0 })
  })

  test('is not looked through by way of a link to it', async () => {
    const link = join(folder, 'link.db')
    symlinkSync(path, link)

    expect(await opened(link)).toEqual({ checks: 0 })
    expect(existsSync(`${link}.clean`)).toBe(false)
  })

  test('is still looked through by whoever examines it', async () => {
    using pragma = vi.spyOn(Database.prototype, 'pragma')
    const { examine } = await import('./examine.ts')

    expect(await examine(path, { patienceMs: 1 })).toMatchObject({ fault: null })
    expect(pragma).toHaveBeenCalledWith('quick_check(1)', { simple: true })
  })

  test('has no word while it is open', async () => {
    const store = sqlite(path)
    await store.run('r1')

    expect(existsSync(`${path}.clean`)).toBe(false)
    await store.close()
    expect(existsSync(`${path}.clean`)).toBe(true)
  })
})

describe('a large store is looked through when it is opened', () => {
  test('after a process died that only read it', { tags: 'slow' }, async () => {
    killedAfter("await store.run('r1')")

    expect(await opened()).toEqual({ checks: 1 })
    expect(await opened()).toEqual({ checks: 0 })
  })

  test('after a process died that wrote it', { tags: 'slow' }, async () => {
    killedAfter(`await store.commit([${JSON.stringify(beginning('r2'))}])`)

    expect(await opened()).toEqual({ checks: 1 })
  })

  test('where a log lies beside it, though the word came back', { tags: 'slow' }, async () => {
    const word = readFileSync(`${path}.clean`)
    killedAfter(`await store.commit([${JSON.stringify(beginning('r2'))}])`)
    writeFileSync(`${path}.clean`, word)

    expect(await opened()).toEqual({ checks: 1 })
  })

  test('where the word is no younger than the file, which may have been changed after it', async () => {
    const before = new Date(statSync(path).mtimeMs - 1)
    utimesSync(`${path}.clean`, before, before)

    expect(await opened()).toEqual({ checks: 1 })
  })

  test('after somebody has overwritten a page of it, which is found', async () => {
    const bytes = readFileSync(path)
    writeFileSync(path, bytes.fill(0xa5, 8192, 8192 + 64))

    expect(await opened()).toMatchObject({ checks: 1, thrown: { code: 'store_corrupt' } })
    expect(existsSync(`${path}.clean`)).toBe(true)
    expect(await opened()).toMatchObject({ checks: 1, thrown: { code: 'store_corrupt' } })
  })

  test('after a copy of it was put in its place', async () => {
    copyFileSync(path, `${path}.copy`)
    renameSync(`${path}.copy`, path)

    expect(await opened()).toEqual({ checks: 1 })
  })

  test('after another program has written it', async () => {
    const db = new Database(path)
    db.exec('create table notes (text)')
    db.close()

    expect(await opened()).toEqual({ checks: 1 })
  })

  test('after it was closed while somebody else had it open', async () => {
    const other = new Database(path)
    other.prepare('select count(*) from runs').get()
    expect(await opened()).toEqual({ checks: 0 })
    other.close()

    expect(await opened()).toEqual({ checks: 1 })
  })

  test('after a journal in it was found damaged', async () => {
    const db = new Database(path)
    db.exec("update entries set key = 'another' where seq = 0")
    db.close()
    const store = sqlite(path, { durability: 'process' })
    await expect(store.entries('r1')).rejects.toMatchObject({ code: 'store_corrupt' })
    await store.close()

    expect(await opened()).toEqual({ checks: 1 })
  })

  test.each(['', 'another program’s'])('where a file that is no word stands in its place: "%s"', async (text) => {
    writeFileSync(`${path}.clean`, text)

    expect(await opened()).toEqual({ checks: 1 })
    // What was cut off is written anew, and what is somebody else's stays.
    expect(await opened()).toEqual({ checks: text === '' ? 0 : 1 })
    expect(readFileSync(`${path}.clean`, 'utf8') === text).toBe(text !== '')
  })
})

test('a small store is looked through whenever it is opened, and no word stands beside it', async () => {
  const small = join(folder, 'small.db')
  const store = sqlite(small, { durability: 'process' })
  await store.commit([beginning('r1')])
  await store.close()

  expect(await opened(small)).toEqual({ checks: 1 })
  expect(existsSync(`${small}.clean`)).toBe(false)
})
