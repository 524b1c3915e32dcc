// The walk-through of docs is walked: its commands run in their order, in one shell, and print what stands there.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { root } from './paths.fixture.ts'

const DESK = 'examples/support-desk'

/** A command, the exit code that it is to have, and what it is to print; a command without is followed by another. */
interface Step {
  readonly command: string
  readonly code: number
  readonly prints: string | undefined
}

/** The steps of the walk-through, in their order. */
function stepsOf(document: string): readonly Step[] {
  const blocks = [...document.matchAll(/^```(sh|text)\n([^]*?)^```$/gm)]
  return blocks.flatMap(([, kind, block = ''], at) => {
    if (kind === 'text') return []
    const [, next, text] = blocks[at + 1] ?? []
    const lines = block.trimEnd().split('\n')
    return lines.map((line, nth) => {
      const [command = '', code = '0'] = line.split(/ +# exit code /)
      return { command, code: Number(code), prints: next === 'text' && nth === lines.length - 1 ? text : undefined }
    })
  })
}

/** Puts the words that spare typing to work in a copy of the example, without npm in between. */
function inCopy({ command, ...step }: Step): Step {
  const words: Readonly<Record<string, string>> = {
    'npm -s run demo --': `node ${DESK}/main.ts`,
    'npm -s run reprise --': `node ${join(root, 'packages/cli/bin/reprise.js')}`,
  }
  const word = Object.keys(words).find((start) => command.includes(start))
  return { ...step, command: word === undefined ? command : command.replace(word, words[word] ?? '') }
}

/** What the steps print in a folder, in one shell, each with its exit code in a last line. */
function walk(folder: string, steps: readonly Step[]): readonly string[] {
  const script = steps.flatMap(({ command }, at) => [command, `code=$?; echo; echo "=== ${at} $code"`]).join('\n')
  const { OPENAI_API_KEY: _key, OPENAI_BASE_URL: _url, REPRISE_MODEL: _model, ...env } = process.env
  const { stdout } = spawnSync('bash', ['-c', `exec 2>&1\n${script}`], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...env, NO_COLOR: '1', PATH: `${dirname(process.execPath)}${delimiter}${env['PATH']}` },
  })
  let from = 0
  return steps.map((_, at) => {
    const end = stdout.slice(from).search(new RegExp(`\\n=== ${at} `))
    const code = /=== \d+ (\d+)\n/.exec(stdout.slice(from + end)) ?? expect.fail(`The shell ended: ${stdout}`)
    const printed = stdout.slice(from, from + end)
    from += end + 1 + code[0].length
    return `${printed.replace(/\n$/, '')}\n=== ${code[1]}\n`
  })
}

/** A text in which a sign stands for whatever comes there, in a line or of lines. */
function patternOf(text: string): RegExp {
  const lines = text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
  return new RegExp(`^${lines.replaceAll(/^…\n/gm, '(?:.*\\n)*?').replaceAll('…', '.*')}$`)
}

/** So many commands are a sample; `npm run thorough` walks through all. */
const COMMANDS = process.env['REPRISE_ALL'] ? Infinity : 9

test('each command of the walk-through does and prints what it says', () => {
  const folder = mkdtempSync(join(tmpdir(), 'reprise-walk-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  mkdirSync(join(folder, 'examples'))
  const skipped = ['node_modules', '.data'].map((name) => join(root, DESK, name))
  cpSync(join(root, DESK), join(folder, DESK), { recursive: true, filter: (source) => !skipped.includes(source) })
  symlinkSync(join(root, DESK, 'node_modules'), join(folder, DESK, 'node_modules'))
  const all = stepsOf(readFileSync(join(root, 'docs/walk-through.md'), 'utf8'))
  expect(all.length).toBeGreaterThan(20)
  const steps = all.slice(0, COMMANDS)

  const printed = walk(folder, steps.map(inCopy))
  for (const [at, { command, code, prints }] of steps.entries()) {
    const said = printed[at] ?? ''
    expect({ command, said }).toEqual({ command, said: expect.stringMatching(new RegExp(`\\n=== ${code}\\n$`)) })
    if (prints !== undefined)
      expect({ command, said }).toEqual({ command, said: expect.stringMatching(patternOf(`${prints}=== ${code}\n`)) })
  }
})
