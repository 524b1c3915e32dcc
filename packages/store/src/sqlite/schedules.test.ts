import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { createRuntime, type StoredSchedule } from '@reprise/core'
import { scriptedModel } from '@reprise/testing'
import Database from 'better-sqlite3'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { restore } from './restore.ts'
import { tick } from './schedule-process.fixture.ts'
import type { SqliteStore } from './sqlite-store.ts'
import { sqlite } from './sqlite.ts'

const folder = mkdtempSync(join(tmpdir(), 'reprise-schedules-'))
afterAll(() => rmSync(folder, { recursive: true }))

let path = ''
let cases = 0
beforeEach(() => {
  path = join(folder, `${++cases}.db`)
})

const schedule: StoredSchedule = {
  name: 'nightly',
  etag: 'first',
  definition: { kind: 'workflow', name: 'tick' },
  dueAt: 100,
  paused: false,
  tenant: null,
  user: null,
  text: '{"input":"for your eyes only"}',
}

/** Whether a text stands in one of the files of the store. */
function stands(text: string): boolean {
  const files = readdirSync(folder).filter((name) => name.startsWith(`${cases}.db`))
  return files.some((name) => readFileSync(join(folder, name)).includes(text))
}

test('moments that two processes fire, one of which is killed, are fired once each', { tags: 'slow' }, async () => {
  const workers: ChildProcess[] = []
  const start = async (): Promise<ChildProcess> => {
    const program = join(import.meta.dirname, 'schedule-process.fixture.ts')
    const child = spawn(process.execPath, [program, path], { stdio: ['ignore', 'pipe', 'inherit'] })
    workers.push(child)
    await once(child.stdout, 'data')
    return child
  }
  await using runtime = createRuntime({ store: sqlite(path), models: scriptedModel([]), definitions: [tick] })
  const ended = () => runtime.runs.list({ status: 'completed', limit: 1_000 })
  // Other processes work: there is no clock of ours to move.
  const until = async (runs: number): Promise<void> => {
    while ((await ended()).length < runs) await wait(50)
  }
  try {
    const first = await start()
    await start()
    await until(3)
    first.kill('SIGKILL')
    await until((await ended()).length + 3)
    await start()
    await until((await ended()).length + 3)
    for (const worker of workers.slice(1)) worker.kill('SIGTERM')
    await Promise.all(workers.slice(1).map(async (worker) => worker.exitCode ?? once(worker, 'exit')))
    expect(workers.slice(1).map(({ exitCode }) => exitCode)).toEqual([0, 0])
  } finally {
    for (const worker of workers) worker.kill('SIGKILL')
  }

  const runs = await runtime.runs.list({ limit: 1_000 })
  const moments = runs.map(({ id }) => Date.parse(id.slice(id.indexOf('@') + 1)))
  const [from = 0] = moments
  expect(moments).toEqual(moments.map((_, index) => from + 1_000 * index))
  expect(runs.every(({ tags }) => tags.includes('schedule:each-second'))).toBe(true)
  for (const [index, { id, status }] of runs.entries()) {
    if (status !== 'completed') continue
    const last = (await runtime.runs.entries(id)).at(-1)
    expect(last).toMatchObject({ body: { output: new Date(moments[index] ?? 0).toISOString() } })
  }
})

test('a schedule is encrypted where the store is, and its key goes with it', async () => {
  const encryption = { key: Buffer.alloc(32, 7) }
  const store = sqlite(path, { encryption })
  await store.keepSchedule({ schedule, before: null })
  await store.close()
  expect(stands('for your eyes only')).toBe(false)

  const again = sqlite(path, { encryption })
  expect(await again.schedules({})).toEqual([schedule])
  const keys = (): unknown => {
    const db = new Database(`${path}.keys`, { readonly: true })
    const { tables } = db.prepare(`select group_concat(name) tables from sqlite_master where type = 'table'`).get() as {
      tables: string
    }
    const found = tables.split(',').flatMap((table) => db.prepare(`select * from ${table}`).all())
    db.close()
    return found.filter((row) => JSON.stringify(row).includes('schedule nightly')).length
  }
  expect(keys()).toBe(1)
  expect(await again.deleteSchedule('nightly')).toBe(true)
  expect(keys()).toBe(0)
  await again.keepSchedule({ schedule: { ...schedule, text: '{"another":1}' }, before: null })
  expect(await again.schedules({})).toEqual([{ ...schedule, text: '{"another":1}' }])
  await again.close()
})

test('in a store that is not encrypted it is plain', async () => {
  const store = sqlite(path)
  await store.keepSchedule({ schedule, before: null })
  await store.close()
  expect(stands('for your eyes only')).toBe(true)
})

describe('of a deleted schedule', () => {
  /** Schedules that say much, and say something else again and again. */
  async function busy(store: SqliteStore): Promise<void> {
    const said = (n: number, step: number) => `{"input":"${`eyes-${n}. `.repeat(1 + ((n * 7 + step * 131) % 300))}"}`
    for (let step = 0; step < 8; step++)
      for (let n = 0; n < 30; n++) {
        const stored = { ...schedule, name: `s${n}`, user: `mary-${n}.`, etag: `${step}`, text: said(n, step) }
        await store.keepSchedule({ schedule: stored, before: step === 0 ? null : `${step - 1}` })
      }
  }

  test('nothing is left in the files of a store', async () => {
    await using store = sqlite(path)
    await busy(store)
    expect(stands('eyes-3. ')).toBe(true)
    const gone = Array.from({ length: 10 }, (_, index) => index * 3)
    expect(await Promise.all(gone.map((n) => store.deleteSchedule(`s${n}`, true)))).toEqual(gone.map(() => true))
    expect(gone.filter((n) => stands(`eyes-${n}. `) || stands(`mary-${n}.`))).toEqual([])
    expect(stands('eyes-4. ')).toBe(true)
  })

  test('nor of those of a person who is erased', async () => {
    await using store = sqlite(path)
    await busy(store)
    await using runtime = createRuntime({ store, models: scriptedModel([]), definitions: [tick] })
    expect(await runtime.eraseSubject({ user: 'mary-7.' }, { by: 'ana' })).toMatchObject({ schedules: 1 })
    expect(stands('eyes-7. ') || stands('mary-7.')).toBe(false)
  })

  test('what a reader holds is gone when that is done, as is said', async () => {
    await using store = sqlite(path)
    await busy(store)
    const reader = new Database(path, { readonly: true })
    reader.exec('begin')
    reader.prepare('select count(*) from schedules').get()
    expect(await store.deleteSchedule('s1', true)).toBe('pending')
    await using runtime = createRuntime({ store, models: scriptedModel([]), definitions: [tick] })
    expect(await runtime.eraseSubject({ user: 'mary-2.' }, { by: 'ana' })).toMatchObject({
      schedules: 1,
      pending: true,
    })
    reader.close()
    while (stands('eyes-1. ') || stands('eyes-2. ')) await wait(10)
  })

  test(
    'what a process has left that was killed in the middle goes with the next opening',
    { tags: 'slow' },
    async () => {
      const store = sqlite(path)
      await busy(store)
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
      await store.deleteSchedule('s3', true)`
      const child = spawn(process.execPath, ['--input-type=module', '-'], { stdio: ['pipe', 'ignore', 'inherit'] })
      child.stdin.end(dying)
      expect(await once(child, 'close')).toEqual([null, 'SIGKILL'])
      expect(stands('eyes-3. ')).toBe(true)

      const next = sqlite(path)
      expect(await next.schedules({ name: 's3' })).toEqual([])
      await next.close()
      expect(stands('eyes-3. ')).toBe(false)
      expect(stands('eyes-4. ')).toBe(true)
    },
  )
})

test('schedules of a restored store are paused, and whoever saw them before changes nothing', async () => {
  const store = sqlite(path)
  await store.keepSchedule({ schedule, before: null })
  await store.backup(`${path}.backup`)
  await store.close()
  await restore(`${path}.backup`, `${path}.restored`)

  await using restored = sqlite(`${path}.restored`)
  const [found] = await restored.schedules({})
  expect(found).toEqual({ ...schedule, paused: true, etag: expect.not.stringMatching('first') })
  const definitions = [schedule.definition]
  expect(await restored.dueSchedules({ now: 1_000, definitions, except: [], limit: 10 })).toEqual([])
  expect(await restored.keepSchedule({ schedule: { ...schedule, etag: '2' }, before: 'first' })).toBe(false)
})
