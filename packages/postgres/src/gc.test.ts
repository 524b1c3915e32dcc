import { describe, expect, test } from 'vitest'
import { appending, beginning, sampleEntry, sampleMessage } from '@reprise/testing/store-suite'
import { selectEnded } from './gc.ts'
import { Journal } from './rows.fixture.ts'

const ENDED = { status: 'completed', endedAt: 1, owner: null } as const
const ENTRIES = 2_500
const LONG = { result: 'said at length '.repeat(400) }

/** How many rows some tables have. */
async function counted(journal: Journal): Promise<Record<string, number>> {
  const names = ['runs', 'entries', 'blobs', 'blob_refs', 'inbox'] as const
  const counts: Record<string, number> = {}
  for (const name of names) {
    const { rows } = await journal.client.query<{ n: string }>(`select count(*) as n from ${journal.tables[name]}`)
    counts[name] = Number(rows[0]?.n)
  }
  return counts
}

describe('a run of many entries', () => {
  /** One that has ended, and says things at length that `other` says as well. */
  async function withBigRun(): Promise<Journal> {
    const journal = await Journal.open()
    const entries = Array.from({ length: ENTRIES }, (_, seq) => sampleEntry(seq, seq < 3 ? { ...LONG, seq } : seq))
    await journal.store.commit([
      { ...beginning('big', { ...ENDED, tags: ['web'] }), entries },
      { ...beginning('other'), entries: [sampleEntry(0, { ...LONG, seq: 0 })] },
    ])
    await journal.store.send(sampleMessage('big', 'late'))
    return journal
  }

  /** Lets nothing be deleted from the middle of it on: what cleans up is cut short. */
  async function blocked(journal: Journal): Promise<() => Promise<unknown>> {
    const name = `"${journal.schema}".stop`
    await journal.client.query(`
      create function ${name}() returns trigger language plpgsql as $$ begin
        if old.seq > 1500 then raise exception 'cut short'; end if; return old; end $$;
      create trigger stop before delete on ${journal.tables.entries} for each row execute function ${name}()`)
    return () => journal.client.query(`drop trigger stop on ${journal.tables.entries}`)
  }

  test(
    'of which one half is deleted is no run to anybody, and goes with the next cleaning up, whatever that is asked for',
    { tags: 'slow' },
    async () => {
      await using journal = await withBigRun()
      const { store } = journal
      const unblock = await blocked(journal)
      await expect(store.gc(2, ['completed'], 10)).rejects.toMatchObject({ code: 'store_failed' })
      const { entries = 0 } = await counted(journal)
      expect(entries).toBeGreaterThan(1)
      expect(entries).toBeLessThan(ENTRIES)

      await expect(store.entries('big')).rejects.toMatchObject({ code: 'run_going', retryable: true })
      await expect(store.send(sampleMessage('big', 'b'))).rejects.toMatchObject({ code: 'run_going' })
      expect(await store.commit([beginning('big')])).toEqual([{ kind: 'exists' }])
      expect(await store.commit([appending('big', ENTRIES)])).toEqual([{ kind: 'stale' }])
      expect(
        await store.claim({ id: 'big', epoch: 2, ownerHeartbeat: null }, { owner: 'bob', heartbeat: 0 }),
      ).toBeUndefined()

      await unblock()
      expect(await store.gc(0, ['failed'], 10)).toEqual(['big'])
      expect(await counted(journal)).toEqual({ runs: 1, entries: 1, blobs: 1, blob_refs: 1, inbox: 0 })
      expect(await store.commit([beginning('big')])).toEqual([{ kind: 'written' }])
      expect(await store.entries('big')).toHaveLength(1)
    },
  )
})

describe('a run of many children', () => {
  const CHILDREN = 1_100

  async function withMany(): Promise<Journal> {
    const journal = await Journal.open()
    await journal.store.commit([beginning('big', ENDED)])
    await journal.insert(CHILDREN, 'child', { status: "'cancelled'", ended_at: '9', parent_id: "'big'" })
    return journal
  }
  const childrenOf = ({ store }: Journal): Promise<readonly unknown[]> => store.runs({ parentId: 'big', limit: 1 })

  test(
    'that is cut short is no run to anybody, and goes with all of them with the next cleaning up',
    { tags: 'slow' },
    async () => {
      await using journal = await withMany()
      const name = `"${journal.schema}".stop`
      await journal.client.query(`
      create function ${name}() returns trigger language plpgsql as $$ begin
        if old.id = 'child 9' then raise exception 'cut short'; end if; return old; end $$;
      create trigger stop before delete on ${journal.tables.runs} for each row execute function ${name}()`)
      await expect(journal.store.gc(2, ['completed'], 10)).rejects.toMatchObject({ code: 'store_failed' })
      expect((await counted(journal))['runs']).toBeLessThan(CHILDREN)
      await expect(journal.store.entries('big')).rejects.toMatchObject({ code: 'run_going' })
      expect(await journal.store.commit([beginning('big')])).toEqual([{ kind: 'exists' }])

      await journal.client.query(`drop trigger stop on ${journal.tables.runs}`)
      expect((await journal.store.gc(0, ['failed'], 10)).at(-1)).toBe('big')
      expect(await counted(journal)).toMatchObject({ runs: 0 })
    },
  )

  test('stays whole while somebody writes to one of them', { tags: 'slow' }, async () => {
    await using journal = await withMany()
    await journal.client.query('begin')
    await journal.client.query(`select 1 from ${journal.tables.runs} where id = 'child 1099' for key share`)
    expect(await journal.store.gc(2, ['completed'], 10)).toEqual([])
    expect(await childrenOf(journal)).toHaveLength(1)
    await journal.client.query('commit')

    expect(await journal.store.gc(2, ['completed'], 10)).toHaveLength(CHILDREN + 1)
    expect(await childrenOf(journal)).toEqual([])
  })
})

test('what is cleaned up while others begin to use its blobs stays to be read by them', { tags: 'slow' }, async () => {
  await using journal = await Journal.open()
  await using other = await Journal.open(journal.schema)
  const say = (id: string, part: number) => sampleEntry(0, { result: `${part} ${LONG.result}`, by: id.slice(0, 1) })
  const begun: string[] = []
  for (let round = 0; round < 30; round++) {
    const old = beginning(`old ${round}`, ENDED)
    await journal.store.commit([{ ...old, entries: [say(old.runId, round)] }])
    const run = beginning(`new ${round}`)
    const [gone, [written]] = await Promise.all([
      journal.store.gc(2, ['completed'], 10),
      other.store.commit([{ ...run, entries: [say(run.runId, round)] }]),
    ])
    expect([gone, written]).toEqual([[old.runId], { kind: 'written' }])
    begun.push(run.runId)
  }

  for (const [round, id] of begun.entries()) expect(await other.store.entries(id)).toEqual([say(id, round)])
  expect(await counted(journal)).toMatchObject({ runs: 30, blobs: 30, blob_refs: 30 })
})

test('what a worker writes to, or sends a message to, just then is left for the next cleaning up', async () => {
  await using journal = await Journal.open()
  await journal.store.commit(['r1', 'r2'].map((id) => beginning(id, ENDED)))
  await journal.client.query('begin')
  await journal.client.query(`select 1 from ${journal.tables.runs} where id = 'r1' for key share`)
  expect(await journal.store.gc(2, ['completed'], 10)).toEqual(['r2'])
  await journal.client.query('commit')

  expect(await journal.store.gc(2, ['completed'], 10)).toEqual(['r1'])
})

test('what one tenant has is found without going through what others have', { tags: 'slow' }, async () => {
  await using journal = await Journal.open()
  await journal.insert(3000, 'of other', { status: "'completed'", ended_at: '1', tenant: "'other'" })
  await journal.insert(3, 'of acme', { status: "'completed'", ended_at: '1', tenant: "'acme'" })
  const { rows } = await journal.client.query<{ run: number }>(
    `update ${journal.tables.runs} set erased_at = 1 where id in ('of other 7', 'of acme 1') returning run`,
  )
  expect(rows).toHaveLength(2)
  const given = ['completed', 2, Number.MIN_SAFE_INTEGER, 0, 'acme']

  expect(await journal.rowsRead(selectEnded(journal.tables, 'acme'), given)).toBeLessThan(10)
  expect(await journal.store.gc(2, ['completed'], 10, 'acme')).toEqual(['of acme 0', 'of acme 1', 'of acme 2'])
  expect(await journal.store.gc(2, ['failed'], 10)).toEqual(['of other 7'])
})

test(
  'two processes clean up thousands of runs at once: each goes once, and others write in between',
  { tags: 'slow' },
  async () => {
    await using journal = await Journal.open()
    await using other = await Journal.open(journal.schema)
    await journal.insert(3000, 'r', { status: "'completed'", ended_at: '1' })
    let isOver = false
    const cleaning = Promise.all([journal, other].map(({ store }) => store.gc(2, ['completed'], 10_000))).finally(
      () => (isOver = true),
    )
    let written = 0
    while (!isOver && written < 20) await other.store.commit([beginning(`new ${written++}`)])
    const gone = (await cleaning).flat()

    expect(gone).toHaveLength(3000)
    expect(new Set(gone).size).toBe(3000)
    expect(written).toBeGreaterThan(1)
    expect(await counted(journal)).toMatchObject({ runs: written })
  },
)
