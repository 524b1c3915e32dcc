// What every command has, whichever there are.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, test } from 'vitest'
import { EXIT_CODES } from './line/exit-code.ts'
import { recordWaiting } from './desk.fixture.ts'
import { begin, printed, reprise, start, tempFolder } from './reprise.fixture.ts'
import { program } from './program.ts'

const cwd = tempFolder()
const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8')
const whole = program(begin([], { cwd }).io)
const commands = whole
  .createHelp()
  .visibleCommands(whole)
  .map((command) => command.name())
  .filter((name) => name !== 'help')

describe('every command', () => {
  it.each(commands)('%s has examples in its help, with options that there are', async (name) => {
    const help = await printed([name, '--help'], { cwd })
    const [, lines = ''] = /\nExamples?:\n((?: {2}\$ .*\n)+)/.exec(help) ?? []
    expect(lines).toContain(`reprise ${name}`)
    const [, given = ''] = /\n(Options:[^]*)\n(?:\n|$)/.exec(help) ?? []
    for (const [, flag = ''] of lines.matchAll(/ (--[a-z-]+)/g)) expect(given).toContain(flag)
  })

  it.each(commands)('%s stands in the README', (name) => {
    expect(readme).toContain(`\`reprise ${name}`)
  })
})

describe('every exit code', () => {
  it('stands in the help and in the README, with the same words', async () => {
    const help = await printed(['--help'], { cwd })
    for (const { code, meaning } of EXIT_CODES) {
      expect(help).toContain(`\n  ${String(code).padEnd(5)}${meaning}\n`)
      expect(readme.replaceAll(/ +/g, ' ')).toContain(`\n| ${code} | ${meaning} |\n`)
    }
  })

  it('is given by a process', { tags: 'slow' }, async () => {
    const store = join(cwd, 'runs.db')
    await recordWaiting(store)
    const code = async (...args: readonly string[]) => (await start([...args, '--store', store], { cwd }).ended).code
    expect(await code('runs')).toBe(0)
    expect(await code('show', 'nobody')).toBe(1)
    expect(await code('runs', '--limit', '0')).toBe(2)
    const { child, ended } = start(['watch', 'night', '--store', store], { cwd })
    child.stdout.once('data', () => child.kill('SIGINT'))
    expect((await ended).code).toBe(130)
    expect(EXIT_CODES.map((each) => each.code)).toEqual([0, 1, 2, 130])
  })
})

test('a command without colours has none in its complaints either', async () => {
  const env = { TERM: 'xterm-256color' }
  for (const args of [['shwo'], ['show', 'nobody'], ['--help'], ['runs', '--help']]) {
    const { stdout, stderr } = await reprise(args, { cwd, env })
    expect(`${stdout}${stderr}`).not.toContain('\u001B')
  }
})
