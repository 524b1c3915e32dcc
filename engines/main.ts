// Compiles the programs of docs/engines.md as they stand there, against both engines' packages, and runs them: in Restate's
// server, and in what Temporal has for tests. usage: npm run engines [-- restate|temporal...]
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

const home = import.meta.dirname
const root = dirname(home)
const manifest = readFileSync(join(home, 'package.json'), 'utf8')
const engines = ['restate', 'temporal']

const chosen = process.argv.length > 2 ? process.argv.slice(2) : engines
const unknown = chosen.filter((name) => !engines.includes(name))
if (unknown.length > 0) stop(`There is no engine ${unknown.join(', ')}. There are: ${engines.join(', ')}.`, 2)

install()
const folder = mkdtempSync(join(tmpdir(), 'reprise-engines-'))
layOut(folder)
const drivers = chosen.map((name) => join(folder, 'drivers', `${name}.mjs`))
const passed = perform('tsc', ['--project', folder]) && perform(process.execPath, ['--test', ...drivers])
rmSync(folder, { recursive: true })
if (!passed) stop('The programs of docs/engines.md do not hold: see above.', 1)

/** Installs the engines beside their drivers, once for each list of them. */
function install(): void {
  const stamp = join(home, 'node_modules', '.installed')
  const wanted = createHash('sha256').update(manifest).digest('hex')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return
  console.error('Installing the engines (once): some 490 MB.')
  const options = ['--no-audit', '--no-fund', '--no-package-lock', '--ignore-scripts', '--loglevel=error']
  if (!perform('npm', ['install', ...options], home)) stop('npm install failed: see above.', 1)
  writeFileSync(stamp, wanted)
}

/** Lays the programs, their drivers and all packages out as a project would have them. */
function layOut(folder: string): void {
  const page = readFileSync(join(root, 'docs', 'engines.md'), 'utf8')
  const files = [...page.matchAll(/^```ts[^\n]*\n\/\/ (\S+\.ts)\n(.*?)^```/gms)].map(([, name = '', code = '']) => {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), code)
    return name
  })
  console.log(`docs/engines.md has ${files.join(', ')}.`)
  cpSync(join(home, 'drivers'), join(folder, 'drivers'), { recursive: true })
  const options = { extends: join(root, 'tsconfig.base.json'), compilerOptions: { noEmit: true }, files }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(options))
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module' }))
  for (const from of [home, root]) link(join(from, 'node_modules'), join(folder, 'node_modules'))
}

/** Links what is installed in one folder of packages into another, where that does not have it. */
function link(from: string, to: string): void {
  mkdirSync(to, { recursive: true })
  for (const name of readdirSync(from)) {
    if (name.startsWith('.')) continue
    if (name.startsWith('@')) link(join(from, name), join(to, name))
    else if (!existsSync(join(to, name))) symlinkSync(join(from, name), join(to, name))
  }
}

function perform(command: string, args: readonly string[], cwd = root): boolean {
  return spawnSync(command, args, { cwd, stdio: ['ignore', 2, 2], shell: process.platform === 'win32' }).status === 0
}

function stop(what: string, code: number): never {
  console.error(what)
  process.exit(code)
}
