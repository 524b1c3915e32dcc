// How a page of the audit is found: by how much is looked at for it.
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { AuditFilter } from '@reprise/core'
import { selectAudit } from './audit.ts'
import { Journal } from './rows.fixture.ts'

let journal: Journal
beforeAll(async () => {
  journal = await Journal.open()
  await journal.client.query(`
    insert into ${journal.tables.audit} (at, action, by_id, by_source, run_id, lineage_id, tenant)
      select n, case when n % 300 = 4 then 'erased' else 'read' end, case when n % 300 = 5 then 'ana' else 'bob' end, 'cli',
        'r' || n % 300, 'r' || n % 100, case when n % 300 = 6 then 'acme' else 'other' end
      from generate_series(0, 5999) n;
    analyze`)
})
afterAll(() => journal[Symbol.asyncDispose]())

test.each<AuditFilter>([
  {},
  { after: 3000 },
  { order: 'newest' },
  { runId: 'r7' },
  { runId: 'r7', order: 'newest', after: 3000 },
  { lineageId: 'r7' },
  { lineageId: 'r7', action: 'read' },
  { by: 'ana' },
  { tenant: 'acme' },
  { tenant: 'other', order: 'newest' },
  { action: 'erased' },
])('a page of it by %j is read off an index, and no more of it than the page', async (filter) => {
  const { text, values } = selectAudit(journal.tables, { ...filter, limit: 10 })

  expect(await journal.rowsRead(text, values, 'audit')).toBeLessThanOrEqual(40)
})

test('a text that Postgres does not keep is refused before anything is written', async () => {
  const note = { at: 1, action: 'read', runId: null, lineageId: null, tenant: null, what: null } as const
  const notes = [
    { ...note, by: { id: 'ana', source: 'oidc' } },
    { ...note, by: { id: 'a\u0000', source: 'oidc' } },
  ]

  await expect(journal.store.note(notes)).rejects.toMatchObject({ code: 'store_bad_text' })
  expect(await journal.store.audit({ from: 1, by: 'ana', action: 'read', limit: 1 })).toMatchObject([{ at: 5 }])
})
