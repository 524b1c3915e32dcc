// Gives each process that a test starts some packages as one file each: to find and read their modules takes more of a
// processor than most such processes need for all else. The tests themselves, and whatever is started by hand, have the
// modules.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { rolldown } from 'rolldown'

/** Those of one entry and many modules, which look for no file beside them. */
const packages = ['core', 'fake-openai', 'openai']
const DAY_MS = 86_400_000

export async function setup(): Promise<void> {
  const bundled = await Promise.all(packages.map(async (name) => [name, await bundleOf(name)] as const))
  const { NODE_OPTIONS: given } = process.env
  const loading = `--require=${JSON.stringify(join(import.meta.dirname, 'load-bundled-packages.cjs'))}`
  process.env['REPRISE_BUNDLED'] = JSON.stringify(Object.fromEntries(bundled))
  process.env['NODE_OPTIONS'] = given ? `${given} ${loading}` : loading
}

/** Gives the one file of a package, which is made where it is not there yet. */
async function bundleOf(name: string): Promise<string> {
  const home = join(import.meta.dirname, '..', 'packages', name)
  const sources = join(home, 'src')
  const cache = join(home, 'node_modules', '.cache', 'bundled')
  const folder = join(cache, digestOf(sources))
  if (!existsSync(folder)) {
    mkdirSync(cache, { recursive: true })
    forgetOld(cache)
    const making = mkdtempSync(join(cache, 'making-'))
    await bundleInto(making, sources)
    renameSync(making, folder)
  }
  return join(folder, 'index.js')
}

/** Another test run, of the sources as they were, may still go on. */
function forgetOld(cache: string): void {
  for (const name of readdirSync(cache)) {
    const folder = join(cache, name)
    if (Date.now() - statSync(folder).mtimeMs > DAY_MS) rmSync(folder, { recursive: true, force: true })
  }
}

async function bundleInto(folder: string, sources: string): Promise<void> {
  const bundle = await rolldown({ input: join(sources, 'index.ts'), platform: 'node', external: /^[^./]/ })
  await bundle.write({ dir: folder, format: 'esm', comments: { jsdoc: false } })
  await bundle.close()
}

/** What a bundle is made of, by name and content, and how. */
function digestOf(sources: string): string {
  const hash = createHash('sha256').update(readFileSync(import.meta.filename))
  for (const file of readdirSync(sources, { recursive: true, encoding: 'utf8' }).toSorted())
    if (file.endsWith('.ts') && !/\.(?:test|test-d|fixture)\.ts$/.test(file))
      hash.update(`\n${file}\n`).update(readFileSync(join(sources, file)))
  return hash.digest('hex').slice(0, 16)
}
