import { chmodSync, linkSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { digest } from '@reprise/core'
import { expect, test } from 'vitest'
import { call, resultOf } from '../call.fixture.ts'
import { tempFolder } from '../temp-folder.fixture.ts'
import { writeFiles } from './write-files.ts'

test('a file is written, and the folders on its way', async () => {
  const root = tempFolder()
  expect(await resultOf(writeFiles({ root }), { path: 'a/./b/c.txt', content: 'Grüße\n' })).toEqual({
    path: 'a/b/c.txt',
    bytes: 8,
  })
  expect(readFileSync(join(root, 'a/b/c.txt'), 'utf8')).toBe('Grüße\n')
  expect(readdirSync(join(root, 'a/b'))).toEqual(['c.txt'])
})

test('a file that is there is replaced and keeps its permissions', async () => {
  const root = tempFolder({ 'run.sh': 'old and longer' })
  chmodSync(join(root, 'run.sh'), 0o750)
  await resultOf(writeFiles({ root }), { path: 'run.sh', content: 'new' })
  expect(readFileSync(join(root, 'run.sh'), 'utf8')).toBe('new')
  expect(statSync(join(root, 'run.sh')).mode & 0o777).toBe(0o750)
})

test('writing again leaves the same file', async () => {
  const root = tempFolder()
  const write = () => resultOf(writeFiles({ root }), { path: 'a.txt', content: 'same' })
  expect([await write(), await write()]).toEqual([
    { path: 'a.txt', bytes: 4 },
    { path: 'a.txt', bytes: 4 },
  ])
  expect(readdirSync(root)).toEqual(['a.txt'])
})

test('what an attempt of the same call left behind is removed, and nothing of other calls', async () => {
  const mine = `.reprise-${digest('r/agent:0/turn:0/call:0').slice(0, 16)}-1`
  const root = tempFolder({ [mine]: 'half', '.reprise-of-another-call': 'half' })
  await resultOf(writeFiles({ root }), { path: 'a.txt', content: 'whole' })
  expect(readdirSync(root).toSorted()).toEqual(['.reprise-of-another-call', 'a.txt'])
})

test("a hard link's other name keeps what it had", async () => {
  const root = tempFolder()
  const outside = join(tempFolder({ 'secret.txt': 'secret' }), 'secret.txt')
  linkSync(outside, join(root, 'link.txt'))
  await resultOf(writeFiles({ root }), { path: 'link.txt', content: 'mine' })
  expect([readFileSync(outside, 'utf8'), readFileSync(join(root, 'link.txt'), 'utf8')]).toEqual(['secret', 'mine'])
})

test('a file that somebody has open is theirs until they open it again', async () => {
  const root = tempFolder({ 'a.txt': 'old' })
  const { ino } = statSync(join(root, 'a.txt'))
  await resultOf(writeFiles({ root }), { path: 'a.txt', content: 'new' })
  expect(statSync(join(root, 'a.txt')).ino).not.toBe(ino)
})

test('a content over the limit is refused, and nothing is written', async () => {
  const root = tempFolder()
  expect(await call(writeFiles({ root, maxBytes: 3 }), { path: 'a/b.txt', content: 'éé' })).toEqual({
    told: 'The content for "a/b.txt" has 4 bytes, and this tool writes 3 at most. Write less, or several files.',
    attempts: [{ code: 'content_too_long' }],
  })
  expect(readdirSync(root)).toEqual([])
})

test('a name through a file leads nowhere', async () => {
  const root = tempFolder({ 'a.txt': 'a' })
  expect(await call(writeFiles({ root }), { path: 'a.txt/b.txt', content: 'b' })).toEqual({
    told: '"a.txt" leads through something that is not a folder. List the folder to see what is there.',
    attempts: [{ code: 'path_refused' }],
  })
})
