// The store through PgBouncer in transaction mode, where PGBOUNCER names its program: else nothing of this is run.
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Hint } from '@reprise/core'
import { beginning, sampleRow, storeSuite } from '@reprise/testing/store-suite'
import { postgres } from './postgres.ts'
import { emptySchema, freshSchema, inTransaction, serverUrl } from './testing.fixture.ts'

const program = process.env['PGBOUNCER']

describe.runIf(program)('through PgBouncer', () => {
  let folder: string
  let bouncer: ChildProcess
  let url: string
  let pool: pg.Pool

  beforeAll(async () => {
    const server = new URL(await serverUrl())
    folder = await mkdtemp(join(tmpdir(), 'pgbouncer-'))
    await chmod(folder, 0o755)
    const port = await freePort()
    const settings = join(folder, 'pgbouncer.ini')
    await writeFile(
      settings,
      `[databases]
* = host=${server.hostname} port=${server.port} user=${server.username} password='${decodeURIComponent(server.password)}'
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 6
max_client_conn = 200
`,
    )
    // It does not run as root.
    bouncer = spawn(program ?? '', [...(process.getuid?.() === 0 ? ['-u', 'nobody'] : []), settings], {
      stdio: 'ignore',
    })
    const by = new URL(server)
    by.port = String(port)
    url = by.href
    pool = new pg.Pool({ connectionString: url, max: 8, pipeline: true })
    pool.on('error', () => undefined)
    while (!(await isUp(pool))) await new Promise((resolve) => setImmediate(resolve))
  })
  afterAll(async () => {
    await pool.end()
    bouncer.kill()
    await rm(folder, { recursive: true, force: true })
  })

  const schema = freshSchema()
  storeSuite('the Postgres store through PgBouncer', {
    open: async () => {
      await emptySchema(schema)
      return postgres(pool, { schema })
    },
    openAgain: async () => postgres(pool, { schema }),
    transaction: (_, work) => inTransaction(work),
  })

  test('a store hears nothing through it, and what is told there by the address of the server', async () => {
    const named = { schema: freshSchema() }
    await using deaf = postgres(url, named)
    await using hearing = postgres(url, { ...named, listenUrl: await serverUrl() })
    await using other = postgres(url, named)
    await other.run('nobody')
    const heard: Record<string, Hint[]> = { deaf: [], hearing: [] }
    deaf.listen('ann', (hint) => heard['deaf']?.push(hint))
    hearing.listen('ann', (hint) => heard['hearing']?.push(hint))
    await expect.poll(() => [heard['deaf']?.length, heard['hearing']?.length]).toEqual([1, 1])
    // Others have its connections to the server meanwhile.
    await Promise.all(Array.from({ length: 20 }, () => other.run('nobody')))
    for (const id of ['r1', 'r2', 'r3']) {
      const before = heard['hearing']?.length ?? 0
      await other.commit([{ ...beginning(id), create: sampleRow(id, { owner: null, status: 'queued' }) }])
      await expect.poll(() => heard['hearing']?.length).toBe(before + 1)
    }
    expect(heard['deaf']).toHaveLength(1)
  })
})

async function isUp(pool: pg.Pool): Promise<boolean> {
  try {
    await pool.query('select 1')
    return true
  } catch {
    return false
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // of a server that listens on a port
  await new Promise((resolve) => server.close(resolve))
  return port
}
