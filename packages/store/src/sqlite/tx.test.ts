import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { DefinitionError, TX } from '@reprise/core'
import { appending, beginning, sampleEntry } from '@reprise/testing/store-suite'
import type { SqliteDatabase } from './database.ts'
import type { SqliteStore } from './file-store.ts'
import { sqlite } from './sqlite.ts'

const folder = mkdtempSync(join(tmpdir(), 'reprise-'))
afterAll(() => rmSync(folder, { recursive: true }))

let store: SqliteStore
let next = 1
let count = 0
beforeEach(async () => {
  store = sqlite(join(folder, `${count++}.db`), { durability: 'process' })
  next = 1
  await store.commit([beginning('r1')])
  await inTool((db) => db.exec('create table refunds (order_id text)'))
  return () => store.close()
})

/** Runs what a transactional tool does, which ends in an entry. */
async function inTool<T>(tool: (db: SqliteDatabase, ctx: object) => T): Promise<T> {
  const returned: T[] = []
  const seq = next
  await store.transact('r1', 1, (handle) => {
    const ctx = { [TX]: handle }
    returned.push(tool(store.tx(ctx), ctx))
    return appending('r1', seq)
  })
  next++
  return returned[0] as T // the effect ran, or transact threw
}

const refunds = () => inTool((db) => db.prepare('select order_id from refunds').pluck().all())

describe('a transactional tool', () => {
  test('writes in the transaction of its entry, by statements, exec and savepoints', async () => {
    await inTool((db) => {
      db.prepare('insert into refunds values (?)').run('o1')
      db.exec("insert into refunds values ('o2')").exec("insert into refunds values ('o3')")
      db.transaction(() => db.prepare('insert into refunds values (?)').run('o4'))()
      const failing = db.transaction(() => {
        db.prepare('insert into refunds values (?)').run('o5')
        throw new Error('sold out')
      })
      expect(failing).toThrow('sold out')
    })

    expect(await refunds()).toEqual(['o1', 'o2', 'o3', 'o4'])
    expect(await store.entries('r1')).toEqual([0, 1, 2, 3].map((seq) => sampleEntry(seq)))
  })

  test('that throws leaves nothing behind, not even in its tables', async () => {
    const failing = inTool((db) => {
      db.prepare('insert into refunds values (?)').run('o1')
      throw new Error('sold out')
    })

    await expect(failing).rejects.toThrow('sold out')
    expect(await refunds()).toEqual([])
    expect(await store.entries('r1')).toHaveLength(3)
  })

  test('whose run has another owner by the end of it leaves nothing behind', async () => {
    const result = await store.transact('r1', 1, (handle) => {
      store.tx({ [TX]: handle }).exec("insert into refunds values ('o1')")
      return { ...appending('r1', 2), epoch: 2 }
    })

    expect(result).toEqual({ kind: 'stale' })
    expect(await refunds()).toEqual([])
  })

  test.each([
    ['commit', (db: SqliteDatabase) => db.exec('commit'), '"commit"'],
    ['rollback', (db: SqliteDatabase) => db.prepare(' ROLLBACK').run(), '"ROLLBACK"'],
    ['end', (db: SqliteDatabase) => db.exec("insert into refunds values ('o2');\nEND transaction"), '"END"'],
    ['a comment and commit', (db: SqliteDatabase) => db.exec('/* now; */ -- then\n commit'), '"commit"'],
    ['begin', (db: SqliteDatabase) => db.prepare('Begin immediate'), '"Begin"'],
    ['close', (db: SqliteDatabase) => db.close(), 'close()'],
  ])('may not end the transaction by %s', async (_, control, said) => {
    const failing = inTool((db) => {
      db.exec("insert into refunds values ('o1')")
      control(db)
    })

    await expect(failing).rejects.toThrow(
      new DefinitionError({
        code: 'tx_control',
        message: `A transactional tool called ${said} on the store's transaction, which commits its effect and its journal entry together. Leave the transaction to the store; for a part that may fail by itself, use db.transaction(fn), which is a savepoint here.`,
      }),
    )
    expect(await refunds()).toEqual([])
  })

  test('may use words of transactions where they are none', async () => {
    await inTool((db) =>
      db.exec("create table commits (begin_at text); insert into commits values ('it''s; commit') -- ; end"),
    )

    expect(await inTool((db) => db.prepare('select begin_at from commits').pluck().get())).toBe("it's; commit")
  })
})

describe('store.tx', () => {
  test("is refused with no ctx of the open transaction: another's, an old one, or none", async () => {
    const other = sqlite(':memory:')
    await other.commit([beginning('r1')])
    const message =
      /^store\.tx\(ctx\) was called where no transaction of the store at .+\.db is open\. It gives a handle inside the execute of a tool with effect: 'transactional', with that tool's own ctx, on a runtime with this store\. Declare the tool so, or, for what is no such tool's work, keep the data in a file of its own: a second connection to this one is not for this process\.$/
    const ctx = await inTool((_, ctx) => ctx)

    expect(() => store.tx(ctx)).toThrow(message)
    expect(() => store.tx({})).toThrow(message)
    await inTool(() => {
      expect(() => store.tx({})).toThrow(message)
      expect(() => store.tx({ [TX]: {} })).toThrow(message)
    })
    await other.transact('r1', 1, (handle) => {
      expect(() => store.tx({ [TX]: handle })).toThrow(message)
      return appending('r1', 1)
    })
    await other.close()
  })
})
