import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import type { Waiting } from '@reprise/core'
import { appending, beginning } from '@reprise/testing/store-suite'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { examine } from './examine.ts'
import { sqlite } from './sqlite.ts'

const folder = mkdtempSync(join(tmpdir(), 'reprise-examine-'))
afterAll(() => rmSync(folder, { recursive: true }))

let path = ''
beforeEach(() => {
  path = join(mkdtempSync(join(folder, 'case-')), 'runs.db')
})

const onLinux = process.platform === 'linux'

/** Another process that reads a database in one transaction until it is told to end it. */
async function readingElsewhere(): Promise<{ readonly child: ChildProcess; readonly end: () => Promise<unknown> }> {
  const script = `
    import Database from '${import.meta.resolve('better-sqlite3')}'
    const db = new Database(${JSON.stringify(path)})
    db.exec('begin')
    db.prepare('select count(*) from runs').get()
    process.stdin.once('data', () => { db.exec('commit'); db.close(); process.exit() })
    process.stdout.write('reads')`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const exit = once(child, 'exit')
  await once(child.stdout, 'data')
  return {
    child,
    end: () => {
      child.stdin.end('end')
      return exit
    },
  }
}

describe('examining a store', () => {
  test('that nobody uses finds it well, and leaves it as it was', async () => {
    const store = sqlite(path)
    await store.commit([beginning('r1', { status: 'completed', owner: null, endedAt: 1 })])
    await store.close()
    const before = statSync(path)

    expect(await examine(path)).toEqual({
      path,
      at: expect.any(Number) as number,
      bytes: before.size,
      logBytes: 0,
      network: null,
      openedBy: onLinux ? [] : null,
      fault: null,
      journalMode: 'wal',
      schema: { found: 6, known: 6 },
      keys: { encrypted: false, fault: null },
      log: { held: false, readers: [] },
      owners: [],
      runs: [{ status: 'completed', waiting: null, count: 1 }],
      queue: [],
      ended: { runs: 1, firstEndedAt: 1 },
      moved: null,
    })
    expect(statSync(path)).toMatchObject({ mtimeMs: before.mtimeMs, size: before.size })
  })

  test('tells which process keeps the log from being brought in, until that one ends', async () => {
    const store = sqlite(path)
    await store.commit([beginning('r1', { owner: null })])
    const { child, end } = await readingElsewhere()
    await store.commit([appending('r1', 1)])

    const held = await examine(path, { patienceMs: 200 })
    expect(held.log).toEqual({ held: true, readers: onLinux ? [{ pid: child.pid, name: expect.any(String) }] : null })
    if (onLinux) expect(held.openedBy?.map(({ pid }) => pid)).toEqual([child.pid])
    await end()
    expect((await examine(path)).log).toEqual({ held: false, readers: [] })
    await store.close()
  })

  test('tells whose beat changes, and who has runs and beats no more', { tags: 'slow' }, async () => {
    const store = sqlite(path)
    await store.commit([beginning('r1', { owner: 'alive' }), beginning('r2', { owner: 'dead' })])
    let beat = 0
    const beating = setInterval(() => void store.heartbeat('alive', ++beat), 20)
    const { owners } = await examine(path, { patienceMs: 500 })
    clearInterval(beating)

    expect(owners).toEqual([
      { owner: 'alive', runs: 1, beats: true },
      { owner: 'dead', runs: 1, beats: false },
    ])
    await store.close()
  })

  test('counts how runs stand, and what they wait for', async () => {
    const store = sqlite(path)
    const approval: Waiting = { kind: 'approval', key: 'k', tool: 'pay', id: 'i' }
    const waiting = (id: string, why: Waiting) => beginning(id, { owner: null, status: 'waiting', waiting: why })
    const signal: Waiting = { kind: 'signal', key: 'k', signal: 's' }
    await store.commit([waiting('r1', approval), waiting('r2', approval), waiting('r3', signal)])
    await store.commit([beginning('r4', { owner: null, status: 'queued' })])

    const found = await examine(path)
    expect(found.ended).toEqual({ runs: 0, firstEndedAt: null })
    expect(found.queue).toEqual(await store.queue(found.at))
    expect(found.queue?.map(({ ready }) => ready)).toEqual([1, 0, 0])
    expect(found.runs).toEqual([
      { status: 'queued', waiting: null, count: 1 },
      { status: 'waiting', waiting: 'approval', count: 2 },
      { status: 'waiting', waiting: 'signal', count: 1 },
    ])
    await store.close()
  })

  test('of an encrypted one tells whether the key fits, and all the rest without it', async () => {
    const key = Buffer.alloc(32, 7)
    const store = sqlite(path, { encryption: { key } })
    await store.commit([beginning('r1', { status: 'completed', owner: null, endedAt: 1 })])
    await store.close()
    const codeOf = async (given?: Buffer): Promise<string | undefined> =>
      (await examine(path, given ? { encryption: { key: given } } : {})).keys?.fault?.code

    expect(await examine(path, { encryption: { key } })).toMatchObject({ keys: { encrypted: true, fault: null } })
    // It only looks: what an opening with these would wrap by another key stays as it is.
    const next = { key: Buffer.alloc(32, 9), oldKeys: [key] }
    expect(await examine(path, { encryption: next })).toMatchObject({ keys: { encrypted: true, fault: null } })
    expect(await codeOf(key)).toBeUndefined()
    expect(await examine(path)).toMatchObject({
      fault: null,
      keys: { encrypted: true, fault: { code: 'store_encrypted' } },
      runs: [{ status: 'completed', waiting: null, count: 1 }],
    })
    expect(await codeOf(Buffer.alloc(32, 8))).toBe('store_wrong_key')
    rmSync(`${path}.keys`)
    expect(await codeOf(key)).toBe('store_no_keys')
  })

  test('gives what is wrong with the file as the store would say it', async () => {
    writeFileSync(path, 'no database at all')
    expect(await examine(path)).toMatchObject({
      fault: {
        code: 'store_not_a_database',
        message: `The store at ${path} is not a SQLite database. Give the path of a store, or of a file that does not exist yet.`,
      },
      schema: null,
      runs: null,
    })
    rmSync(path)
    const foreign = new Database(path)
    foreign.exec('create table theirs (a)')
    foreign.close()
    expect((await examine(path)).fault?.code).toBe('store_foreign')
    rmSync(path)
    await expect(examine(path)).rejects.toMatchObject({
      code: 'no_store',
      message: `There is no store at ${path}. Check the path.`,
    })
  })
})
