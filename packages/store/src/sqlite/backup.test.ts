import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { appending, beginning, sampleEntry, sampleRow } from '@reprise/testing/store-suite'
import { expect, test } from 'vitest'
import { restore } from './restore.ts'
import { sqlite } from './sqlite.ts'

const folder = mkdtempSync(join(tmpdir(), 'reprise-backup-'))

test(
  'a backup is the store as of one moment, whatever is written meanwhile, and the log stays short',
  { tags: 'slow' },
  async () => {
    const path = join(folder, 'busy.db')
    const store = sqlite(path, { durability: 'process' })
    const long = (seq: number) => sampleEntry(seq, { result: String(seq).repeat(20_000) })
    await store.commit([beginning('r1', { status: 'completed', endedAt: 1 })])
    // Who reads for long keeps in the log what was written since.
    const reader = new Database(path)
    reader.exec('begin')
    reader.prepare('select count(*) from runs').get()
    for (let seq = 1; seq < 300; seq++) await store.commit([{ ...appending('r1'), entries: [long(seq)] }])
    let seq = 300
    const done = store.backup(join(folder, 'busy.backup')).then(() => true)
    for (let over = false; !over; seq++) {
      await store.commit([{ ...appending('r1'), entries: [long(seq)] }])
      over = await Promise.race([done, new Promise<false>((resolve) => setImmediate(resolve, false))])
    }
    expect(statSync(`${path}-wal`).size).toBeGreaterThan(16 * 1024 * 1024)
    reader.close()
    for (const end = seq + 2; seq < end; seq++) await store.commit([{ ...appending('r1'), entries: [long(seq)] }])
    expect(statSync(`${path}-wal`).size).toBeLessThanOrEqual(16 * 1024 * 1024)

    expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([])
    await restore(join(folder, 'busy.backup'), join(folder, 'busy.restored'))
    const restored = sqlite(join(folder, 'busy.restored'))
    const copied = await restored.entries('r1')
    expect(copied.length).toBeGreaterThanOrEqual(300)
    expect(copied).toEqual((await store.entries('r1')).slice(0, copied.length))
    await store.close()
    await restored.close()
  },
)

test('a restored store has runs that had not ended in quarantine, and the others as they were', async () => {
  const path = join(folder, 'active.db')
  const store = sqlite(path)
  const ended = sampleRow('ended', { status: 'failed', endedAt: 5, owner: null })
  await store.commit([
    beginning('running'),
    beginning('queued', { status: 'queued', owner: null }),
    beginning('waiting', { status: 'waiting', owner: null, wakeAt: 7 }),
    beginning('ended', ended),
  ])
  await store.backup(join(folder, 'active.backup'))
  await store.close()
  const to = join(folder, 'active.restored')
  expect(await restore(join(folder, 'active.backup'), to)).toEqual({ parked: ['running', 'queued', 'waiting'] })

  const restored = sqlite(to)
  const definitions = [{ kind: 'agent', name: 'support' } as const]
  const filter = { now: 10, gone: [{ owner: 'ann', heartbeat: 0 }], definitions, except: [], limit: 10 }
  expect(await restored.take({ owner: 'bob', heartbeat: 0 }, filter)).toEqual([])
  const waiting = {
    kind: 'quarantined',
    key: 'run',
    reason:
      'The store was restored from a backup, and what the run did after that was made is not known: calls with the effect "once" may have happened.',
  } as const
  expect(await restored.run('running')).toEqual(
    sampleRow('running', { status: 'quarantined', waiting, waits: [waiting], owner: null, epoch: 2 }),
  )
  expect(await restored.run('ended')).toEqual(ended)
  expect(await restored.commit([appending('running', 1)])).toEqual([{ kind: 'stale' }])
  await restored.close()
})

test('nothing that stands at a path is written over, and what is no backup is said to be none', async () => {
  const store = sqlite(join(folder, 'own.db'))
  await store.commit([beginning('r1')])
  const taken = join(folder, 'taken')
  writeFileSync(taken, 'mine')
  const exists = `The store at ${taken} is there already, and was left as it is.`
  await expect(store.backup(taken)).rejects.toThrow(`${exists} Give a path where nothing is yet.`)
  await store.backup(join(folder, 'own.backup'))
  await expect(restore(join(folder, 'own.backup'), taken)).rejects.toThrow(`${exists} Move it away, and restore again.`)
  expect(readFileSync(taken, 'utf8')).toBe('mine')

  const gone = join(folder, 'gone')
  await expect(restore(gone, join(folder, 'new.db'))).rejects.toThrow(
    `The store at ${gone} is not there. Give the path of a backup.`,
  )
  await expect(restore(taken, join(folder, 'new.db'))).rejects.toMatchObject({ code: 'store_not_a_database' })
  expect(existsSync(join(folder, 'new.db'))).toBe(false)
  expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([])
  await store.close()
  await expect(sqlite(':memory:').backup(join(folder, 'memory'))).rejects.toThrow(
    'The store at :memory: is gone with its process. Back up a store in a file.',
  )
})

const modeOf = (name: string): string => (statSync(join(folder, name)).mode & 0o777).toString(8)

test.each([
  [0o600, '600'],
  [0o640, '640'],
  [0o644, '644'],
])('a backup and what is restored from it have the mode of the store: %o', async (mode, expected) => {
  const path = join(folder, `mode-${expected}.db`)
  const store = sqlite(path)
  await store.commit([beginning('r1')])
  chmodSync(path, mode)
  await store.backup(`${path}.backup`)
  await store.close()
  expect(modeOf(`mode-${expected}.db.backup`)).toBe(expected)
  chmodSync(`${path}.backup`, 0o400)
  await restore(`${path}.backup`, `${path}.restored`)
  expect(modeOf(`mode-${expected}.db.restored`)).toBe('600')
})

test('the file of keys is for nobody else to read', async () => {
  const store = sqlite(join(folder, 'kept.db'), { encryption: { key: Buffer.alloc(32, 7) } })
  await store.commit([beginning('r1')])
  await store.close()
  expect(modeOf('kept.db.keys')).toBe('600')
})

test("a stranger's file beside a backup or a restored store stays", async () => {
  const store = sqlite(join(folder, 'stranger.db'))
  await store.commit([beginning('r1')])
  for (const name of ['s.backup.part', 's.restored.part']) writeFileSync(join(folder, name), 'mine')
  await store.backup(join(folder, 's.backup'))
  await store.close()
  await restore(join(folder, 's.backup'), join(folder, 's.restored'))
  expect(['s.backup.part', 's.restored.part'].map((name) => readFileSync(join(folder, name), 'utf8'))).toEqual([
    'mine',
    'mine',
  ])
})

test('a restore takes a plain file alone, and puts it where nothing stands, no link either', async () => {
  mkdirSync(join(folder, 'folder'))
  execFileSync('mkfifo', [join(folder, 'pipe')])
  for (const name of ['folder', 'pipe'])
    await expect(restore(join(folder, name), join(folder, 'never.db'))).rejects.toThrow(
      `The store at ${join(folder, name)} is no plain file. Give the path of a backup.`,
    )
  symlinkSync(join(folder, 'nowhere'), join(folder, 'link'))
  await expect(restore(join(folder, 's.backup'), join(folder, 'link'))).rejects.toMatchObject({ code: 'store_exists' })
  expect(existsSync(join(folder, 'never.db'))).toBe(false)
})
