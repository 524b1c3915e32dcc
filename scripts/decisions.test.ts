// The index of decisions has each of them, by its title, and its links lead somewhere.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const folder = join(import.meta.dirname, '..', 'docs', 'decisions')
const index = readFileSync(join(folder, 'README.md'), 'utf8')

test('the index of decisions lists every page once, in order, by its title', () => {
  const pages = readdirSync(folder)
    .filter((name) => name !== 'README.md')
    .toSorted()
  const titles = pages.map((name) => [
    readFileSync(join(folder, name), 'utf8').split('\n', 1)[0]?.replace('# ', ''),
    name,
  ])
  expect([...index.matchAll(/^\| \[(.*?)\]\((.*?)\)/gm)].map(([, title, name]) => [title, name])).toEqual(titles)
})

test('each link of the index leads to a page', () => {
  const links = [...index.matchAll(/\]\((.*?)\)/g)].map(([, link = '']) => link)
  expect(links.filter((link) => !existsSync(join(folder, link)))).toEqual([])
})
