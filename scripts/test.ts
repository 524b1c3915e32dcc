// Everything that a change must pass. usage: npm test, or npm run check -- STEP... for some of it.
// The unit tests run beside the other steps, which take turns. The last line counts all of them.
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join, relative } from 'node:path'
import { isDeepStrictEqual } from 'node:util'

/** Each step counts as one test, but for `unit`, whose tests are counted. */
const steps = { unit, types, format, lint, unused, packages }

const root = join(import.meta.dirname, '..')
const cache = join(root, 'node_modules', '.cache', 'test')
const build = ['tsc', '--build', 'tsconfig.build.json'] as const
const publishable = readdirSync(join(root, 'packages'))
const count = { passed: 0, failed: 0, skipped: 0 }

type Result = typeof count & { output: string }
type Step = keyof typeof steps
type Command = readonly [string, ...string[]]
type Report = Partial<Record<'numPassedTests' | 'numFailedTests' | 'numPendingTests' | 'numTodoTests', number>>

const names = process.argv.slice(2)
const unknown = names.filter((name) => !isStep(name))
if (unknown.length > 0) {
  console.error(`There is no step ${unknown.join(', ')}. There are: ${Object.keys(steps).join(', ')}.`)
  process.exit(2)
}
const chosen = Object.keys(steps)
  .filter(isStep)
  .filter((name) => names.length === 0 || names.includes(name))
mkdirSync(cache, { recursive: true })
await Promise.all([inTurn(chosen.filter((name) => name === 'unit')), inTurn(chosen.filter((name) => name !== 'unit'))])
process.exitCode = count.failed > 0 ? 1 : 0
console.log(`Tests: ${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`)

function isStep(name: string): name is Step {
  return Object.hasOwn(steps, name)
}

async function inTurn(lane: Step[]) {
  for (const name of lane) {
    const start = performance.now()
    const { passed, failed, skipped, output } = await steps[name]()
    count.passed += passed
    count.failed += failed
    count.skipped += skipped
    const seconds = ((performance.now() - start) / 1000).toFixed(1)
    if (failed > 0 || name === 'unit') process.stdout.write(output)
    console.log(`${failed > 0 ? 'FAILED' : 'passed'}: ${name} (${seconds} s)`)
  }
}

async function unit(): Promise<Result> {
  const report = join(cache, 'unit.json')
  rmSync(report, { force: true })
  const { code, output } = await run(
    'vitest',
    'run',
    '--tags-filter=!slow',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
  )
  const { numPassedTests = 0, numFailedTests = 0, numPendingTests = 0, numTodoTests = 0 } = readReport(report)
  // A test file that does not load is no failed test of its own, and neither is a run that finds no test.
  const failed = code === 0 && numPassedTests > 0 ? numFailedTests : Math.max(numFailedTests, 1)
  return { passed: numPassedTests, failed, skipped: numPendingTests + numTodoTests, output }
}

async function types() {
  forgetBuilds()
  return check(build, ['tsc', '--project', '.'])
}

/** The compiler goes by its notes, and would leave output whose source is gone, and miss what somebody took away. */
function forgetBuilds() {
  for (const name of publishable) {
    const home = join(root, 'packages', name)
    const sources = filesIn(join(home, 'src')).filter((file) => !/\.(test|test-d|fixture)\.ts$/.test(file))
    const built = filesIn(join(home, 'dist')).filter((file) => file.endsWith('.d.ts'))
    if (isDeepStrictEqual(new Set(built), new Set(sources.map((file) => file.replace(/ts$/, 'd.ts'))))) continue
    for (const folder of ['dist', 'node_modules/.cache']) rmSync(join(home, folder), { recursive: true, force: true })
  }
}

async function format() {
  return check(['oxfmt', '--check', '.'])
}

async function lint() {
  return check(['oxlint'])
}

async function unused() {
  return check(['knip', '--cache'])
}

/** Packs what would be published and looks at that, not at the folders. */
async function packages() {
  const folder = join(cache, 'packed')
  rmSync(folder, { recursive: true, force: true })
  const packed = await check(
    build,
    ['node', 'scripts/bundle.ts'],
    ['pnpm', '--recursive', '--filter', './packages/*', 'pack', '--pack-destination', folder],
  )
  if (packed.failed > 0) return packed
  return check(['node', 'scripts/check-packages.ts', ...readdirSync(folder).map((name) => join(folder, name))])
}

async function check(...commands: Command[]): Promise<Result> {
  let failures = ''
  for (const command of commands) {
    const { code, output } = await run(...command)
    if (code !== 0) failures += `$ ${command.join(' ')}\n${output}`
  }
  const failed = failures === '' ? 0 : 1
  return { passed: 1 - failed, failed, skipped: 0, output: failures }
}

function filesIn(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => relative(folder, join(parentPath, name)))
}

function run(command: string, ...args: string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: process.platform === 'win32',
    })
    let output = ''
    child.stdout.on('data', (chunk: Buffer) => (output += chunk))
    child.stderr.on('data', (chunk: Buffer) => (output += chunk))
    child.on('error', (error) => resolve({ code: 1, output: `Cannot run ${command}: ${error.message}\n` }))
    child.on('close', (code) => resolve({ code: code ?? 1, output }))
  })
}

function readReport(path: string): Report {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Report
  } catch {
    return {}
  }
}
