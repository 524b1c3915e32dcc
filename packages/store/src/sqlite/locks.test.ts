// What stands between a process and the loss of its log: its locks on the file, and that the file is still the one it opened.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { createRuntime, defineSignal, defineWorkflow } from '@reprise/core'
import { manualClock, scriptedModel } from '@reprise/testing'
import { appending, beginning } from '@reprise/testing/store-suite'
import { z } from 'zod'
import { restore } from './restore.ts'
import { sqlite } from './sqlite.ts'

vi.setConfig({ testTimeout: 240_000 })

const folder = mkdtempSync(join(tmpdir(), 'reprise-locks-'))
afterAll(() => rmSync(folder, { recursive: true }))

let path = ''
beforeEach(() => {
  path = join(mkdtempSync(join(folder, 'case-')), 'runs.db')
})

/** Runs a script in a process of its own, and gives what it says. */
function inProcess(script: string): string {
  const input = `import Database from '${import.meta.resolve('better-sqlite3')}'\n${script}`
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--input-type=module', '-'], {
    input,
    encoding: 'utf8',
  })
  expect({ stderr, status }).toEqual({ stderr: expect.any(String), status: 0 })
  return stdout + stderr
}

/** Another program looks at the database and closes it: the last to close deletes the log. */
function lookedAt(): string {
  return inProcess(`
    const db = new Database(${JSON.stringify(path)})
    console.log(db.prepare('select count(*) from runs').pluck().get(), db.pragma('integrity_check', { simple: true }))
    db.close()`)
}

describe('a program that looks at an open store and closes it leaves the log that is still written', () => {
  test.each([
    ['where the process has opened it a second time', async () => void (await sqlite(path).run('r1'))],
    ['where it has opened it otherwise', async () => void (await sqlite(path, { durability: 'process' }).run('r1'))],
    [
      'where it has opened and closed it',
      async () => {
        const second = sqlite(path, { durability: 'process' })
        await second.run('r1')
        await second.close()
      },
    ],
    [
      'where it was refused',
      () =>
        expect(sqlite(path, { encryption: { key: Buffer.alloc(32) } }).run('r1')).rejects.toMatchObject({
          code: 'store_not_encrypted',
        }),
    ],
    [
      'where it would have been restored from',
      () => expect(restore(path, `${path}.restored`)).rejects.toMatchObject({ code: 'store_busy' }),
    ],
  ])('%s', async (_, meanwhile) => {
    const store = sqlite(path)
    await store.commit([beginning('r1')])
    const { ino } = statSync(`${path}-wal`)
    await meanwhile()

    expect(lookedAt()).toBe('1 ok\n')
    expect(existsSync(`${path}-wal`) && statSync(`${path}-wal`).ino).toBe(ino)
    expect(await store.commit([beginning('r2'), appending('r1', 1)])).toEqual([
      { kind: 'written' },
      { kind: 'written' },
    ])
    expect(lookedAt()).toBe('2 ok\n')
    await store.close()
    expect(lookedAt()).toBe('2 ok\n')
  })
})

test('a file that is open twice is closed with its last use', async () => {
  const stores = [sqlite(path), sqlite(path)] as const
  await Promise.all(stores.map((store) => store.run('r1')))
  await stores[0].close()

  expect(await stores[1].commit([beginning('r1')])).toEqual([{ kind: 'written' }])
  await stores[1].close()
  expect(existsSync(`${path}-wal`)).toBe(false)
})

test('a second copy of better-sqlite3 in the process is refused the file', async () => {
  const store = sqlite(path)
  await store.commit([beginning('r1')])
  vi.resetModules()
  vi.doMock('better-sqlite3', async (original) => {
    const { default: Database } = await original<{ default: new () => object }>()
    return { default: class extends Database {} }
  })
  const { sqlite: other } = await import('./sqlite.ts')

  await expect(other(path).run('r1')).rejects.toMatchObject({
    code: 'store_opened_twice',
    message: `The store at ${path} is open in this process by another copy of better-sqlite3, and two would let go of each other's locks. Install one version of better-sqlite3 for all packages, or use one of the stores for both.`,
  })
  await store.close()
  const later = other(path)
  expect(await later.run('r1')).toMatchObject({ id: 'r1' })
  await later.close()
  vi.doUnmock('better-sqlite3')
})

describe('a store whose files are lost while it is open writes nothing more', () => {
  test.each([
    ['its file was moved', () => renameSync(path, `${path}.old`), '', 'is no longer there'],
    ['its file was deleted', () => rmSync(path), '', 'is no longer there'],
    [
      'another file stands there',
      () => {
        renameSync(path, `${path}.old`)
        writeFileSync(path, '')
      },
      '',
      'is another file now',
    ],
    ['its log was deleted', () => rmSync(`${path}-wal`), '-wal', 'is no longer there'],
    ["its log's index was deleted", () => rmSync(`${path}-shm`), '-shm', 'is no longer there'],
    [
      'another log stands there',
      () => {
        renameSync(`${path}-wal`, `${path}-wal.old`)
        writeFileSync(`${path}-wal`, '')
      },
      '-wal',
      'is another file now',
    ],
  ])('where %s: the next beat tells', async (_, lose, file, what) => {
    const store = sqlite(path)
    await store.commit([beginning('r1')])
    lose()
    const lost = {
      name: 'StoreError',
      code: 'store_replaced',
      retryable: false,
      message: `The store at ${path} was lost while it was open: ${path}${file} ${what}, and nothing more is written. Find out who moved, deleted or replaced it, put it back together with its log (-wal), and start this program again.`,
    }

    await expect(store.heartbeat('ann', 1)).rejects.toMatchObject(lost)
    await expect(store.commit([appending('r1', 1)])).rejects.toMatchObject(lost)
    await expect(store.entries('r1')).rejects.toMatchObject(lost)
    await store.close()
  })

  test.each([
    ['the index of its log was', ['-shm']],
    ['its log was, with the index', ['-shm', '-wal']],
  ])('nor over what others have written, where %s deleted', { tags: 'slow' }, async (_, ends) => {
    const store = sqlite(path)
    await store.commit([beginning('r1')])
    for (const end of ends) rmSync(`${path}${end}`)
    inProcess(`
      const db = new Database(${JSON.stringify(path)})
      db.exec('create table notes (note text)')
      const insert = db.prepare('insert into notes values (?)')
      for (let nth = 0; nth < 100; nth++) insert.run('x'.repeat(1000))
      db.close()`)
    await expect(store.heartbeat('ann', 1)).rejects.toMatchObject({ code: 'store_replaced' })
    await store.close()

    const found = inProcess(`
      const db = new Database(${JSON.stringify(path)})
      console.log(db.prepare('select count(*) from notes').pluck().get(), db.pragma('integrity_check', { simple: true }))
      db.close()`)
    expect(found).toBe('100 ok\n')
  })

  test.each([[['-wal']], [['-shm', '-wal']]])(
    'but for what its log held, where nobody else came (%s)',
    async (ends) => {
      const store = sqlite(path)
      await store.commit([beginning('r1')])
      for (const end of ends) rmSync(`${path}${end}`)
      await expect(store.heartbeat('ann', 1)).rejects.toMatchObject({ code: 'store_replaced' })
      await store.close()

      expect(lookedAt()).toBe('1 ok\n')
    },
  )

  test('and its runs are stopped, also those that wait', async () => {
    const signal = defineSignal({ name: 's', payload: z.object({}) })
    const held = Promise.withResolvers<void>()
    const flow = defineWorkflow({
      name: 'flow',
      input: z.string(),
      run: async (ctx) => {
        await ctx.step('long', async ({ signal: aborted }) => {
          held.resolve()
          await new Promise((resolve) => aborted.addEventListener('abort', resolve))
        })
        return ctx.receive(signal)
      },
    })
    const clock = manualClock()
    const errors: string[] = []
    const log = { info: () => undefined, warn: () => undefined, error: (line: string) => errors.push(line) }
    const store = sqlite(path)
    const runtime = createRuntime({ store, models: scriptedModel([]), definitions: [flow], clock, log })
    const run = await runtime.start(flow, 'x', { id: 'r' })
    await held.promise
    renameSync(path, `${path}.old`)
    await clock.advance(1_000)

    expect(await run.outcome()).toMatchObject({ waiting: { kind: 'interrupted', error: { code: 'store_replaced' } } })
    expect(errors).toEqual([
      expect.stringMatching(/^The run "r" was interrupted: The store at .* was lost while it was open/),
    ])
    await runtime.close()
  })
})

test.runIf(process.platform === 'linux')('a store on a network file system is warned of, once', () => {
  const said = inProcess(`
    import fs from 'node:fs'
    import { syncBuiltinESMExports } from 'node:module'
    fs.statfsSync = () => ({ type: 0x6969 })
    syncBuiltinESMExports()
    const { sqlite } = await import('${import.meta.resolve('./sqlite.ts')}')
    process.on('warning', ({ name, code, message }) => console.log(name, code, message))
    for (const again of [1, 2]) {
      const store = sqlite(${JSON.stringify(path)})
      await store.run('r')
      await store.close()
    }`)

  expect(said.split('\n').filter((line) => line.startsWith('RepriseWarning'))).toEqual([
    `RepriseWarning store_network The store at ${path} lies on a file system of the sort NFS. Where several machines share it, SQLite's locks may not hold and runs may be lost: put the file on a local disk.`,
  ])
})
