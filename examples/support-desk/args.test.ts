import { expect, it } from 'vitest'
import { readArgs, SEED, TICKETS } from './args.ts'

it('without options the own tickets are worked', () => {
  expect(readArgs(['--data', '/x'])).toEqual({
    kind: 'work',
    data: '/x',
    postgres: false,
    tickets: TICKETS,
    fresh: false,
    seed: SEED,
  })
})

it.each([
  [
    ['--tickets', '/mine.json', '--fresh', '--seed', '5'],
    { kind: 'work', tickets: '/mine.json', fresh: true, seed: 5 },
  ],
  [['--show', 't-1'], { kind: 'show', runId: 't-1' }],
  [['--replay'], { kind: 'replay', runIds: [] }],
  [['--replay', 't-1', 't-2'], { kind: 'replay', runIds: ['t-1', 't-2'] }],
  [['--show', 't-1', '--postgres'], { kind: 'show', postgres: true, runId: 't-1' }],
  [['--chat'], { kind: 'chat', session: 'chat', as: undefined, fresh: false, seed: SEED }],
  [
    ['--chat', '--session', 's-1', '--as', 'ada@example.com', '--fresh', '--seed', '5'],
    { kind: 'chat', session: 's-1', as: 'ada@example.com', fresh: true, seed: 5 },
  ],
  [['--chat', '--show', 'chat/m-1'], { kind: 'show', runId: 'chat/m-1' }],
  [['--help'], { kind: 'help' }],
])('%j is understood', (argv, args) => {
  expect(readArgs(['--data', '/x', ...argv])).toEqual({ data: '/x', postgres: false, ...args })
})

it.each([
  [['--seed', 'x'], '--seed is "x". It must be a whole number of at most nine digits.'],
  [['--show', 't-1', '--fresh'], '--show and --fresh do not go together.'],
  [['--replay', '--show', 't-1'], '--show and --replay do not go together.'],
  [['--chat', '--postgres'], '--chat and --postgres do not go together.'],
  [['--session', 's-1'], '--session goes with --chat alone.'],
  [['ticket-3'], '"ticket-3" belongs to no option.'],
  [['--seed'], "Option '--seed <value>' argument missing."],
  [['--nonesuch'], expect.stringMatching(/^Unknown option '--nonesuch'\..*\.$/) as string],
])('%j is a command line that makes no sense', (argv, complaint) => {
  expect(() => readArgs(argv)).toThrow(expect.objectContaining({ name: 'UsageError', message: complaint }))
})
