import { spawn } from 'node:child_process'
import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { digest } from '@reprise/core'
import type { RunWrite } from '@reprise/core'
import { appending, beginning, sampleEntry, sampleMessage } from '@reprise/testing/store-suite'
import type { Encryption } from '@reprise/format'
import type { SqliteStore } from './sqlite-store.ts'
import { restore } from './restore.ts'
import { sqlite } from './sqlite.ts'

const folder = mkdtempSync(join(tmpdir(), 'reprise-'))
afterAll(() => rmSync(folder, { recursive: true }))

const KEY = Buffer.alloc(32, 'key')
const OTHER = Buffer.alloc(32, 'other').toString('base64')
const SAID = 'said in confidence'
const LONG = `${SAID} at length `.repeat(300)
const AT = Date.UTC(2026, 10, 25)

let path = ''
beforeEach(() => {
  path = join(mkdtempSync(join(folder, 'case-')), 'runs.db')
})

function open(encryption?: Encryption): SqliteStore {
  return sqlite(path, { durability: 'process', ...(encryption && { encryption }) })
}

/** Runs, of which r1 says something in each place that a run has. */
async function written(encryption?: Encryption): Promise<void> {
  const store = open(encryption)
  const entries = [sampleEntry(1), sampleEntry(2, { result: SAID }), sampleEntry(3, { name: 'read', result: LONG })]
  const token = await store.secrets?.('r1', 0).then((secrets) => secrets.token(`${SAID} alone`))
  const secrets = token === undefined ? [] : [{ token, value: `${SAID} alone` }]
  await store.commit([
    beginning('r1'),
    { ...appending('r1'), entries, secrets },
    beginning('r1/child', { lineageId: 'r1' }),
    appending('r1/child', 1, 2),
    beginning('r2'),
    appending('r2', 1, 2),
  ])
  await store.send({ ...sampleMessage('r1', 'm'), body: { payload: SAID } })
  await store.close()
}

/** All that stands in the store's folder, logs included. */
function raw(): Buffer {
  const files = readdirSync(dirname(path)).map((name) => readFileSync(join(dirname(path), name)))
  return Buffer.concat(files)
}

async function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => 'no failure',
    (error: unknown) => error,
  )
}

test('a message for a run that is not there is encrypted, moves with its run, and leaves no key behind where none comes', async () => {
  const store = open({ key: KEY })
  const keys = (): unknown[] => {
    const db = new Database(`${path}.keys`, { readonly: true })
    const all = db.prepare("select lineage from keys where lineage like 'r%' order by lineage").pluck().all()
    db.close()
    return all
  }
  const early = (runId: string) => ({ ...sampleMessage(runId, 'm'), body: { payload: SAID }, at: AT })
  for (const run of ['r1', 'r2', 'r3/child']) expect(await store.sendEarly(early(run), 9)).toBe('left')
  expect(raw().includes(SAID)).toBe(false)
  expect(keys()).toEqual(['r1', 'r2', 'r3/child'])

  await store.commit([beginning('r1'), beginning('r3'), beginning('r3/child', { lineageId: 'r3' })])
  for (const run of ['r1', 'r3/child']) expect(await store.inbox(run)).toEqual([early(run)])
  await store.gc(AT + 1, ['completed'], 9)
  expect(keys()).not.toContain('r2')
  await store.close()
  expect(raw().includes(SAID)).toBe(false)
  const again = open({ key: KEY })
  expect(await again.inbox('r3/child')).toEqual([early('r3/child')])
  await again.close()
})

describe('an encrypted store', () => {
  test('has nothing in its files of what runs hold, and gives it back to the character', async () => {
    await written({ key: KEY })
    const store = open({ key: KEY })
    expect(raw().includes(SAID)).toBe(false)
    expect(raw().includes('find_order')).toBe(false)

    expect((await store.entries('r1')).map(({ text }) => text)).toEqual([
      sampleEntry(0).text,
      sampleEntry(1).text,
      JSON.stringify({ result: SAID }),
      JSON.stringify({ name: 'read', result: LONG }),
    ])
    expect(await store.inbox('r1')).toEqual([{ ...sampleMessage('r1', 'm'), body: { payload: SAID } }])
    expect(await store.secrets?.('r1', 0)).toMatchObject({ secrets: [{ value: `${SAID} alone` }] })
    await store.close()
    expect(raw().includes(SAID)).toBe(false)
  })

  test('that is not encrypted has, which is what is looked for above', async () => {
    await written()

    expect([raw().includes(SAID), raw().includes('find_order')]).toEqual([true, true])
    expect(readdirSync(dirname(path))).toEqual(['runs.db'])
  })

  test('tells neither by a blob nor by a token that two lineages say the same', async () => {
    const store = open({ key: KEY })
    const entries = [sampleEntry(0, { result: LONG })]
    await store.commit(['r1', 'r2'].map((id) => ({ ...beginning(id), entries })))
    await store.commit([{ ...beginning('r1/a', { lineageId: 'r1' }), entries }])
    await store.close()
    const db = new Database(path, { readonly: true })

    const addresses = db.prepare<[], string>('select address from blobs').pluck().all()
    expect(addresses).toHaveLength(2)
    expect(addresses).not.toContain(digest(JSON.stringify(LONG)))
    expect(db.prepare('select count(*) from blob_refs').pluck().get()).toBe(3)
    db.close()
  })

  test('takes keys as bytes, in base64 and from a key service, which is asked when the store is opened', async () => {
    await written({ key: KEY })
    const keys = [
      KEY.toString('base64'),
      KEY.toString('base64url'),
      async () => KEY,
      async () => KEY.toString('base64'),
    ]
    for (const key of keys) {
      const store = open({ key })
      expect(await store.entries('r2')).toHaveLength(3)
      await store.close()
    }
    const down = open({ key: () => Promise.reject(new Error('the key service is down')) })
    await expect(down.run('r1')).rejects.toThrow('the key service is down')
    await down.close()
  })

  test('in memory is encrypted as well', async () => {
    const store = sqlite(':memory:', { encryption: { key: KEY } })
    await store.commit([beginning('r1')])

    expect(await store.entries('r1')).toEqual([sampleEntry(0)])
    await store.close()
  })

  test('takes 28 bytes more for each entry: a nonce and a tag', async () => {
    const bytes = async (encryption?: Encryption): Promise<unknown> => {
      path = join(mkdtempSync(join(folder, 'size-')), 'runs.db')
      await written(encryption)
      const db = new Database(path, { readonly: true })
      const sizes = db.prepare('select length(cast(body as blob)) from entries order by id').pluck().all()
      db.close()
      return sizes
    }
    const plain = (await bytes()) as number[]

    expect(await bytes({ key: KEY })).toEqual(plain.map((size) => size + 28))
  })
})

describe('a store is not opened, and stays as it was,', () => {
  const before = new Map<string, Buffer>()
  const keep = (): void => {
    before.clear()
    for (const name of readdirSync(dirname(path))) before.set(name, readFileSync(join(dirname(path), name)))
  }
  /** Opens it, and gives the error. */
  const refused = async (encryption?: Encryption): Promise<unknown> => {
    keep()
    const store = open(encryption)
    const thrown = await failure(store.run('r1'))
    await store.close()
    expect(readdirSync(dirname(path))).toEqual([...before.keys()])
    for (const [name, bytes] of before) expect(readFileSync(join(dirname(path), name)).equals(bytes)).toBe(true)
    return thrown
  }

  test('when it is encrypted and no key is given', async () => {
    await written({ key: KEY })

    expect(await refused()).toMatchObject({
      name: 'StoreError',
      code: 'store_encrypted',
      message: `The store at ${path} is encrypted, and no key was given. Give it: sqlite(path, { encryption: { key } }), or REPRISE_KEY on the command line.`,
      details: { path },
    })
  })

  test('when it is not encrypted and a key is given', async () => {
    await written()

    expect(await refused({ key: KEY })).toMatchObject({
      code: 'store_not_encrypted',
      message: `The store at ${path} is not encrypted, and a key was given. Leave the key away. A store is encrypted from its beginning, or not at all: for an encrypted one, choose another path.`,
    })
  })

  test('when the key is another one, also of a store without runs', async () => {
    for (const begin of [() => written({ key: KEY }), () => open({ key: KEY }).runs({})]) {
      path = join(mkdtempSync(join(folder, 'wrong-')), 'runs.db')
      await begin()

      expect(await refused({ key: OTHER })).toMatchObject({
        code: 'store_wrong_key',
        message: `The store at ${path} is encrypted by the key 2ee5560b, and the key given is 63e62384. Give that key: as \`key\`, or among \`oldKeys\` where \`key\` is to take its place.`,
      })
    }
  })

  test('when its keys are gone, or are those of another store', async () => {
    await written({ key: KEY })
    renameSync(`${path}.keys`, join(folder, 'gone.keys'))
    const remedy = 'Put the keys file back that belongs to this store: without it nothing can be read.'

    expect(await refused({ key: KEY })).toMatchObject({
      code: 'store_no_keys',
      message: `The store at ${path} is encrypted, and its keys are not to be had: ${path}.keys is not there. ${remedy}`,
    })
    const own = path
    path = join(mkdtempSync(join(folder, 'other-')), 'runs.db')
    await written({ key: KEY })
    copyFileSync(`${path}.keys`, `${own}.keys`)
    path = own
    expect(await refused({ key: KEY })).toMatchObject({
      code: 'store_no_keys',
      message: `The store at ${path} is encrypted, and its keys are not to be had: ${path}.keys belongs to another store. ${remedy}`,
    })
  })

  test('when what is given is no key: that is said at once, and not what was given', async () => {
    const remedy = 'Give 32 bytes, as they are or in base64. A new one: openssl rand -base64 32'

    expect(() => open({ key: 'hunter2' })).toThrow(`The key of the encryption has 5 bytes. ${remedy}`)
    expect(() => open({ key: KEY, oldKeys: ['not base64!'] })).toThrow(
      `The key of the encryption is no base64. ${remedy}`,
    )
    expect(await refused({ key: async () => new Uint8Array(16) })).toMatchObject({
      name: 'DefinitionError',
      code: 'bad_key',
      message: `The key of the encryption has 16 bytes. ${remedy}`,
    })
  })
})

describe('what was altered in an encrypted store is refused, by run and entry:', () => {
  const alter = (...statements: string[]): void => {
    const db = new Database(path)
    for (const statement of statements) expect(db.prepare(statement).run().changes).toBeGreaterThan(0)
    db.close()
  }
  const read = async (runId: string): Promise<string> => {
    const store = open({ key: KEY })
    const thrown = await failure(store.entries(runId))
    expect(await failure(store.entries('r2'))).not.toBeInstanceOf(Error)
    await store.close()
    return /entry \d is not what was written, .*(?=\. Restore)/.exec(String(thrown))?.[0] ?? String(thrown)
  }
  const sealed = 'its body cannot be put together (its bytes are not what was encrypted there)'

  test('each byte of a body counts, and each of a blob', async () => {
    await written({ key: KEY })
    const db = new Database(path)
    const bytes =
      db.prepare<[], Buffer>('select body from entries where run = 1 and seq = 2').pluck().get() ?? Buffer.of()
    const set = db.prepare('update entries set body = ? where run = 1 and seq = 2')
    const store = open({ key: KEY })
    for (let at = 0; at < bytes.length; at++) {
      const flipped = Buffer.from(bytes)
      flipped.writeUInt8(flipped.readUInt8(at) ^ 1, at)
      set.run(flipped)
      expect([at, String(await failure(store.entries('r1')))]).toEqual([at, expect.stringContaining(sealed)])
    }
    set.run(bytes)
    expect(await store.entries('r1')).toHaveLength(4)
    await store.close()
    db.prepare('update blobs set bytes = zeroblob(length(bytes))').run()
    db.close()
    expect(await read('r1')).toBe(`entry 3 is not what was written, ${sealed}`)
  })

  test.each([
    [
      'two entries of a run changed places',
      [
        'update entries set seq = 9 where run = 1 and seq = 1',
        'update entries set seq = 1 where run = 1 and seq = 2',
        'update entries set seq = 2 where run = 1 and seq = 9',
      ],
      `entry 1 is not what was written, ${sealed}`,
    ],
    [
      'an entry is that of another run of the lineage',
      [
        'update entries set (body, hash) = (select body, hash from entries where run = 2 and seq = 1) where run = 1 and seq = 1',
      ],
      `entry 1 is not what was written, ${sealed}`,
    ],
    [
      'an entry is that of another lineage',
      [
        'update entries set (body, hash) = (select body, hash from entries where run = 3 and seq = 1) where run = 1 and seq = 1',
      ],
      `entry 1 is not what was written, ${sealed}`,
    ],
    [
      'an entry was written without the key',
      [`update entries set body = '${JSON.stringify({ result: 'forged' })}' where run = 1 and seq = 1`],
      'entry 1 is not what was written, its body cannot be put together (it is not encrypted, as all of this store is)',
    ],
    [
      'its key changed',
      ["update entries set key = 'x' where run = 1 and seq = 1"],
      'entry 1 is not what was written, its hash does not hold',
    ],
    [
      'an entry is gone',
      ['delete from entries where run = 1 and seq = 1'],
      'entry 1 is not what was written, it is missing',
    ],
    [
      'the run was put into another lineage',
      ["update runs set lineage_id = 'r2' where run = 1"],
      `entry 0 is not what was written, ${sealed}`,
    ],
  ])('%s', async (_, statements, why) => {
    await written({ key: KEY })
    alter(...statements)

    expect(await read('r1')).toBe(why)
  })

  test('whoever knows how a chain is computed cannot go on with it without the key', async () => {
    await written({ key: KEY })
    const db = new Database(path)
    const before = db.prepare<[], Buffer>('select hash from entries where run = 2 and seq = 1').pluck().get()
    const forged = digest(`${before?.toString('base64url')}${sampleEntry(2).digest} call.returned 2 1 5 k`)
    db.prepare("update entries set key = 'k', at = 5, hash = ? where run = 2 and seq = 2").run(
      Buffer.from(forged, 'base64url'),
    )
    db.close()

    expect(await read('r1/child')).toBe('entry 2 is not what was written, its hash does not hold')
  })

  test('a message is that of its run and its mark alone', async () => {
    await written({ key: KEY })
    alter("update inbox set dedupe = 'another'")
    const store = open({ key: KEY })

    await expect(store.inbox('r1')).rejects.toThrow('its bytes are not what was encrypted there')
    await store.close()
  })

  test("a lineage's key is that of its lineage alone", async () => {
    await written({ key: KEY })
    const db = new Database(`${path}.keys`)
    db.exec("update keys set wrapped = (select wrapped from keys where lineage = 'r2') where lineage = 'r1'")
    db.close()

    expect(await read('r1')).toContain(
      'its keys are not to be had: that of the lineage "r1" does not open: its bytes are not what was encrypted there. Put the keys file back',
    )
  })
})

describe('a rotation', () => {
  const rotating = { key: OTHER, oldKeys: [KEY] }

  test('wraps the keys anew and touches no data; the old key is not needed any more, and opens nothing', async () => {
    await written({ key: KEY })
    const data = readFileSync(path)
    const store = open(rotating)
    expect(await store.entries('r1')).toHaveLength(4)
    await store.close()
    expect(readFileSync(path).equals(data)).toBe(true)

    const later = open({ key: OTHER })
    expect(await later.entries('r1')).toHaveLength(4)
    expect(await later.commit([beginning('r3')])).toEqual([{ kind: 'written' }])
    await later.close()
    await expect(open({ key: KEY }).run('r1')).rejects.toMatchObject({ code: 'store_wrong_key' })
  })

  test('of more keys than are wrapped anew at a time reaches them all', async () => {
    const ids = Array.from({ length: 600 }, (_, at) => `run-${at}`)
    const store = open({ key: KEY })
    await store.commit(ids.map((id) => beginning(id)))
    await store.close()
    await open(rotating).close()
    const rotated = open(rotating)
    for (const id of [ids[0], ids[249], ids[250], ids[599]]) expect(await rotated.entries(id ?? '')).toHaveLength(1)
    await rotated.close()
    const db = new Database(`${path}.keys`, { readonly: true })

    expect(db.prepare('select count(*), count(distinct master) from keys').raw().get()).toEqual([601, 1])
    expect(db.prepare('select count(*) from masters').pluck().get()).toBe(1)
    db.close()
  })

  test('goes through several processes, each with both keys first', async () => {
    await written({ key: KEY })
    const old = open({ key: KEY, oldKeys: [OTHER] })
    expect(await old.entries('r2')).toHaveLength(3)
    const fresh = open(rotating)
    expect(await fresh.entries('r1')).toHaveLength(4)

    expect(await old.entries('r1')).toHaveLength(4)
    await old.commit([beginning('r3')])
    expect(await fresh.entries('r3')).toEqual([sampleEntry(0)])
    await Promise.all([old.close(), fresh.close()])
  })
})

/** Runs a script in a process of its own with an encrypted store at the path; gives the signal that killed it, or its exit code. */
async function killed(script: string, encryption: Encryption | undefined): Promise<string | number | null> {
  const keys =
    encryption &&
    JSON.stringify(encryption, (_, value: unknown) =>
      value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value,
    )
  const source = `
    import Database from '${import.meta.resolve('better-sqlite3')}'
    import { sqlite } from '${import.meta.resolve('./sqlite.ts')}'
    const die = () => process.kill(process.pid, 'SIGKILL')
    const store = sqlite(${JSON.stringify(path)}, { durability: 'process', encryption: ${keys} })
    ${script}`
  const child = spawn(process.execPath, ['--input-type=module', '-'], { stdio: ['pipe', 'ignore', 'inherit'] })
  child.stdin.end(source)
  return new Promise((resolve) => child.on('close', (code, signal) => resolve(signal ?? code)))
}

describe('a process that is killed', { timeout: 60_000 }, () => {
  test('in the middle of a rotation leaves the keys as they were, and the next one rotates them', async () => {
    await written({ key: KEY })
    const keys = { key: OTHER, oldKeys: [KEY.toString('base64')] }
    const dying = `
      const { prepare } = Database.prototype
      Database.prototype.prepare = function (sql) { if (sql.startsWith('delete from masters')) die(); return prepare.call(this, sql) }
      await store.run('r1')`
    expect(await killed(dying, keys)).toBe('SIGKILL')
    const old = open({ key: KEY })
    expect(await old.entries('r1')).toHaveLength(4)
    await old.close()

    const next = open(keys)
    expect(await next.entries('r1')).toHaveLength(4)
    await next.close()
  })

  const ended = async (encryption?: Encryption): Promise<void> => {
    await written(encryption)
    const store = open(encryption)
    const row = {
      status: 'completed',
      waiting: null,
      waits: [],
      wakeAt: null,
      endedAt: AT,
      totals: beginning('x').create?.totals,
    } as never
    await store.commit(['r1', 'r1/child'].map((runId): RunWrite => ({ runId, epoch: 1, entries: [], row })))
    await store.close()
  }

  test.each([
    ['before the key is destroyed', "'delete from keys'", { key: KEY }],
    ['after the key is destroyed', "'delete from secrets'", { key: KEY }],
    ['after the word of it is written, without encryption', "'delete from secrets'", undefined],
  ] as const)(
    'while it erases, %s, has either done nothing, or it is done at the next opening',
    { tags: 'slow' },
    async (place, before, encryption) => {
      await ended(encryption)
      const dying = `
      await store.run('r1')
      const { prepare } = Database.prototype
      Database.prototype.prepare = function (sql) { if (sql.startsWith(${before})) die(); return prepare.call(this, sql) }
      await store.erase('r1', 'ana', ${AT})`
      expect(await killed(dying, encryption && { key: KEY.toString('base64') })).toBe('SIGKILL')
      const store = open(encryption)
      if (place.startsWith('before')) {
        expect(await store.entries('r1')).toHaveLength(4)
        expect(await store.erase('r1', 'ana', AT)).toEqual({ kind: 'erased', runs: 2 })
      }
      for (const id of ['r1', 'r1/child'])
        await expect(store.entries(id)).rejects.toMatchObject({ code: 'run_erased', details: { by: 'ana' } })
      expect(await store.entries('r2')).toHaveLength(3)
      await store.close()
      expect(raw().includes(SAID)).toBe(false)
    },
  )
})

describe('an erased lineage', () => {
  const erased = async (encryption?: Encryption): Promise<void> => {
    const store = open(encryption)
    const end = { status: 'completed', endedAt: AT, owner: null } as const
    const create = (id: string, lineageId = id) => ({
      ...beginning(id, { ...end, lineageId }),
      entries: [sampleEntry(0, { result: SAID, long: LONG })],
    })
    await store.commit([create('r1'), create('r1/child', 'r1'), create('r2')])
    copyBackup()
    await store.erase('r1', 'ana', AT)
    await store.close()
  }
  const backup = (): string => join(dirname(path), 'backup')
  /** A copy of the data alone, as it is while the store is open. */
  const copyBackup = (): void => {
    const db = new Database(path)
    db.pragma('wal_checkpoint(truncate)')
    db.close()
    copyFileSync(path, backup())
  }
  const restore = (): void => {
    rmSync(path)
    renameSync(backup(), path)
  }

  test.each([
    ['encrypted', { key: KEY }],
    ['not encrypted', undefined],
  ] as const)('does not come back by a backup of a store that is %s', async (_, encryption) => {
    await erased(encryption)
    restore()
    const store = open(encryption)

    for (const id of ['r1', 'r1/child'])
      await expect(store.entries(id)).rejects.toThrow(
        `The run "${id}" was erased by ana on 2026-11-25: what it held cannot be read again.`,
      )
    expect(await store.run('r1/child')).toMatchObject({ status: 'completed', tags: [], erasedAt: AT })
    expect((await store.entries('r2')).map(({ text }) => text)).toEqual([JSON.stringify({ result: SAID, long: LONG })])
    expect(await store.commit([beginning('r1/other', { lineageId: 'r1' })])).toEqual([{ kind: 'exists' }])
    await store.close()
  })

  test('is not begun again under its id in a backup from before it', async () => {
    const empty = open({ key: KEY })
    await empty.commit([beginning('r0')])
    copyBackup()
    await empty.close()
    await erased({ key: KEY })
    copyFileSync(backup(), join(folder, 'unused'))
    rmSync(path)
    const store = open({ key: KEY })

    expect(await store.commit([beginning('r1')])).toEqual([{ kind: 'exists' }])
    await expect(store.entries('r1')).rejects.toMatchObject({ code: 'run_erased' })
    await store.close()
  })

  test('leaves nothing of itself in the files of a store that is not encrypted, nor its key in those of one that is', async () => {
    const store = open()
    await store.commit([
      {
        ...beginning('r1', { status: 'completed', endedAt: AT, owner: null }),
        entries: [sampleEntry(0, { result: SAID, long: LONG })],
      },
    ])
    await store.commit([beginning('r2')])
    expect(raw().includes(SAID)).toBe(true)
    await store.erase('r1', 'ana', AT)

    expect(raw().includes(SAID)).toBe(false)
    await store.close()
    path = join(mkdtempSync(join(folder, 'key-')), 'runs.db')
    await written({ key: KEY })
    const db = new Database(`${path}.keys`, { readonly: true })
    const wrapped = db.prepare<[], Buffer>("select wrapped from keys where lineage = 'r1'").pluck().get() ?? Buffer.of()
    db.close()
    expect(raw().includes(wrapped)).toBe(true)
    const data = new Database(path)
    data.exec("update runs set status = 'completed', ended_at = 1")
    data.close()
    const encrypted = open({ key: KEY })
    await encrypted.erase('r1', 'ana', AT)
    await encrypted.close()
    expect(raw().includes(wrapped)).toBe(false)
    expect(existsSync(`${path}.keys`)).toBe(true)
    expect(basename(path)).toBe('runs.db')
  })
})

describe('an encrypted store that is cleaned up and backed up', () => {
  const ended = { status: 'completed', endedAt: 5, owner: null } as const
  const keys = (): unknown[] => {
    const db = new Database(`${path}.keys`, { readonly: true })
    const lineages = db.prepare("select lineage from keys where lineage <> '' order by lineage").pluck().all()
    db.close()
    return lineages
  }

  test('lets go of the keys and secrets of which nothing is left, and of no others', async () => {
    const store = open({ key: KEY })
    const secret = async (id: string) => ({ token: (await store.secrets?.(id, 0))?.token('x') ?? '', value: 'x' })
    await store.commit([{ ...beginning('r1', ended), secrets: [await secret('r1')] }])
    await store.commit([
      { ...beginning('r2', ended), secrets: [await secret('r2')] },
      beginning('r2/a', { lineageId: 'r2' }),
    ])
    expect(keys()).toEqual(['r1', 'r2'])

    expect(await store.gc(9, ['completed'], 10)).toEqual(['r1', 'r2'])
    expect(keys()).toEqual(['r2'])
    expect(await store.secrets?.('r2', 0)).toMatchObject({ secrets: [{ value: 'x' }] })
    expect(await store.entries('r2/a')).toEqual([sampleEntry(0)])
    await store.close()
    const db = new Database(path, { readonly: true })
    expect(db.prepare('select lineage_id from secrets').pluck().all()).toEqual(['r2'])
    db.close()
  })

  test('begins a run anew under an id that was cleaned up by another process, with another key', async () => {
    const [store, other] = [open({ key: KEY }), open({ key: KEY })]
    await store.commit([beginning('r1', ended)])
    await other.entries('r1')
    await other.gc(9, ['completed'], 10)
    expect(await store.commit([beginning('r1')])).toEqual([{ kind: 'written' }])
    await Promise.all([store.close(), other.close()])
    const later = open({ key: KEY })

    expect(await later.entries('r1')).toEqual([sampleEntry(0)])
    await later.close()
  })

  test('has no key in a backup; restored beside its keys, without them, it is as it was', async () => {
    await written({ key: KEY })
    const store = open({ key: KEY })
    const backup = join(dirname(path), 'backup')
    await store.backup(backup)
    await store.close()
    for (const file of ['', '-wal', '-shm']) rmSync(`${path}${file}`, { force: true })

    expect(await restore(backup, path)).toEqual({ parked: ['r1', 'r1/child', 'r2'] })
    const restored = open({ key: KEY })
    expect(await restored.entries('r1')).toHaveLength(4)
    await restored.close()
    const elsewhere = join(dirname(path), 'elsewhere.db')
    await restore(backup, elsewhere)
    await expect(sqlite(elsewhere, { encryption: { key: KEY } }).run('r1')).rejects.toMatchObject({
      code: 'store_no_keys',
    })
  })
})

test('two processes begin one encrypted store at once, and read what the other writes', { tags: 'slow' }, async () => {
  const script = (id: string): string => `
    await store.commit([${JSON.stringify(beginning(id))}])
    for (let seq = 1; seq < 5; seq++) await store.commit([{ runId: '${id}', epoch: 1, entries: [{ ...${JSON.stringify(sampleEntry(1))}, seq }] }])
    await store.close()`
  const key = KEY.toString('base64')
  expect(await Promise.all(['r1', 'r2'].map((id) => killed(script(id), { key })))).toEqual([0, 0])
  const store = open({ key })

  for (const id of ['r1', 'r2']) expect(await store.entries(id)).toHaveLength(5)
  await store.close()
})
