import { expect, test } from 'vitest'
import { hasStore } from './exists.ts'
import { postgres } from './postgres.ts'
import { asAdmin, freshSchema, serverUrl } from './testing.fixture.ts'

test('a database is asked whether a schema of it holds a store, and nothing is made', async () => {
  const [url, schema] = [await serverUrl(), freshSchema()]
  expect(await hasStore(url, { schema })).toBe(false)
  expect(await asAdmin(`select 1 from pg_namespace where nspname = '${schema}'`)).toEqual([])

  await using store = postgres(url, { schema })
  await store.runs({})
  expect(await hasStore(url, { schema })).toBe(true)
})

test('a database that cannot be asked is an error without its password', async () => {
  const url = new URL(await serverUrl())
  url.password = 'hunter2'
  const refused: unknown = await hasStore(url.href).catch((thrown: unknown) => thrown)
  expect(refused).toMatchObject({ code: 'store_refused', retryable: false })
  expect(String(refused)).not.toContain('hunter2')

  const absent = new URL(await serverUrl())
  absent.pathname = '/nowhere'
  await expect(hasStore(absent.href)).rejects.toMatchObject({ code: 'store_no_database' })
  await expect(hasStore(absent.href, { schema: 'Desk' })).rejects.toMatchObject({ code: 'bad_argument' })
})
