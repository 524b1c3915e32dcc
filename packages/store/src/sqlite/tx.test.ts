import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { DefinitionError, TX } from '@reprise/core'
import { appending, beginning, sampleEntry } from '@reprise/testing/store-suite'
import type { SqliteDatabase } from './database.ts'
import type { SqliteStore } from './sqlite-store.ts'
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
    ['names in brackets', (db: SqliteDatabase) => db.exec("select 1 as [it's]; commit; select 'it'"), '"commit"'],
    ['names in backticks', (db: SqliteDatabase) => db.exec("select 1 as `it's`; commit; select 'it'"), '"commit"'],
    ['begin', (db: SqliteDatabase) => db.prepare('Begin immediate'), '"Begin"'],
    ['close', (db: SqliteDatabase) => db.close(), 'close()'],
    ['the database of a statement', (db: SqliteDatabase) => db.prepare('select 1').database.exec('commit'), '"commit"'],
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

  test.each([
    ['pragma()', (db: SqliteDatabase) => db.pragma('query_only = 1'), '"pragma query_only"'],
    [
      'exec',
      (db: SqliteDatabase) => db.exec('select 1; PRAGMA main.locking_mode(exclusive)'),
      '"PRAGMA main.locking_mode"',
    ],
    ['a statement', (db: SqliteDatabase) => db.prepare('pragma synchronous=off').get(), '"pragma synchronous"'],
    ['a name in quotes', (db: SqliteDatabase) => db.exec('pragma "query_only" = 1'), '"pragma"'],
    ['the mark of its tables', (db: SqliteDatabase) => db.pragma('user_version = 1'), '"pragma user_version"'],
    ['its patience', (db: SqliteDatabase) => db.pragma('busy_timeout(60000)'), '"pragma busy_timeout"'],
    [
      'a second one',
      (db: SqliteDatabase) => db.exec('pragma table_info(refunds); pragma application_id = 7'),
      '"pragma application_id"',
    ],
  ])('may not change how the connection works by %s, and the next one writes', async (_, set, said) => {
    await expect(inTool((db) => set(db))).rejects.toThrow(
      `A transactional tool called ${said} on the store's transaction, which commits its effect and its journal entry together. The connection stays as the store has made it.`,
    )
    await inTool((db) => db.exec("insert into refunds values ('o1')"))
    expect(await inTool((db) => db.pragma('query_only', { simple: true }))).toBe(0)
  })

  test('may read how tables are made, and let a foreign key wait for the end', async () => {
    const columns = await inTool((db) => {
      db.pragma('defer_foreign_keys = on')
      return [db.pragma('table_info(refunds)'), db.prepare("pragma table_info('refunds')").all()]
    })
    expect(columns).toMatchObject([[{ cid: 0 }], [{ cid: 0 }]])
  })

  test('may use words of transactions where they are none', async () => {
    await inTool((db) =>
      db.exec("create table commits (begin_at text); insert into commits values ('it''s; commit') -- ; end"),
    )

    expect(await inTool((db) => db.prepare('select begin_at from commits').pluck().get())).toBe("it's; commit")
  })
})

describe('what a transactional tool keeps for later', () => {
  const over =
    'A transactional tool used its transaction after its execute had ended: nothing was written by that. Do all of it before execute returns, and await in prepare.'

  test.each<[string, (db: SqliteDatabase) => () => unknown]>([
    ['the handle', (db) => () => db.exec("insert into refunds values ('late')")],
    [
      'a method',
      // oxlint-disable-next-line typescript/unbound-method -- that it is taken off its database is the case.
      ({ prepare }) =>
        () =>
          prepare('select 1'),
    ],
    [
      'a statement',
      (db) => {
        const late = db.prepare("insert into refunds values ('late')")
        return () => late.run()
      },
    ],
    [
      'a statement that was set up',
      (db) => {
        const late = db.prepare('select order_id from refunds').pluck().bind()
        return () => late.all()
      },
    ],
    ['a transaction', (db) => db.transaction(() => db.exec("insert into refunds values ('late')"))],
    // oxlint-disable-next-line typescript/unbound-method -- it is called on its own below.
    ['a transaction of a kind', (db) => db.transaction(() => undefined).immediate],
    [
      'the database of a statement',
      (db) => {
        const { database } = db.prepare('select 1')
        return () => database.exec("insert into refunds values ('late')")
      },
    ],
  ])('is of no use any more: %s', async (_, keep) => {
    const late = await inTool(keep)
    expect(late).toThrow(over)
    await expect(inTool(() => late())).rejects.toThrow(over)
    expect(await refunds()).toEqual([])
  })

  test('is of no use any more: rows that it was reading, which hold nothing up', async () => {
    const rows = await inTool((db) => {
      db.exec("insert into refunds values ('o1'), ('o2')")
      const reading = db.prepare('select order_id from refunds').pluck().iterate()
      expect(reading.next().value).toBe('o1')
      return reading
    })
    expect(() => rows.next()).toThrow(over)
    expect(await refunds()).toEqual(['o1', 'o2'])
  })
})

describe('a transactional tool whose transaction is gone', () => {
  const lost =
    'A transactional tool\'s transaction was rolled back while it ran, so nothing of it was written: a statement with "or rollback" failed, or a trigger raised ROLLBACK. Use "or abort", and let what fails throw.'

  /** Rolls the transaction back, and catches what says so. */
  function rollBack(db: SqliteDatabase): void {
    db.exec("create unique index one on refunds (order_id); insert into refunds values ('o1')")
    expect(() => db.exec("insert or rollback into refunds values ('o1')")).toThrow(/UNIQUE/)
  }

  test('leaves neither effect nor entry behind, though it caught the error', async () => {
    await expect(inTool(rollBack)).rejects.toMatchObject({ code: 'tx_lost', message: lost })
    expect(await refunds()).toEqual([])
    expect(await store.entries('r1')).toHaveLength(3)
  })

  test('cannot go on writing', async () => {
    const goingOn = inTool((db) => {
      rollBack(db)
      db.exec("insert into refunds values ('o2')")
    })
    await expect(goingOn).rejects.toMatchObject({ code: 'tx_lost', message: lost })
    expect(await refunds()).toEqual([])
  })

  test('since what a row refers to is not there when all is committed, is told so', async () => {
    const orphan = inTool((db) => {
      db.exec(`create table orders (id text primary key);
        create table lines (order_id text references orders (id) deferrable initially deferred);
        insert into lines values ('o1')`)
    })
    await expect(orphan).rejects.toMatchObject({
      name: 'DefinitionError',
      code: 'tx_lost',
      message:
        'A transactional tool left a row without the one that it refers to (a deferred foreign key), so all that it wrote was rolled back. Write both, or leave the key undeferred, and the statement itself throws.',
    })
    expect(await store.entries('r1')).toHaveLength(2)
    expect(await store.commit([appending('r1', 2)])).toEqual([{ kind: 'written' }])
  })

  test('is told that the store is full, whatever it made of that', async () => {
    const fill = (db: SqliteDatabase): void => {
      db.pragma(`max_page_count = ${Number(db.pragma('page_count', { simple: true })) + 2}`)
      try {
        db.prepare('insert into refunds values (?)').run('x'.repeat(200_000))
      } finally {
        db.pragma('max_page_count = 1000000')
      }
    }
    const caught = inTool((db) => {
      try {
        fill(db)
      } catch {
        throw new Error('It could not be kept.')
      }
    })
    await expect(caught).rejects.toMatchObject({ code: 'store_full', retryable: true })
    await expect(inTool(fill)).rejects.toMatchObject({ code: 'store_full' })
    expect(await refunds()).toEqual([])
  })
})

describe('store.tx', () => {
  test("is refused with no ctx of the open transaction: another's, an old one, or none", async () => {
    const other = sqlite(':memory:')
    await other.commit([beginning('r1')])
    const message =
      /^store\.tx\(ctx\) was called where no transaction of the store at .+\.db is open\. It gives a handle inside the execute of a tool with effect: 'transactional', with that tool's own ctx, on a runtime with this store\. Declare the tool so, or, for what is no such tool's work, use store\.transaction\(work\): a second connection to this file is not for this process\.$/
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
