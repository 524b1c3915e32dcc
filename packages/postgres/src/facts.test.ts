// What is known of people, in a store that is encrypted and in one that is not.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { NewFact } from '@reprise/core'
import { postgres } from './postgres.ts'
import type { PostgresStore } from './postgres-store.ts'
import { tablesOf } from './tables.ts'
import { asAdmin, freshSchema, keysUrl, serverUrl } from './testing.fixture.ts'

const encryption = { key: Buffer.alloc(32, 'key') }
const scope = { tenant: 'acme', user: 'ann' }
const origin = { kind: 'call', runId: 'r1', key: 'agent:0/turn:0/call:0' } as const

function fact(key: string, said: string): NewFact {
  return { scope, memory: 'memory', key, at: 5, text: JSON.stringify(said), origin }
}

describe.each([true, false])('in a store that is encrypted (%s)', (isSealed) => {
  let schema: string
  let store: PostgresStore
  const open = async (): Promise<void> => {
    const keys = await keysUrl()
    store = postgres(await serverUrl(), { schema, ...(isSealed && { encryption, keys }) })
  }
  beforeEach(() => {
    schema = freshSchema()
    return open()
  })
  afterEach(() => store.close())

  const found = async (words: string): Promise<string[]> => {
    const facts = await store.search({ scope, memory: 'memory', words, limit: 5 })
    return facts.map(({ key }) => key)
  }

  test('a fact stands in the clear, and its words in an index, only where the store does not hide it', async () => {
    await store.keepFact(fact('allergies', 'severe hazelnuts'))
    const [row] = await asAdmin<{ all: string }>(`select f::text as all from ${tablesOf(schema).facts} f`)

    expect(['allergies', 'hazelnuts', 'severe'].filter((word) => row?.all.includes(word))).toHaveLength(
      isSealed ? 0 : 3,
    )
    expect(await found('Hazelnuts?')).toEqual(['allergies'])
  })

  test('words with signs between them are found as the words that they are', async () => {
    await store.keepFact(fact('order', 'order-4711 of ann@example.org'))

    expect(await found('4711')).toEqual(['order'])
    expect(await found('example')).toEqual(['order'])
  })

  test('the key of a scope goes with the last of its facts, and a fact that comes later has another', async () => {
    const keys = async (): Promise<string[]> => {
      const from = tablesOf(schema).keys
      const rows = isSealed
        ? await asAdmin<{ id: string }>(`select id from ${from} where lineage like 'facts %'`, await keysUrl())
        : []
      return rows.map(({ id }) => id)
    }
    await store.keepFact(fact('size', '44'))
    await store.keepFact(fact('street', 'Main'))
    const of = { ...scope, memory: 'memory' }
    await store.eraseFacts({ ...of, key: 'size' })
    const before = await keys()
    expect(before).toHaveLength(isSealed ? 1 : 0)
    await store.eraseFacts(of)
    expect(await keys()).toEqual([])

    await store.keepFact(fact('size', '45'))
    expect(await store.facts({ ...of, key: 'size' })).toMatchObject([{ text: '"45"' }])
    const after = await keys()
    expect(after.filter((id) => before.includes(id))).toEqual([])
  })

  test('what was erased with its key does not come back with a backup of the data, and the scope is learned anew', async () => {
    const { facts } = tablesOf(schema)
    await store.keepFact(fact('size', '44'))
    await asAdmin(`create table "${schema}".backup as select * from ${facts}`)
    await store.eraseFacts(scope)
    await asAdmin(`insert into ${facts} overriding system value select * from "${schema}".backup`)
    // Whoever had the key at hand is another process.
    await store.close()
    await open()

    expect(await store.facts({})).toHaveLength(isSealed ? 0 : 1)
    await store.keepFact(fact('size', '45'))
    expect(await store.facts({})).toMatchObject([{ text: '"45"' }])
  })
})

test('Postgres takes a text with signs apart otherwise than it is asked here', async () => {
  const [parsed] = await asAdmin<{ words: string }>(`select to_tsvector('simple', 'order-4711')::text as words`)

  expect(parsed?.words).toBe(`'-4711':2 'order':1`)
})
