// Gives each process that a test starts some packages as one file each: to find and read their modules takes more of a
// processor than most such processes need for all else. The tests themselves, and whatever is started by hand, have the
// modules.
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { basename, dirname, extname, join } from 'node:path'
import { rolldown } from 'rolldown'

/** Of ours, those of one entry and many modules, which look for no file beside them but the programs of their threads. */
const packages = ['core', 'fake-openai', 'openai']
const zod = realpathSync(join(import.meta.dirname, '..', 'node_modules', 'zod', 'index.js'))
const DAY_MS = 86_400_000

export async function setup(): Promise<void> {
  const bundled = await Promise.all([
    ...packages.map((name) => {
      const home = join(import.meta.dirname, '..', 'packages', name)
      return bundleOf(`@reprise/${name}`, join(home, 'src', 'index.ts'), home, digestOf(join(home, 'src')))
    }),
    // A hundred modules, which half of these processes load. Where its entry is tells its version.
    bundleOf('zod', zod, join(import.meta.dirname, '..'), digestOf(zod)),
  ])
  const { NODE_OPTIONS: given } = process.env
  const loading = `--require=${JSON.stringify(join(import.meta.dirname, 'load-bundled-packages.cjs'))}`
  process.env['REPRISE_BUNDLED'] = JSON.stringify(bundled)
  process.env['NODE_OPTIONS'] = given ? `${given} ${loading}` : loading
}

/** Gives a package's name, its entry, and the one file in its place, which is made where it is not there yet. */
async function bundleOf(name: string, entry: string, home: string, digest: string) {
  const cache = join(home, 'node_modules', '.cache', 'bundled')
  const folder = join(cache, digest)
  if (!existsSync(folder)) {
    mkdirSync(cache, { recursive: true })
    forgetOld(cache)
    const making = mkdtempSync(join(cache, 'making-'))
    await bundleInto(making, [entry, ...threadsOf(entry)])
    renameSync(making, folder)
  }
  return [name, entry, join(folder, 'index.js')] as const
}

/** Another test run, of the sources as they were, may still go on. */
function forgetOld(cache: string): void {
  for (const name of readdirSync(cache)) {
    const folder = join(cache, name)
    if (Date.now() - statSync(folder).mtimeMs > DAY_MS) rmSync(folder, { recursive: true, force: true })
  }
}

async function bundleInto(folder: string, programs: readonly string[]): Promise<void> {
  const input = Object.fromEntries(programs.map((path) => [basename(path, extname(path)), path]))
  const bundle = await rolldown({ input, platform: 'node', external: /^[^./]/ })
  await bundle.write({ dir: folder, format: 'esm', comments: { jsdoc: false } })
  await bundle.close()
}

/** The programs of worker threads: whoever starts one looks for it beside itself. */
function threadsOf(entry: string): string[] {
  if (entry === zod) return []
  const files = readdirSync(dirname(entry), { recursive: true, encoding: 'utf8' })
  return files.filter((file) => file.endsWith('-thread.ts')).map((file) => join(dirname(entry), file))
}

/** What a bundle is made of, by name and content, and how. Of an installed file the name is enough. */
function digestOf(sources: string): string {
  const hash = createHash('sha256')
    .update(readFileSync(import.meta.filename))
    .update(sources)
  const files = sources === zod ? [] : readdirSync(sources, { recursive: true, encoding: 'utf8' })
  for (const file of files.toSorted())
    if (file.endsWith('.ts') && !/\.(?:test|test-d|fixture)\.ts$/.test(file))
      hash.update(`\n${file}\n`).update(readFileSync(join(sources, file)))
  return hash.digest('hex').slice(0, 16)
}
