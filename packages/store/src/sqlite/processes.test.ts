import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { appending, beginning, sampleEntry } from '@reprise/testing/store-suite'
import { sqlite } from './sqlite.ts'

// Each test starts processes, which takes its time on a busy machine.
vi.setConfig({ testTimeout: 240_000 })

const folder = mkdtempSync(join(tmpdir(), 'reprise-'))
afterAll(() => rmSync(folder, { recursive: true }))

let path = ''
beforeEach(() => {
  path = join(mkdtempSync(join(folder, 'process-')), 'runs.db')
})

interface Ended {
  readonly signal: string | null
  readonly code: number | null
  readonly output: string
}

/** Runs a script in a process of its own, which has a store at the path and the writes; kills it once it has said enough. */
function run(script: string, { writes = [] as unknown[], killAfterLines = Infinity } = {}): Promise<Ended> {
  const { promise, resolve } = Promise.withResolvers<Ended>()
  const source = `
    import Database from '${import.meta.resolve('better-sqlite3')}'
    import { sqlite } from '${import.meta.resolve('./sqlite.ts')}'
    const store = sqlite(${JSON.stringify(path)}, { durability: 'process' })
    const writes = ${JSON.stringify(writes)}
    ${script}`
  const child = spawn(process.execPath, ['--input-type=module', '-'])
  child.stdin.end(source)
  let output = ''
  const hear = (chunk: Buffer): void => {
    output += chunk.toString()
    if (output.split('\n').length > killAfterLines) child.kill('SIGKILL')
  }
  child.stdout.on('data', hear)
  child.stderr.pipe(process.stderr)
  child.on('close', (code, signal) => resolve({ code, signal, output }))
  return promise
}

describe('a process that is killed', () => {
  test('in the middle of a migration leaves the version before it, and the next one migrates', async () => {
    const ended = await run(`
      const { exec } = Database.prototype
      Database.prototype.exec = function (sql) { exec.call(this, sql); process.kill(process.pid, 'SIGKILL') }
      await store.run('r1')`)
    expect(ended.signal).toBe('SIGKILL')
    const db = new Database(path)
    expect(db.pragma('user_version', { simple: true })).toBe(0)
    expect(db.prepare('select count(*) from sqlite_schema').pluck().get()).toBe(0)
    db.close()

    const store = sqlite(path)
    expect(await store.commit([beginning('r1')])).toEqual([{ kind: 'written' }])
    await store.close()
  })

  test.each(process.env['REPRISE_ALL'] ? [1, 7, 40] : [7])(
    'after %i acknowledged commits has lost none, and its chain goes on',
    async (killAfterLines) => {
      const writes = Array.from({ length: 5000 }, (_, seq) => [seq === 0 ? beginning('r1') : appending('r1', seq)])
      const script = `
      for (const write of writes) {
        await store.commit(write)
        await new Promise((resolve) => process.stdout.write('.\\n', resolve))
      }`
      const { signal, output } = await run(script, { writes, killAfterLines })
      expect(signal).toBe('SIGKILL')
      const acknowledged = output.split('\n').length - 1

      const store = sqlite(path)
      const entries = await store.entries('r1')
      expect(entries.length).toBeGreaterThanOrEqual(acknowledged)
      expect(entries).toEqual(entries.map((_, seq) => sampleEntry(seq)))
      expect(
        (await store.claim({ id: 'r1', epoch: 1, ownerHeartbeat: 0 }, { owner: 'bob', heartbeat: 0 }))?.epoch,
      ).toBe(2)
      expect(await store.commit([{ ...appending('r1', entries.length), epoch: 2 }])).toEqual([{ kind: 'written' }])
      await store.close()
    },
  )

  test('inside a transactional tool leaves neither effect nor entry', { tags: 'slow' }, async () => {
    const script = `
      await store.commit(writes)
      await store.transact('r1', 1, (db) => {
        db.exec('create table refunds (order_id text)')
        db.exec("insert into refunds values ('o1')")
        process.kill(process.pid, 'SIGKILL')
      })`
    expect(await run(script, { writes: [beginning('r1')] })).toMatchObject({ signal: 'SIGKILL', output: '' })

    const store = sqlite(path)
    expect(await store.entries('r1')).toEqual([sampleEntry(0)])
    await store.close()
    const db = new Database(path)
    expect(db.prepare("select name from sqlite_schema where name = 'refunds'").all()).toEqual([])
    db.close()
  })
})

test('a process that comes to migrate after another one has migrated leaves it at that', { tags: 'slow' }, async () => {
  const writes = [beginning('r1')]
  const ended = await run(
    `import { spawnSync } from 'node:child_process'
    const { transaction } = Database.prototype
    Database.prototype.transaction = function (work) {
      Database.prototype.transaction = transaction
      const other = \`
        import { sqlite } from '${import.meta.resolve('./sqlite.ts')}'
        await sqlite(${JSON.stringify(path)}).commit(\${JSON.stringify(writes)})\`
      spawnSync(process.execPath, ['--input-type=module', '-'], { input: other })
      return transaction.call(this, work)
    }
    console.log((await store.runs({})).map(({ id }) => id))`,
    { writes },
  )

  expect(ended).toEqual({ code: 0, signal: null, output: "[ 'r1' ]\n" })
})

test('processes that make, open and write one file at once wait for their turns', { tags: 'slow' }, async () => {
  const ids = ['r1', 'r2', 'r3']
  const ended = await Promise.all(
    ids.map((id) => {
      const writes = [[beginning(id)], ...Array.from({ length: 20 }, (_, index) => [appending(id, index + 1)])]
      return run(
        `for (const write of writes) for (const { kind } of await store.commit(write)) if (kind !== 'written') console.log(kind)
         await store.close()`,
        { writes },
      )
    }),
  )

  expect(ended).toEqual(ids.map(() => ({ code: 0, signal: null, output: '' })))
  const store = sqlite(path)
  for (const id of ids) expect(await store.entries(id)).toHaveLength(21)
  await store.close()
})

test('a write waits while another process writes, and is made when that one is done', async () => {
  const store = sqlite(path, { durability: 'process' })
  await store.commit([beginning('r1')])
  // It cannot be told when to let go: who waits for a database does nothing else.
  const holding = `
    import Database from '${import.meta.resolve('better-sqlite3')}'
    const db = new Database(${JSON.stringify(path)})
    db.exec('begin immediate')
    process.stdout.write('held')
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200)
    db.exec('commit')`
  const other = spawn(process.execPath, ['--input-type=module', '--eval', holding], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(other, 'exit')
  await once(other.stdout, 'data')
  expect(await store.commit([appending('r1', 1)])).toEqual([{ kind: 'written' }])
  expect(await ended).toEqual([0, null])
  await store.close()
})

test('a process of an older Node.js is told so, before it would crash', async () => {
  const { code, output } = await run(`
    Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.20.2' } })
    await store.run('r1').catch((error) => console.log(error.code + ': ' + error.message))`)

  expect({ code, output }).toEqual({
    code: 0,
    output:
      'store_old_node: The SQLite store cannot run on Node.js 20.20.2. It needs Node.js 22.18 or newer. Run this program with a newer Node.js.\n',
  })
  expect(() => readFileSync(path)).toThrow('ENOENT')
})
