// The page of invariants names files and tests that are there, and has each invariant that the code cites.
import { existsSync, readFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')
const page = readFileSync(join(root, 'docs', 'invariants.md'), 'utf8')

/** What the page says of each invariant, by number. */
const parts = page
  .split(/^## /m)
  .slice(1)
  .flatMap((part) => {
    const [, number] = /^(\d+)\. /.exec(part) ?? []
    return number === undefined ? [] : { number, part }
  })

test('the page has ten invariants, each with the files that keep it and tests that are where it says', () => {
  expect(parts.map(({ number }) => number)).toEqual(Array.from({ length: 10 }, (_, index) => `${index + 1}`))
  for (const { number, part } of parts) {
    const files = [...part.matchAll(/`((?:core|store)\/[\w/-]+\.ts)`/g)].map(([, file = '']) =>
      file.replace('/', '/src/'),
    )
    expect(files.length, number).toBeGreaterThan(0)
    expect(
      files.filter((file) => !existsSync(join(root, 'packages', file))),
      number,
    ).toEqual([])
    const tests = [...part.matchAll(/\| \[(.+?)\]\(\.\.\/(\S+?\.ts)\)/g)]
    expect(tests.length, number).toBeGreaterThan(1)
    for (const [, name = '', path = ''] of tests) {
      const source = readFileSync(join(root, path), 'utf8')
      const quoted = ["'", '"', '`'].some((quote) => source.includes(`${quote}${name}${quote}`))
      expect(quoted, `${number}: no test "${name}" in ${path}`).toBe(true)
    }
  }
})

test('each invariant that a comment cites is on the page', async () => {
  const sources = (await readdir(join(root, 'packages'), { recursive: true })).filter(
    (path) => path.endsWith('.ts') && !/(^|\/)(node_modules|dist)\//.test(path),
  )
  const cited = sources.flatMap((path) => {
    // A comment may go on in the next line.
    const source = readFileSync(join(root, 'packages', path), 'utf8').replaceAll(/\n\s*(?:\/\/|\*) ?/g, ' ')
    return [...source.matchAll(/\binvariants? ((?:\d+(?: \([^)]*\))?(?:, | and )?)+)/gi)].flatMap(([, numbers = '']) =>
      [...numbers.replaceAll(/\([^)]*\)/g, '').matchAll(/\d+/g)].map(([number]) => ({ path, number })),
    )
  })
  expect(cited.length).toBeGreaterThan(80)
  const known = parts.map(({ number }) => number)
  expect(cited.filter(({ number }) => !known.includes(number))).toEqual([])
  // And none of them stands on the page alone.
  expect(known.filter((number) => !cited.some((citation) => citation.number === number))).toEqual([])
})
