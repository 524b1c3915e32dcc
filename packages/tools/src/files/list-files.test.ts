import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { call, resultOf, told } from '../call.fixture.ts'
import { tempFolder } from '../temp-folder.fixture.ts'
import { listFiles } from './list-files.ts'

test('a folder is listed with what is below it, the upper level first', async () => {
  const root = tempFolder({ 'b.txt': '12345', 'a/c.txt': '1', 'a/deep/d.txt': '', 'z.txt': '12' })
  expect(await resultOf(listFiles({ root }), {})).toEqual({
    entries: [
      { path: 'a/' },
      { path: 'b.txt', bytes: 5 },
      { path: 'z.txt', bytes: 2 },
      { path: 'a/c.txt', bytes: 1 },
      { path: 'a/deep/' },
      { path: 'a/deep/d.txt', bytes: 0 },
    ],
  })
})

test('one folder is listed by paths that the other tools take', async () => {
  const root = tempFolder({ 'a/c.txt': '1', 'z.txt': '12' })
  expect(await resultOf(listFiles({ root }), { folder: './a/' })).toEqual({ entries: [{ path: 'a/c.txt', bytes: 1 }] })
})

test('an empty folder has no entries', async () => {
  expect(await resultOf(listFiles({ root: tempFolder() }), {})).toEqual({ entries: [] })
})

test('a long list ends after 500 entries and says so', async () => {
  const root = tempFolder()
  for (const folder of ['a', 'b']) {
    mkdirSync(join(root, folder))
    for (let count = 0; count < 300; count++) writeFileSync(join(root, folder, `${count}.txt`), '')
  }
  const { entries, note } = (await resultOf(listFiles({ root }), {})) as { entries: object[]; note: string }
  expect(entries).toHaveLength(500)
  expect(entries.at(-1)).toEqual({ path: 'b/276.txt', bytes: 0 })
  expect(note).toBe('Only the first 500 entries are listed. List one of the folders for what is in it.')
})

test('a folder that is not there is told, once', async () => {
  const { told, attempts } = await call(listFiles({ root: tempFolder() }), { folder: 'no/where' })
  expect(told).toBe('"no" does not exist. List the folder to see what is there.')
  expect(attempts).toEqual([{ code: 'path_refused' }])
})

test('a root that is not there is told, once', async () => {
  const { told, attempts } = await call(listFiles({ root: join(tempFolder(), 'gone') }), {})
  expect(told).toBe('The folder of this tool cannot be opened (ENOENT). Say so instead of trying again.')
  expect(attempts).toEqual([{ code: 'no_root' }])
})

test('the name can be chosen, for two folders in one agent', async () => {
  const tool = listFiles({ root: tempFolder({ 'a.txt': 'a' }), name: 'list_inbox' })
  expect(tool.name satisfies 'list_inbox').toBe('list_inbox')
  expect(await told(tool, {})).toBe('{"entries":[{"path":"a.txt","bytes":1}]}')
})

test('a root that is no path is refused when the tool is made', () => {
  expect(() => listFiles({ root: '' })).toThrow('Tool "list_files" has the root "". It must be the path of a folder.')
})
