import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRuntime, defineAgent } from '@reprise/core'
import { scriptedModel } from '@reprise/testing'
import Database from 'better-sqlite3'
import { afterAll, expect, test } from 'vitest'
import { sqlite } from './sqlite.ts'

const folder = mkdtempSync(join(tmpdir(), 'reprise-'))
afterAll(() => rmSync(folder, { recursive: true }))

test('what a fork takes over at length stands once, for both runs', async () => {
  const path = join(folder, 'runs.db')
  const talker = defineAgent({ name: 'talker', model: 'm', instructions: 'Talk at length. '.repeat(500) })
  const store = sqlite(path, { durability: 'process' })
  const models = scriptedModel(() => ({ text: 'yes' }))
  const runtime = createRuntime({ store, models, definitions: [talker] })
  await (await runtime.start(talker, 'go', { id: 'r' })).result()
  const fork = await runtime.fork('r', { at: 1, id: 'f' })
  expect(await fork.result()).toBe('yes')
  expect((await store.entries('f'))[0]).toEqual((await store.entries('r'))[0])
  await runtime.close()

  const db = new Database(path, { readonly: true })
  const uses =
    'select blobs.address, group_concat(id) as runs from blobs join blob_refs using (address) join runs using (run) group by 1'
  expect(db.prepare(uses).all()).toEqual([{ address: expect.any(String) as unknown, runs: 'r,f' }])
  expect(db.prepare("select parent_id, lineage_id, fork_of, fork_seq from runs where id = 'f'").get()).toEqual({
    parent_id: null,
    lineage_id: 'r',
    fork_of: 'r',
    fork_seq: 1,
  })
  db.close()
})
