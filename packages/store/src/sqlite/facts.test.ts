import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { NewFact } from '@reprise/core'
import Database from 'better-sqlite3'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { sqlite } from './sqlite.ts'

const folder = mkdtempSync(join(tmpdir(), 'reprise-facts-'))
afterAll(() => rmSync(folder, { recursive: true }))

let path = ''
let cases = 0
beforeEach(() => {
  path = join(folder, `${++cases}.db`)
})

const encryption = { key: Buffer.alloc(32, 7) }
const scope = { tenant: 'acme', user: 'ann' }
const origin = { kind: 'call', runId: 'r1', key: 'agent:0/turn:0/call:0' } as const

function fact(key: string, said: string): NewFact {
  return { scope, memory: 'memory', key, at: 5, text: JSON.stringify(said), origin }
}

/** Whether a text stands in one of the files of the store. */
function stands(text: string): boolean {
  const files = readdirSync(folder).filter((name) => name.startsWith(`${cases}.db`))
  return files.some((name) => readFileSync(join(folder, name)).includes(text))
}

/** How many keys of lineages stand beside the store. */
function keys(): number {
  const db = new Database(`${path}.keys`, { readonly: true })
  const tables = db.prepare<[], string>(`select name from sqlite_master where type = 'table'`).pluck().all()
  const rows = tables.flatMap((table) => db.prepare(`select * from ${table}`).all())
  db.close()
  return rows.filter((row) => JSON.stringify(row).includes('facts [')).length
}

test('neither the key nor a word of a fact stands anywhere in the clear where the store is encrypted', async () => {
  const store = sqlite(path, { encryption })
  await store.keepFact(fact('allergies', 'severe hazelnuts'))
  const query = { scope, memory: 'memory', words: 'Hazelnuts?', limit: 5 }
  expect(await store.search(query)).toMatchObject([{ key: 'allergies' }])
  await store.close()

  expect(['allergies', 'hazelnuts', 'severe'].filter(stands)).toEqual([])
})

test('what is erased stands in no file any more, its words in the index neither', async () => {
  const store = sqlite(path)
  await store.keepFact(fact('allergies', 'severe hazelnuts'))
  await store.keepFact(fact('size', 'forty-four'))
  await store.keepFact(fact('size', 'forty-five'))
  expect(await store.eraseFacts({ ...scope, memory: 'memory', key: 'allergies' })).toEqual({ facts: 1 })

  expect(['allergies', 'hazelnuts', 'severe', 'forty-four'].filter(stands)).toEqual([])
  expect(stands('forty-five')).toBe(true)
  await store.close()
})

test('the key of a scope goes with the last of its facts, and a fact that comes later has another', async () => {
  const store = sqlite(path, { encryption })
  await store.keepFact(fact('size', '44'))
  await store.keepFact(fact('street', 'Main'))
  const of = { ...scope, memory: 'memory' }
  await store.eraseFacts({ ...of, key: 'size' })
  expect(keys()).toBe(1)
  await store.eraseFacts(of)
  expect(keys()).toBe(0)

  await store.keepFact(fact('size', '45'))
  expect(await store.facts({ ...of, key: 'size' })).toMatchObject([{ text: '"45"' }])
  await store.close()
})

test('what was erased with its key does not come back with a backup of the data, and the scope is learned anew', async () => {
  const store = sqlite(path, { encryption })
  await store.keepFact(fact('size', '44'))
  const backup = join(folder, `${cases}.backup`)
  await store.backup?.(backup)
  await store.eraseFacts(scope)
  await store.close()
  copyFileSync(backup, path)

  const again = sqlite(path, { encryption })
  expect(await again.facts({})).toEqual([])
  expect(await again.search({ scope, memory: 'memory', words: '44', limit: 5 })).toEqual([])
  await again.keepFact(fact('street', 'Main'))
  expect(await again.facts({})).toMatchObject([{ key: 'street' }])
  await again.close()
})
