import { expect, test } from 'vitest'
import { beginning, sampleRow } from '@reprise/testing/store-suite'
import { postgres } from './postgres.ts'
import { asAdmin, freshSchema, serverUrl } from './testing.fixture.ts'

test('a store makes its tables at the first use, and another one finds them', async () => {
  const [url, schema] = [await serverUrl(), freshSchema()]
  await using one = postgres(url, { schema })
  await using other = postgres(url, { schema })
  await using apart = postgres(url, { schema: `${schema}_apart` })
  await one.commit([beginning('r1')])

  expect(await other.run('r1')).toEqual(sampleRow('r1'))
  expect(await apart.run('r1')).toBeUndefined()
})

test('a store that is closed stays closed', async () => {
  const store = postgres(await serverUrl(), { schema: freshSchema() })
  await store.run('r1')
  await store.close()
  await store.close()

  await expect(store.run('r1')).rejects.toMatchObject({ code: 'store_closed' })
})

/** Makes a user who may do nothing by itself; gives the address by which it comes. */
async function newUser(name: string): Promise<string> {
  await asAdmin(`create role ${name} login password 'x'`)
  const url = new URL(await serverUrl())
  url.username = name
  url.password = 'x'
  return url.href
}

test('a user who may make tables in a schema that stands there needs no other right', async () => {
  const name = freshSchema()
  const url = await newUser(name)
  await asAdmin(`create schema ${name} authorization ${name}`)
  await using store = postgres(url, { schema: name })

  expect(await store.commit([beginning('r1')])).toEqual([{ kind: 'written' }])
})

test('a user who may not make the tables is told so', async () => {
  const name = freshSchema()
  await using store = postgres(await newUser(name), { schema: name })

  await expect(store.run('r1')).rejects.toMatchObject({ code: 'store_readonly', retryable: false })
})

test.each([
  ['', {}],
  [undefined, {}],
  [{}, {}],
  ['postgres://host/db', { keys: '' }],
  ['postgres://host/db', { listenUrl: '' }],
  ['postgres://host/db', { listenUrl: 7 }],
  ['postgres://host/db', { blobs: 'folder' }],
  ['postgres://host/db', { minBlobBytes: 0 }],
  ['postgres://host/db', null],
  ['postgres://host/db', { schema: 'Desk' }],
  ['postgres://host/db', { schema: 'pg_desk' }],
  ['postgres://host/db', { schema: 'x'.repeat(64) }],
  ['postgres://host/db', { schema: 7 }],
])('postgres(%j, %j) is refused', (place, options) => {
  const given = [place, options] as unknown as Parameters<typeof postgres> // of a program without types
  expect(() => postgres(...given)).toThrow(expect.objectContaining({ code: 'bad_argument' }))
})
