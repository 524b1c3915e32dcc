import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { digest } from '@reprise/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isBlobName, newBlobName } from './blob-name.ts'
import type { BlobStore } from './blob-store.ts'
import { folder } from './folder.ts'
import { s3 } from './s3.ts'
import { S3Server } from './s3-server.fixture.ts'

const place = mkdtempSync(join(tmpdir(), 'reprise-blobs-'))
afterAll(() => rmSync(place, { recursive: true }))

let server: S3Server
beforeAll(async () => {
  server = await S3Server.start('journal', { ann: 'secret of ann', bob: 'secret of bob' })
})
afterAll(() => server.stop())

const credentials = { accessKeyId: 'ann', secretAccessKey: 'secret of ann' }
const bucket = () => ({ bucket: 'journal', endpoint: server.url, credentials })
let count = 0
const path = () => join(place, `folder-${count++}`)

const name = (text: string) => newBlobName(digest(text))

async function listed(blobs: BlobStore): Promise<readonly string[]> {
  const names: string[] = []
  for await (const { name: each, at } of blobs.list()) {
    expect(Math.abs(Date.now() - at)).toBeLessThan(600_000)
    names.push(each)
  }
  return names.toSorted()
}

describe.each<[string, () => BlobStore]>([
  ['a folder', () => folder(path())],
  ['a bucket', () => s3({ ...bucket(), prefix: `of-${count++}/` })],
])('blobs in %s', (_, open) => {
  test('are given back to the byte, as often as they are asked for, until they are deleted', async () => {
    const blobs = open()
    const bytes = Uint8Array.from({ length: 300_000 }, (__, at) => (at * 7919) % 256)
    const [large, small, none] = [name('large'), name('small'), name('none')]
    await blobs.put(large, bytes)
    await blobs.put(small, Uint8Array.of())
    expect(Buffer.from((await blobs.get(large)) ?? []).equals(bytes)).toBe(true)
    expect((await blobs.get(small))?.length).toBe(0)
    expect(await blobs.get(none)).toBeUndefined()
    await blobs.delete([large, none])
    expect(await blobs.get(large)).toBeUndefined()
    expect(await listed(blobs)).toEqual([small])
  })

  test('are all listed, also those that stand on later pages, and none where there is nothing', async () => {
    const blobs = open()
    expect(await listed(blobs)).toEqual([])
    const names = Array.from({ length: 10 }, (__, at) => name(`${at}`))
    await Promise.all(names.map((each) => blobs.put(each, Buffer.from(each))))
    expect(await listed(blobs)).toEqual(names.toSorted())
    await blobs.delete(names)
    expect(await listed(blobs)).toEqual([])
  })

  test('have names that the store makes, and no others', async () => {
    const blobs = open()
    for (const wrong of ['', '../secrets', name('a').toUpperCase(), `${name('a')}/b`]) {
      await expect(async () => blobs.put(wrong, Buffer.from('x'))).rejects.toThrow('No blob is called')
      await expect(async () => blobs.get(wrong)).rejects.toThrow('No blob is called')
      await expect(async () => blobs.delete([wrong])).rejects.toThrow('No blob is called')
    }
  })
})

test('a name is another one each time, and says what it holds', () => {
  const [one, other] = [newBlobName(digest('a')), newBlobName(digest('a'))]
  expect(one).not.toBe(other)
  expect(one.slice(0, 64)).toBe(Buffer.from(digest('a'), 'base64url').toString('hex'))
  expect(other.slice(0, 64)).toBe(one.slice(0, 64))
  expect(isBlobName(one)).toBe(true)
})

describe('a folder', () => {
  test('lets nobody else read it, and passes over what is no blob', async () => {
    const where = path()
    const blobs = folder(where)
    const one = name('a')
    await blobs.put(one, Buffer.from('x'))
    writeFileSync(join(where, 'README'), 'x')
    writeFileSync(join(where, one.slice(0, 2), 'other'), 'x')
    expect(await listed(blobs)).toEqual([one])
    expect(statSync(join(where, one.slice(0, 2), one)).mode & 0o077).toBe(0)
  })

  test('takes what a crash left half written for nothing, and lists it away after a day', async () => {
    const where = path()
    const blobs = folder(where)
    const one = name('a')
    await blobs.put(one, Buffer.from('x'))
    const below = join(where, one.slice(0, 2))
    const half = join(below, `${name('b')}.0011aabb.half`)
    writeFileSync(half, 'ha')
    expect(await listed(blobs)).toEqual([one])
    expect(readdirSync(below)).toHaveLength(2)
    const before = Date.now() / 1000 - 2 * 86_400
    utimesSync(half, before, before)
    expect(await listed(blobs)).toEqual([one])
    expect(readdirSync(below)).toEqual([one])
  })

  test('says what failed, where, and whether it may mend', async () => {
    const where = path()
    writeFileSync(where, 'no folder')
    await expect(folder(where).put(name('a'), Buffer.from('x'))).rejects.toMatchObject({
      name: 'StoreError',
      code: 'blobs_failed',
      retryable: false,
    })
    expect(() => folder(' ')).toThrow('folder was given path " ".')
  })

  test('holds only whole blobs when a process is killed while it writes', { tags: 'slow' }, async () => {
    const where = path()
    const program = `
      import { writeSync } from 'node:fs'
      import { folder } from '${import.meta.resolve('./folder.ts')}'
      const blobs = folder(${JSON.stringify(where)})
      const names = ${JSON.stringify(Array.from({ length: 400 }, (_, at) => name(`${at}`)))}
      await Promise.all([0, 1, 2, 3].map(async (lane) => {
        for (let at = lane; at < names.length; at += 4) {
          await blobs.put(names[at], Buffer.alloc(1_000_000, names[at]))
          writeSync(1, names[at] + '\\n')
        }
      }))`
    const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const said: string[] = []
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said.push(...text.split('\n').filter((line) => line !== ''))
      if (said.length >= 8) child.kill('SIGKILL')
    })
    await once(child, 'close')
    const found = await listed(folder(where))
    expect(found).toEqual(expect.arrayContaining(said))
    for (const each of found)
      expect(Buffer.from((await folder(where).get(each)) ?? []).equals(Buffer.alloc(1_000_000, each))).toBe(true)
  })
})

const trace = join(place, 'trace')
const traces = spawnSync('strace', ['-o', trace, process.execPath, '--version']).status === 0

/** The folders that are flushed before each put into a folder resolves, in their order. */
function flushed(where: string, names: readonly string[], atOnce = false): readonly (readonly string[])[] {
  const input = `
    import { writeSync } from 'node:fs'
    import { folder } from '${import.meta.resolve('./folder.ts')}'
    const blobs = folder(${JSON.stringify(where)})
    const put = async (name) => {
      await blobs.put(name, Buffer.from('x'))
      writeSync(1, 'done')
    }
    const puts = []
    for (const name of ${JSON.stringify(names)}) ${atOnce ? 'puts.push(put(name))' : 'await put(name)'}
    await Promise.all(puts)`
  const calls = ['-f', '-y', '-e', 'trace=write,fsync', '-o', trace]
  const program = [process.execPath, '--input-type=module', '-']
  const { status, stderr } = spawnSync('strace', [...calls, ...program], { input, encoding: 'utf8' })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  const puts: string[][] = [[]]
  for (const line of readFileSync(trace, 'utf8').split('\n')) {
    const [, path] = /fsync\(\d+<([^>]*)/.exec(line) ?? []
    if (path !== undefined && !path.endsWith('.half')) puts.at(-1)?.push(path)
    if (/write\(1<[^>]*>, "done"/.test(line)) puts.push([])
  }
  return puts.slice(0, -1)
}

/** All folders that one is in, the nearest first. */
function allAbove(path: string): readonly string[] {
  const above = dirname(path)
  return above === path ? [] : [above, ...allAbove(above)]
}

test.skipIf(!traces)(
  'a blob is found after the loss of power, in whatever folders were made for it',
  { tags: 'slow' },
  () => {
    const names = [name('a'), name('a')]
    const below = join(place, 'of', 'a', 'desk')
    const above = join(below, names[0]?.slice(0, 2) ?? '')
    const all = [above, ...allAbove(above)]
    expect(all.slice(0, 5)).toEqual([above, below, join(place, 'of', 'a'), join(place, 'of'), place])
    expect(flushed(below, names)).toEqual([all, [above]])
    // Another process may have made them just now.
    expect(flushed(below, names)).toEqual([all, [above]])
  },
)

test.skipIf(!traces)(
  'of blobs that are put at the same moment none is said to be there before the folders of all are',
  { tags: 'slow' },
  () => {
    const below = join(place, 'at', 'once')
    const names = Array.from({ length: 6 }, () => name('a'))
    const [first = []] = flushed(below, names, true)
    const above = join(below, names[0]?.slice(0, 2) ?? '')
    for (const folder of [above, ...allAbove(above)]) expect(first).toContain(folder)
  },
)

describe('a bucket', () => {
  test('is asked by signed requests, with a prefix, by whoever may', async () => {
    const one = name('a')
    const blobs = s3({ ...bucket(), prefix: 'journal/of/' })
    await blobs.put(one, Buffer.from('x'))
    server.objects.set('journal/of/other', { bytes: Buffer.from(''), at: new Date() })
    server.objects.set(`elsewhere/${name('b')}`, { bytes: Buffer.from(''), at: new Date() })
    expect(server.objects.get(`journal/of/${one}`)?.bytes.toString()).toBe('x')
    expect(await listed(blobs)).toEqual([one])
    let asked = 0
    const lent = s3({
      ...bucket(),
      prefix: 'journal/of/',
      credentials: async () => (
        asked++,
        { accessKeyId: 'bob', secretAccessKey: 'secret of bob', sessionToken: 'lent' }
      ),
    })
    expect(Buffer.from((await lent.get(one)) ?? []).toString()).toBe('x')
    expect(asked).toBe(1)
    const wrong = s3({ ...bucket(), credentials: { accessKeyId: 'ann', secretAccessKey: 'guessed' } })
    await expect(wrong.get(one)).rejects.toMatchObject({ code: 'blobs_refused', retryable: false })
    await expect(wrong.put(one, Buffer.from('y'))).rejects.toMatchObject({ code: 'blobs_refused' })
  })

  test('is asked again where it is busy, and says so where it stays so', async () => {
    const one = name('a')
    const blobs = s3({ ...bucket(), prefix: 'busy/' })
    server.failures.push(503, 429, 500)
    await blobs.put(one, Buffer.from('x'))
    server.failures.push(503, 503, 503, 503)
    await expect(blobs.get(one)).rejects.toMatchObject({ code: 'blobs_failed', retryable: true })
    expect(server.failures).toEqual([])
    await expect(s3({ ...bucket(), bucket: 'nothing' }).put(one, Buffer.from('x'))).rejects.toThrow(
      /^The bucket of blobs at http:\/\/127\.0\.0\.1:\d+\/nothing answered PUT \w+-\w+ with 404\. Make the bucket, or name another\.$/,
    )
    const gone = await S3Server.start('journal', {})
    const { url } = gone
    await gone.stop()
    await expect(s3({ ...bucket(), endpoint: url }).get(one)).rejects.toMatchObject({
      code: 'blobs_failed',
      retryable: true,
    })
  })

  test.each([
    [{ bucket: 'A' }, 'bucket "A"'],
    [{ prefix: 'a b' }, 'prefix "a b"'],
    [{ endpoint: 'nowhere' }, 'endpoint "nowhere"'],
    [{ timeoutMs: 0 }, 'timeoutMs 0'],
    [{ credentials: {} as never }, 'no credentials'],
  ])('is refused where it is none (%o)', (wrong, said) => {
    expect(() => s3({ ...bucket(), ...wrong })).toThrow(`s3 was given ${said}`)
  })
})
