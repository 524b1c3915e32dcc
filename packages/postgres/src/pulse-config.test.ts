import pg from 'pg'
import { expect, test } from 'vitest'
import { configOf } from './pulse-config.ts'

test('a thread connects as a pool does, also by a certificate whose key the pool hides', () => {
  const ssl = { ca: 'the authority', cert: 'the certificate', key: 'its key' }
  const given = { host: 'db', user: 'ann', password: 'secret', sslnegotiation: 'direct' } as const
  expect(configOf(new pg.Pool({ ...given, ssl: { ...ssl } }))).toMatchObject({ ...given, ssl })
  expect(configOf('postgres://ann@db/x')).toEqual({ connectionString: 'postgres://ann@db/x' })
})

test('it cannot where some of that is a function', () => {
  expect(configOf(new pg.Pool({ password: async () => 'lent' }))).toBeUndefined()
})
