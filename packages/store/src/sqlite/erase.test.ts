// What is left of an erased lineage in the files of its store: nothing.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { NO_TOTALS } from '@reprise/core'
import type { RunRow, RunWrite } from '@reprise/core'
import { beginning, sampleEntry, sampleMessage } from '@reprise/testing/store-suite'
import type { SqliteStore } from './sqlite-store.ts'
import { sqlite } from './sqlite.ts'

vi.setConfig({ testTimeout: 240_000 })

const folder = mkdtempSync(join(tmpdir(), 'reprise-erase-'))
afterAll(() => rmSync(folder, { recursive: true }))

const KEY = Buffer.alloc(32, 'key')
const AT = Date.UTC(2026, 10, 30)
const SAID = 'MARIA-4711'

let path = ''
beforeEach(() => {
  path = join(mkdtempSync(join(folder, 'case-')), 'runs.db')
})

/** How often a text stands in all files of the store, by their names. */
function found(text: string | Buffer): Record<string, number> {
  const counted = readdirSync(dirname(path)).map((name) => {
    // Looked at by the bytes: in this process the store is closed, or what it locks does not matter any more.
    const bytes = readFileSync(join(dirname(path), name))
    return [name, bytes.toString('latin1').split(text.toString('latin1')).length - 1] as const
  })
  return Object.fromEntries(counted.filter(([, count]) => count > 0))
}

/** Draws numbers below one, always the same. */
function draws(seed: number): () => number {
  let state = seed
  return () => (state = (state * 1_103_515_245 + 12_345) & 0x7fffffff) / 0x7fffffff
}

/** Runs that come and go for a while; each says its own name in every place that a run has. */
async function busy(store: SqliteStore, runs: number, steps: number): Promise<readonly string[]> {
  const draw = draws(7)
  const heads = new Map<string, number>()
  const said = (id: string, times: number): string => `${SAID}-${id}.`.repeat(1 + Math.floor(draw() * times))
  for (let run = 0; run < runs; run++) {
    const id = `run${run}`
    const whose = { user: said(id, 2), concurrency: { key: said(id, 2), limit: 1 } }
    const own: Partial<RunRow> = { ...whose, tags: [said(id, 9)], parentKey: said(id, 3) }
    const entries = [{ ...sampleEntry(0, { result: said(id, 40) }), key: said(id, 4) }]
    await store.commit([{ ...beginning(id, own), entries }])
    heads.set(id, 1)
  }
  for (let step = 0; step < steps; step++) {
    const [id = '', seq = 0] = [...heads][Math.floor(draw() * runs)] ?? []
    const waiting = { kind: 'signal', key: said(id, 30), signal: said(id, 5) } as const
    const row = {
      status: 'waiting',
      waiting,
      waits: [waiting],
      wakeAt: null,
      endedAt: null,
      totals: beginning('x').create?.totals,
    } as never
    const length = draw() < 0.1 ? 900 : 60
    const entries = [{ ...sampleEntry(seq, { result: said(id, length) }), key: said(id, 4) }]
    await store.commit([{ runId: id, epoch: 1, entries, ...(draw() < 0.5 && { row }) }])
    heads.set(id, seq + 1)
    if (draw() < 0.3) await store.send({ ...sampleMessage(id, said(id, 5) + step), body: said(id, 30) })
  }
  return [...heads.keys()]
}

/** A run that says itself in hundreds of entries, each at length. */
function long(id: string): RunWrite {
  const said = (seq: number) => sampleEntry(seq, { result: `${SAID} ${seq} `.repeat(400) })
  return { ...beginning(id), entries: Array.from({ length: 300 }, (_, seq) => said(seq)) }
}

async function end(store: SqliteStore, ids: readonly string[]): Promise<void> {
  const row = {
    status: 'completed',
    waiting: null,
    waits: [],
    wakeAt: null,
    endedAt: AT,
    totals: beginning('x').create?.totals,
  }
  await store.commit(ids.map((runId): RunWrite => ({ runId, epoch: 1, entries: [], row: row as never })))
}

describe('of an erased lineage', () => {
  test.each([
    ['a plain', undefined],
    ['an encrypted', { key: KEY }],
  ])('nothing is left in the files of %s store, wherever its pages were split and joined', async (_, encryption) => {
    const store = sqlite(path, { durability: 'process', ...(encryption && { encryption }) })
    const ids = await busy(store, 40, 1_500)
    const erased = ids.filter((_id, index) => index % 2 === 0)
    await end(store, ids)
    // Cleaning up joins pages: what moves leaves copies behind.
    await store.gc(AT + 1, ['completed'], 5)
    const left = erased.slice(3)
    expect(await Promise.all(left.map((id) => store.erase(id, 'ana', AT)))).toEqual(
      left.map(() => ({ kind: 'erased', runs: 1 })),
    )
    await store.close()

    expect(found(`${SAID}-${ids[7] ?? ''}.`)).not.toEqual({})
    for (const id of left) expect([id, found(`${SAID}-${id}.`)]).toEqual([id, {}])
  })

  test('nor of its key', { tags: 'slow' }, async () => {
    const store = sqlite(path, { durability: 'process', encryption: { key: KEY } })
    const ids = Array.from({ length: 400 }, (_, index) => `run${(index * 271) % 400}`)
    for (const id of ids) await store.commit([beginning(id)])
    await end(store, ids)
    const keys = new Database(`${path}.keys`, { readonly: true })
    const wrapped = keys.prepare<[], { lineage: string; wrapped: Buffer }>('select lineage, wrapped from keys').all()
    keys.close()
    const erased = wrapped.filter(({ lineage }) => /^run\d*[05]$/.test(lineage))
    await Promise.all(erased.map(({ lineage }) => store.erase(lineage, 'ana', AT)))
    await store.close()

    for (const { lineage, wrapped: key } of erased) expect([lineage, found(key)]).toEqual([lineage, {}])
    expect(erased).toHaveLength(80)
  })

  test(
    'what another process still reads is gone when it is done, and until then the erasure says so',
    { tags: 'slow' },
    async () => {
      const store = sqlite(path, { durability: 'process' })
      await store.commit([{ ...beginning('r1'), entries: [sampleEntry(0, { result: SAID })] }, beginning('r2')])
      await end(store, ['r1'])
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

      expect(await store.erase('r1', 'ana', AT)).toEqual({ kind: 'erased', runs: 1, pending: true })
      expect(found(SAID)).not.toEqual({})
      reader.stdin.end('done')
      expect(await ended).toEqual([0, null])
      while (Object.keys(found(SAID)).length > 0) await setImmediate()
      expect(await store.run('r2')).toMatchObject({ id: 'r2' })
      await store.close()
    },
  )

  test(
    'what a process has left that was killed before the files were clean goes with the next opening',
    { tags: 'slow' },
    async () => {
      const store = sqlite(path, { durability: 'process' })
      const ids = await busy(store, 10, 400)
      await end(store, ids)
      await store.close()
      const dying = `
      import Database from '${import.meta.resolve('better-sqlite3')}'
      import { sqlite } from '${import.meta.resolve('./sqlite.ts')}'
      const store = sqlite(${JSON.stringify(path)})
      await store.run('r1')
      const { pragma } = Database.prototype
      Database.prototype.pragma = function (what, options) {
        if (what === 'secure_delete = off') process.kill(process.pid, 'SIGKILL')
        return pragma.call(this, what, options)
      }
      await store.erase('run3', 'ana', ${AT})`
      const child = spawn(process.execPath, ['--input-type=module', '-'], { stdio: ['pipe', 'ignore', 'inherit'] })
      child.stdin.end(dying)
      expect(await once(child, 'close')).toEqual([null, 'SIGKILL'])
      expect(found(`${SAID}-run3.`)).not.toEqual({})

      const next = sqlite(path)
      await expect(next.entries('run3')).rejects.toMatchObject({ code: 'run_erased' })
      await next.close()
      expect(found(`${SAID}-run3.`)).toEqual({})
      expect(found(`${SAID}-run4.`)).not.toEqual({})
    },
  )

  test('it gives on the slot that it has where the database is one of before', async () => {
    const store = sqlite(path)
    const concurrency = { key: 'ann', limit: 1 }
    await store.commit([
      beginning('r1', { concurrency }),
      beginning('r2', { concurrency, status: 'queued', owner: null }),
    ])
    await store.close()
    copyFileSync(path, `${path}.before`)
    const second = sqlite(path)
    const row = { status: 'completed', waiting: null, waits: [], wakeAt: null, endedAt: 1, totals: NO_TOTALS } as const
    await second.commit([{ runId: 'r1', epoch: 1, entries: [], row, release: true }])
    await second.erase('r1', 'ana', AT)
    await second.close()
    copyFileSync(`${path}.before`, path)

    await using again = sqlite(path)
    const definitions = [{ kind: 'agent', name: 'support' }] as const
    const filter = { now: 0, gone: [], definitions, except: [], limit: 5 }
    expect((await again.take({ owner: 'bob', heartbeat: 0 }, filter)).map(({ id }) => id)).toEqual(['r2'])
  })

  test('the audit has its erasure also where the database is one of before', async () => {
    const ended = { status: 'completed', endedAt: 1, owner: null, tenant: 'acme' } as const
    const store = sqlite(path)
    await store.commit([beginning('r1', ended)])
    await store.close()
    copyFileSync(path, `${path}.before`)
    const by = { id: 'ana', source: 'oidc' }
    const what = { runId: 'r1', lineageId: 'r1', tenant: 'acme', what: null }
    const second = sqlite(path)
    await second.erase('r1', 'ana', AT, { at: AT, action: 'erased', by, ...what })
    expect(await second.audit({})).toMatchObject([{ action: 'erased', by }])
    await second.close()
    copyFileSync(`${path}.before`, path)

    for (const again of [sqlite(path), sqlite(path)]) {
      expect(await again.audit({})).toEqual([
        { id: 1, at: AT, action: 'erased', by: { id: 'ana', source: 'unknown' }, ...what },
      ])
      await again.close()
    }
  })

  test('a run of many entries goes in several transactions, between which others write', { tags: 'slow' }, async () => {
    // Whatever the machine's speed, each look at the time comes a millisecond after the one before.
    let looks = 0
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => looks++)
    const store = sqlite(path, { durability: 'process' })
    await store.commit([long('big'), beginning('other')])
    await end(store, ['big'])
    let over = false
    const erasing = store.erase('big', 'ana', AT).finally(() => (over = true))
    const db = new Database(path, { readonly: true })
    const left = db.prepare<[], number>('select count(*) from blob_refs').pluck()
    const seen = new Set<number | undefined>()
    for (let seq = 1; !over; seq++) {
      await setImmediate()
      if ((await store.run('big'))?.erasedAt === null) continue
      seen.add(left.get())
      await expect(store.entries('big')).rejects.toMatchObject({ code: 'run_erased' })
      if (seen.size < 9) await store.commit([beginning(`new${seq}`)])
    }
    db.close()
    clock.mockRestore()
    expect(await erasing).toMatchObject({ kind: 'erased', runs: 1 })
    expect(seen.size).toBeGreaterThan(5)
    await store.close()
    expect(found(SAID)).toEqual({})
  })

  test.each([
    ['a plain', undefined],
    ['an encrypted', { key: KEY }],
  ])('nor of one in %s store whose process was killed halfway, once it is opened', async (_, encryption) => {
    const store = sqlite(path, { durability: 'process', ...(encryption && { encryption }) })
    await store.commit([long('big'), beginning('other')])
    await end(store, ['big'])
    await store.close()
    const dying = `
      import Database from '${import.meta.resolve('better-sqlite3')}'
      import { sqlite } from '${import.meta.resolve('./sqlite.ts')}'
      const store = sqlite(${JSON.stringify(path)}, ${encryption ? "{ encryption: { key: Buffer.alloc(32, 'key') } }" : '{}'})
      await store.run('big')
      const { pragma } = Database.prototype
      let [begun, looks] = [0, 0]
      performance.now = () => looks++
      Database.prototype.pragma = function (what, options) {
        if (this.name.endsWith('runs.db') && what === 'secure_delete = on' && begun++ === 1) process.kill(process.pid, 'SIGKILL')
        return pragma.call(this, what, options)
      }
      await store.erase('big', 'ana', ${AT})`
    const child = spawn(process.execPath, ['--input-type=module', '-'], { stdio: ['pipe', 'ignore', 'inherit'] })
    child.stdin.end(dying)
    expect(await once(child, 'close')).toEqual([null, 'SIGKILL'])
    // As if another erasure had found the files clean by then.
    const keys = new Database(`${path}.keys`)
    keys.pragma('user_version = 0')
    keys.close()
    const db = new Database(path)
    const rows = (table: string) => db.prepare<[], number>(`select count(*) from ${table}`).pluck().get()
    expect([rows('entries'), rows('blob_refs')]).not.toEqual([1, 0])
    expect(db.prepare("select erased_by from runs where id = 'big'").pluck().get()).toBe('ana')

    const next = sqlite(path, { durability: 'process', ...(encryption && { encryption }) })
    await expect(next.entries('big')).rejects.toMatchObject({ code: 'run_erased' })
    expect([rows('entries'), rows('blobs'), rows('blob_refs'), rows('runs')]).toEqual([1, 0, 0, 2])
    db.close()
    await next.close()
    expect(found(SAID)).toEqual({})
  })
})
