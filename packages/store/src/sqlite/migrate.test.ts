// Databases of every older version, with runs in flight.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRuntime, defineAgent, defineTool } from '@reprise/core'
import { crashing, scriptedModel } from '@reprise/testing'
import { beginning } from '@reprise/testing/store-suite'
import Database from 'better-sqlite3'
import { afterAll, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { APPLICATION_ID, MIGRATIONS } from './schema.ts'
import { sqlite } from './sqlite.ts'

const folder = mkdtempSync(join(tmpdir(), 'reprise-migrate-'))
afterAll(() => rmSync(folder, { recursive: true }))

const paid: string[] = []
const pay = defineTool({
  name: 'pay',
  description: 'Pays.',
  input: z.object({}),
  effect: 'idempotent',
  execute: (_input, { runId }) => {
    paid.push(runId)
    return 'paid '.repeat(1_000)
  },
})
const clerk = defineAgent({ name: 'clerk', model: 'm', instructions: '', tools: [pay] })

/** Pays once and answers. */
const models = scriptedModel(({ items }) =>
  items.length === 1 ? { calls: [{ name: 'pay', arguments: {} }] } : { text: 'done' },
)
const log = { info: () => undefined, warn: () => undefined, error: () => undefined }

/** A database of this program with a run in flight, which has paid when its process dies. */
async function withRun(path: string): Promise<void> {
  const store = sqlite(path, { durability: 'process' })
  const dying = crashing(store, { at: 4, side: 'before' })
  const run = await createRuntime({ store: dying, models, definitions: [clerk], log }).start(clerk, 'go', { id: 'r' })
  await run.outcome()
  await store.close()
}

/** The same runs in the tables of an older version, as far as that has them. */
function carriedBack(from: string, to: string, version: number): void {
  const db = new Database(to)
  for (const step of MIGRATIONS.slice(0, version)) db.exec(step)
  db.prepare('attach ? as today').run(from)
  const tables = db
    .prepare<[], string>(
      `select name from main.sqlite_schema where type = 'table' and name <> 'meta'
        intersect select name from today.sqlite_schema`,
    )
    .pluck()
  for (const table of tables.all()) {
    const columns = db.prepare<[string], string>('select name from pragma_table_info(?)').pluck().all(table)
    const found = columns.map((column) => (column === 'beat' ? '0' : column))
    db.exec(`insert into main.${table} (${columns.join()}) select ${found.join()} from today.${table}`)
  }
  db.exec(`detach today; pragma application_id = ${APPLICATION_ID}; pragma user_version = ${version}`)
  db.close()
}

/** What a database says of itself. */
function standing(path: string): unknown {
  const db = new Database(path)
  const schema = db.prepare("select name, sql from sqlite_schema where name not like 'sqlite_%' order by name").all()
  const found = [db.pragma('user_version', { simple: true }), schema, db.prepare('select * from runs').all()]
  db.close()
  return found
}

/** Opens a store in a process that is killed as soon as one step of a migration is made. */
function killedWhileMigrating(path: string): string | null {
  const input = `
    import Database from '${import.meta.resolve('better-sqlite3')}'
    import { sqlite } from '${import.meta.resolve('./sqlite.ts')}'
    const { exec } = Database.prototype
    Database.prototype.exec = function (sql) { exec.call(this, sql); process.kill(process.pid, 'SIGKILL') }
    await sqlite(${JSON.stringify(path)}).run('r')`
  return spawnSync(process.execPath, ['--input-type=module', '-'], { input }).signal
}

test(
  'a run in flight goes on when its database is brought up to date, though a process was killed while it did that',
  { tags: 'slow' },
  async () => {
    const today = join(folder, 'today.db')
    await withRun(today)
    for (let version = 1; version < MIGRATIONS.length; version++) {
      const path = join(folder, `${version}.db`)
      carriedBack(today, path, version)
      const before = standing(path)
      expect(killedWhileMigrating(path), `version ${version}`).toBe('SIGKILL')
      expect(standing(path), `version ${version}`).toEqual(before)

      const store = sqlite(path, { durability: 'process' })
      const runtime = createRuntime({ store, models, definitions: [clerk], log })
      expect(await (await runtime.resume('r')).result(), `version ${version}`).toBe('done')
      expect((await store.entries('r')).map(({ kind }) => kind)).toEqual([
        'run.started',
        'model.replied',
        'call.judged',
        'call.returned',
        'model.replied',
        'run.completed',
      ])
      expect(await runtime.replay('r')).toMatchObject({ status: 'matched' })
      await runtime.close()
    }
    expect(paid).toEqual(['r'])
  },
)

test('a database that another process makes while this one opens it is opened, whatever this one was just about to ask', async () => {
  // oxlint-disable-next-line typescript/unbound-method -- it is called with its database below
  const { prepare } = Database.prototype
  const make = (path: string): void => {
    const db = new Database(path)
    for (const step of MIGRATIONS) db.exec(step)
    db.exec(`pragma application_id = ${APPLICATION_ID}; pragma user_version = ${MIGRATIONS.length}`)
    db.close()
  }
  // As far as the question that is asked with nobody else writing any more.
  for (let at = 1, made = true; made; at++) {
    const path = join(folder, `made-${at}.db`)
    let asked = 0
    made = false
    const spy = vi.spyOn(Database.prototype, 'prepare').mockImplementation(function (this: Database.Database, sql) {
      if (++asked === at && !this.inTransaction) {
        made = true
        spy.mockRestore()
        make(path)
      }
      return prepare.call(this, sql)
    })
    const store = sqlite(path, { durability: 'process' })
    expect(await store.run('r'), `question ${at}`).toBeUndefined()
    spy.mockRestore()
    expect(await store.commit([beginning('r')]), `question ${at}`).toEqual([{ kind: 'written' }])
    await store.close()
  }
})
