// The table of faults names tests that are there.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const docs = join(import.meta.dirname, '..', 'docs')

interface Row {
  readonly number: string
  readonly cells: readonly string[]
}

const page = readFileSync(join(docs, 'faults.md'), 'utf8')

/** The rows of the table; one that continues the row above it has its number. */
const rows = page
  .split('\n')
  .filter((line) => line.startsWith('|'))
  .slice(2)
  .reduce<Row[]>((before, line) => {
    const [number = '', ...cells] = line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim())
    return [...before, { number: number || (before.at(-1)?.number ?? ''), cells }]
  }, [])

test('the table of faults has each of them, with what a run does', () => {
  const numbered = rows.filter(({ cells: [fault] }) => fault !== '')
  const all = Array.from({ length: 32 }, (_, index) => `${index + 1}`)
  expect(numbered.map(({ number }) => number)).toEqual([...all, 'A', 'B', 'C'])
  for (const { number, cells } of numbered) expect(cells[1], number).toMatch(/\w/)
})

test('each fault has tests, which are where the table says, and what they say without their guards', () => {
  for (const { number, cells } of rows) {
    const [, , linked = '', guard, says] = cells
    const [, name = '', path = ''] = /^\[(.+)\]\((.+)\)$/.exec(linked) ?? []
    expectTest(number, name, path)
    expect([guard, says], number).toEqual([expect.stringMatching(/\w/), expect.stringMatching(/\w/)])
  }
})

test('each test that the page names of Postgres is there', () => {
  const named = page.split('\n').filter((line) => line.startsWith('- '))
  expect(named.length).toBeGreaterThan(5)
  for (const line of named) {
    const links = [...line.matchAll(/\[(.+?)\]\((.+?)\)/g)]
    expect(links.length, line).toBeGreaterThan(0)
    for (const [, name = '', path = ''] of links) expectTest(line, name, path)
  }
})

function expectTest(of: string, name: string, path: string): void {
  const file = join(docs, path)
  expect(existsSync(file), `${of}: ${path}`).toBe(true)
  const source = readFileSync(file, 'utf8')
  const quoted = ["'", '"', '`'].some((quote) => source.includes(`${quote}${name}${quote}`))
  expect(quoted, `${of}: no test "${name}" in ${path}`).toBe(true)
}
