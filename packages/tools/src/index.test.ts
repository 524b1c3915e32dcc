import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import * as csv from '@reprise/tools/csv'
import * as files from '@reprise/tools/files'
import * as http from '@reprise/tools/http'
import * as people from '@reprise/tools/people'
import * as skills from '@reprise/tools/skills'
import * as sql from '@reprise/tools/sql'
import * as all from './index.ts'
import { tempFolder } from './temp-folder.fixture.ts'

test('each family can be had by itself', () => {
  const families = [csv, files, http, people, skills, sql]
  expect(families.map((family) => Object.keys(family).toSorted())).toEqual([
    ['readCsv'],
    ['listFiles', 'readFiles', 'searchFiles', 'writeFiles'],
    ['httpGet', 'httpPost'],
    ['askUser'],
    ['skills'],
    ['querySqlite'],
  ])
  expect(Object.keys(all).toSorted()).toEqual(families.flatMap(Object.keys).toSorted())
})

test('each tool says its effect and has a name of its own', async () => {
  const { askUser, httpGet, httpPost, listFiles, querySqlite, readCsv, readFiles, searchFiles, writeFiles } = all
  const [folder, web] = [{ root: '.' }, { hosts: ['a.example'] }]
  const tools = [
    listFiles(folder),
    readFiles(folder),
    searchFiles(folder),
    writeFiles(folder),
    readCsv(folder),
    httpGet(web),
    httpPost(web),
    askUser(),
    (await all.skills({ root: tempFolder({ 'a/SKILL.md': '---\nname: a\ndescription: b\n---\n' }) })).tool,
    querySqlite({ file: 'a.db' }),
  ]
  expect(tools.map(({ name, effect }) => `${name}: ${effect}`)).toEqual([
    'list_files: read',
    'read_file: read',
    'search_files: read',
    'write_file: idempotent',
    'read_csv: read',
    'http_get: read',
    'http_post: idempotent',
    'ask_user: external',
    'read_skill: read',
    'query_sqlite: read',
  ])
})

test('importing all of them loads none of the libraries that they may need', () => {
  const program = `
    import { registerHooks } from 'node:module'
    registerHooks({ resolve: (name, context, next) => (console.log(name), next(name, context)) })
    await import(${JSON.stringify(new URL('index.ts', import.meta.url).href)})
  `
  const asked = execFileSync(process.execPath, ['--input-type=module', '--eval', program], { encoding: 'utf8' })
  expect(asked).toContain('zod')
  expect(asked).not.toMatch(/csv-parse|htmlparser2|better-sqlite3|yaml/)
})
