import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { Complaint } from './complaint.ts'
import { checkSame, findStatements } from './statements.ts'
import { tempFolder } from './temp-folder.fixture.ts'

const instead = 'Start over with --fresh, or give another place with --out.'

it('tables and texts of the folder are found, and nothing else', () => {
  const folder = tempFolder({ 'b.TXT': '', 'a.csv': 'x', 'c.tsv': '', 'notes.md': '', 'd.csv.zip': '' })
  mkdirSync(join(folder, 'below.csv'))
  expect(findStatements(folder).files.map(({ path }) => path)).toEqual(['a.csv', 'b.TXT', 'c.tsv'])
})

it('a folder without any is refused', () => {
  const folder = tempFolder({ 'notes.md': '# Notes' })
  expect(() => findStatements(folder)).toThrow(
    new Complaint(`${folder} holds no statement: it must hold files that end in .csv, .tsv, .txt.`),
  )
})

it('a folder that is not there is refused', () => {
  expect(() => findStatements('/no/such')).toThrow(
    new Complaint(
      "The statements cannot be read: ENOENT: no such file or directory, scandir '/no/such'. Give a folder with --folder.",
    ),
  )
})

it('an extraction goes on with the same files alone', () => {
  const file = (path: string, digest: string) => ({ path, digest })
  const before = { folder: '/in', files: [file('a.csv', '1'), file('b.csv', '2'), file('c.csv', '3')] }
  expect(() => checkSame('/out', before, before)).not.toThrow()
  expect(() => checkSame('/out', before, { ...before, folder: '/other' })).toThrow(
    new Complaint(`/out holds what was read from /in, and not from /other. ${instead}`),
  )
  const now = { folder: '/in', files: [file('a.csv', '1'), file('b.csv', '9'), file('d.csv', '4')] }
  expect(() => checkSame('/out', before, now)).toThrow(
    new Complaint(`/in is not as it was when its reading began (b.csv, c.csv, d.csv). ${instead}`),
  )
})
