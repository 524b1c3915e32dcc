// The commands that a README shows, as somebody who walks through it types them.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'

const root = join(import.meta.dirname, '..')

/** The commands of a README in their order: its indented lines, up to what is said of them. */
export function commandsIn(readme: string): string[] {
  const lines = readFileSync(join(root, readme), 'utf8').matchAll(/^ {4}(\S.*)$/gm)
  return [...lines].map(([, line = '']) => line.split(/ {2,}/)[0] ?? '')
}

/** What a command is made of: `npm run NAME` and what follows `--`, or all of it. */
export interface CommandParts {
  readonly env: Readonly<Record<string, string>>
  readonly program: string
  readonly args: readonly string[]
}

/**
 * Takes a command apart as a shell does: words, quoted or not, and what they are told of the environment.
 *
 * @param home what `~` stands for.
 */
export function partsOf(command: string, home: string): CommandParts {
  const words = [...command.matchAll(/'([^']*)'|(\S+)/g)].map(
    ([, quoted, word = '']) => quoted ?? word.replace(/^~/, home),
  )
  const first = words.findIndex((word) => !/^[A-Z_]+=/.test(word))
  const env = Object.fromEntries(words.slice(0, first).map((word) => word.split('=', 2) as [string, string]))
  const [npm, run, name, , ...args] = words.slice(first)
  if (npm === 'npm' && run === 'run') return { env, program: `npm run ${name}`, args }
  return { env, program: words.slice(first).join(' '), args: [] }
}

/** Gives a command more options, behind those of npm. */
export function withOptions(command: string, options: string): string {
  const isBare = command.includes('npm run') && !command.includes(' -- ')
  return `${command}${isBare ? ' --' : ''} ${options}`
}

/** Runs a command in a shell at the root of the repository, in an environment that names no model unless it is told. */
export async function runCommand(command: string, env: NodeJS.ProcessEnv = {}) {
  const { OPENAI_API_KEY: _key, OPENAI_BASE_URL: _url, REPRISE_MODEL: _model, ...rest } = process.env
  const cache = join(root, 'node_modules', '.cache', 'compile')
  const child = spawn('sh', ['-c', command], {
    cwd: root,
    // npm says what it runs, and otherwise nothing.
    env: { ...rest, NODE_COMPILE_CACHE: cache, npm_config_loglevel: 'silent', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exit = new Promise<number | null>((resolve, reject) => child.once('close', resolve).once('error', reject))
  const [code, stdout, stderr] = await Promise.all([exit, text(child.stdout), text(child.stderr)])
  return { code, stdout, stderr }
}
