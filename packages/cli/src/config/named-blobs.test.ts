import { mkdtempSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { type BlobStore, folder, postgres, s3 } from '@reprise/postgres'
import { describe, expect, it } from 'vitest'
import { clerk, deskRuntime } from '../desk.fixture.ts'
import { namedOnPostgres } from '../postgres.fixture.ts'
import { printed, reprise, tempFolder } from '../reprise.fixture.ts'

const cwd = tempFolder()

/** A store that has a large body in a place. */
async function kept(blobs: BlobStore): Promise<string> {
  const { url, schema, name } = await namedOnPostgres()
  const runtime = deskRuntime(postgres(url, { schema, blobs }))
  await runtime.enqueue(clerk, `Order 4711 ${'x'.repeat(200_000)}`, { id: 'large' })
  await runtime.close()
  return name
}

describe('a store on Postgres whose large bodies stand elsewhere', () => {
  it('is read with the folder that the environment names, from where the command is typed', async () => {
    const at = await kept(folder(join(cwd, 'blobs')))
    const env = { REPRISE_STORE: at, REPRISE_BLOBS: 'blobs' }
    expect(await printed(['show', 'large'], { cwd, env })).toContain('Order 4711')
    expect((await reprise(['doctor'], { cwd, env })).stdout).toMatch(
      /ok +blobs +outside of the database; 1 blob looked for, and found/,
    )
    const without = await reprise(['show', 'large', '--store', at], { cwd })
    expect([without.code, without.stderr]).toEqual([
      1,
      expect.stringMatching(/^reprise: The store at .* has blobs outside of the database.*REPRISE_BLOBS/),
    ])
    const doctor = await reprise(['doctor', '--store', at], { cwd })
    expect(doctor.stdout).toMatch(/wrong +blobs +The store at .* has blobs outside of the database/)
    const elsewhere = { ...env, REPRISE_BLOBS: mkdtempSync(join(tmpdir(), 'reprise-cli-')) }
    expect((await reprise(['doctor'], { cwd, env: elsewhere })).stdout).toMatch(
      /wrong +blobs +outside of the database; 1 blob looked for, and 1 not there: [0-9a-f]{64}-/,
    )
  })

  it('is read with the bucket that the environment names', { tags: 'slow' }, async () => {
    const server = await startBucket()
    const credentials = { accessKeyId: 'ann', secretAccessKey: 'secret of ann' }
    const at = await kept(s3({ bucket: 'journal', prefix: 'desk/', endpoint: server.url, credentials }))
    const keys = { AWS_ACCESS_KEY_ID: 'ann', AWS_SECRET_ACCESS_KEY: 'secret of ann' }
    const name = `s3://journal/desk/?endpoint=${encodeURIComponent(server.url)}`
    const env = { ...keys, REPRISE_STORE: at, REPRISE_BLOBS: name }
    expect(await printed(['show', 'large'], { cwd, env })).toContain('Order 4711')
    const other = await reprise(['show', 'large'], { cwd, env: { ...env, AWS_ACCESS_KEY_ID: 'bob' } })
    expect(other.stderr).toMatch(/^reprise: The bucket of blobs at .* refused GET/)
    expect(other.stderr).not.toContain('secret')
    await server.stop()
  })

  it.each([
    ['s3://bucket', {}, 'names a bucket, and nothing says who asks. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.'],
    ['gs://bucket', {}, 'names no place. Give a folder, or a bucket as s3://BUCKET/PREFIX?region=REGION&endpoint=URL.'],
    [
      's3://ann:hunter2@bucket',
      { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' },
      'has credentials in it. Put them into AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.',
    ],
  ])('is not opened with %s', async (name, keys, message) => {
    const { name: at } = await namedOnPostgres()
    const env = { ...keys, REPRISE_BLOBS: name }
    const { stdout } = await reprise(['doctor', '--store', at], { cwd, env })
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain(message.split('. ')[0])
    expect(stdout).toContain(message.split('. ')[1])
    expect(stdout).not.toContain('hunter2')
  })
})

/** A server that keeps what ann puts, and gives it to her. */
async function startBucket() {
  const objects = new Map<string, Buffer>()
  const server = createServer((request, response) => {
    void buffer(request).then((body) => {
      const { method, url = '', headers } = request
      if (!headers.authorization?.includes('Credential=ann/')) return response.writeHead(403).end()
      if (method === 'PUT') objects.set(url, body)
      const found = objects.get(url)
      return found ? response.end(found) : response.writeHead(404).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // of a server that listens on a port
  return {
    url: `http://127.0.0.1:${port}`,
    stop: () => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(resolve))
    },
  }
}
