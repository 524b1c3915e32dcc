// That the README tells what there is: its first lines run, and its options are those of the commands.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, test } from 'vitest'
import { recordServed } from './desk.fixture.ts'
import { printed, reprise, tempFolder, writeConfig } from './reprise.fixture.ts'

const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8')
const [, first = ''] = /```sh\n([^]*?)```/.exec(readme) ?? []
const lines = first
  .trim()
  .split('\n')
  .map((line) => line.replace(/ *#.*/, '').replace(/^npx reprise /, ''))
const rows = [
  ...readme.matchAll(/^\| (.*?`reprise ([a-z-]+(?: (?:needles|retail|backfill|list|set|erase))?).*) \|$/gm),
].map(([, row = '', name = '']) => ({
  row,
  name,
}))

test('the first lines of the README run', async () => {
  const cwd = tempFolder()
  writeConfig(cwd)
  await recordServed(join(cwd, 'runs.db'), 'ticket-4711')
  expect(lines.length).toBeGreaterThan(4)
  for (const line of lines)
    expect([line, await reprise(line.split(' '), { cwd })]).toMatchObject([line, { code: 0, stderr: '' }])
})

test('the README has each command, and each of its rows once', async () => {
  const [, commands = ''] = /Commands:\n([^]*?)\n\n/.exec(await printed(['--help'], { cwd: tempFolder() })) ?? []
  const named = [...commands.matchAll(/^ {2}([a-z-]+)/gm)].map(([, name]) => name)
  expect(named).toContain('completion')
  expect(named.filter((name) => name !== 'help' && !rows.some((row) => row.name.split(' ')[0] === name))).toEqual([])
  const cells = rows.map(({ row }) => row.split(' | ')[0])
  expect(cells.filter((cell, at) => cells.indexOf(cell) !== at)).toEqual([])
})

it.each(rows)('the row of reprise $name tells options that it has', async ({ row, name }) => {
  const help = await printed([...name.split(' '), '--help'], { cwd: tempFolder() })
  for (const [, flag = ''] of row.matchAll(/[ `](--[a-z-]+)/g)) expect(help).toContain(flag)
})
