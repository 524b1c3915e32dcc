import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { readArgs, SEED, UsageError } from './args.ts'
import { STATEMENTS } from './statements.ts'

it.each([
  [[], { kind: 'extract', folder: STATEMENTS, fresh: false, seed: SEED }],
  [['--folder', '/mine', '--fresh', '--seed', '5'], { kind: 'extract', folder: '/mine', fresh: true, seed: 5 }],
  [['--review', 'a.csv'], { kind: 'review', file: 'a.csv', decision: undefined }],
  [['--review', 'a.csv', '--accept'], { kind: 'review', file: 'a.csv', decision: { kind: 'accept' } }],
  [
    ['--review', 'a.csv', '--correct', '{"totalMinor":1}'],
    { kind: 'review', file: 'a.csv', decision: { kind: 'correct', fields: { totalMinor: 1 } } },
  ],
  [['--replay'], { kind: 'replay' }],
  [['--help'], { kind: 'help' }],
])('%j is understood', (argv, args) => {
  expect(readArgs(['--out', '/x', ...argv])).toEqual({ out: '/x', ...args })
})

it.each([
  [['--seed', 'x'], '--seed is "x". It must be a whole number of at most nine digits.'],
  [['--review', 'a.csv', '--fresh'], '--review and --fresh do not go together.'],
  [['--replay', '--review', 'a.csv'], '--replay and --review do not go together.'],
  [['--review', 'a.csv', '--accept', '--correct', '{}'], '--accept and --correct do not go together.'],
  [['--accept'], '--accept needs to know of which file: --review FILE --accept.'],
  [
    ['--review', 'a.csv', '--correct', '12'],
    `--correct is 12. It must be fields of a statement, such as '{"totalMinor":128450}'.`,
  ],
  [['--folder'], "Option '--folder <value>' argument missing"],
])('%j is a command line that makes no sense', (argv, complaint) => {
  expect(() => readArgs(argv)).toThrow(new UsageError(complaint))
})

it('each command of the README is understood', () => {
  const readme = readFileSync(join(import.meta.dirname, 'README.md'), 'utf8')
  const commands = readme.match(/(?<=npm run demo:extract -- ).*?(?= {2}|\n)/g) ?? []
  expect(commands.length).toBeGreaterThan(5)
  for (const command of commands) {
    const words = command.match(/'[^']*'|\S+/g) ?? []
    expect(() => readArgs(words.map((word) => word.replaceAll("'", '')))).not.toThrow()
  }
})
