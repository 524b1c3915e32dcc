import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { Complaint } from './complaint.ts'
import { folderAt, makeFolder } from './folder.ts'
import { openShop } from './shop/open.ts'
import { tempFolder } from './temp-folder.fixture.ts'

it('a folder that cannot be made is said', () => {
  const file = join(tempFolder(), 'file')
  writeFileSync(file, '')
  const path = join(file, 'below')
  expect(() => makeFolder(folderAt(path))).toThrow(
    new Complaint(
      `The folder ${path} cannot be made: ENOTDIR: not a directory, mkdir '${path}'. Give another one with --data.`,
    ),
  )
})

it('a folder where a file must be is said', () => {
  const folder = folderAt(tempFolder())
  mkdirSync(folder.outbox)
  expect(() => makeFolder(folder)).toThrow(
    new Complaint(`${folder.outbox} is a folder, and must be a file. Give another folder with --data.`),
  )
})

it('a shop that cannot be opened is said', () => {
  const path = join(tempFolder(), 'none', 'shop.db')
  expect(() => openShop(path)).toThrow(
    new Complaint(
      `${path} is no shop of this demo: Cannot open database because the directory does not exist. Give another folder with --data.`,
    ),
  )
})
