// Gives each process that a test starts the core as one file: to find and read its modules takes more of a processor than
// most such processes need for all else. The tests themselves, and whatever is started by hand, have the modules.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { rolldown } from 'rolldown'

const core = join(import.meta.dirname, '..', 'packages', 'core')
const sources = join(core, 'src')
const cache = join(core, 'node_modules', '.cache', 'bundled')
const DAY_MS = 86_400_000

export async function setup(): Promise<void> {
  const digest = digestOfSources()
  const folder = join(cache, digest)
  if (!existsSync(folder)) {
    mkdirSync(cache, { recursive: true })
    forgetOld()
    const making = mkdtempSync(join(cache, 'making-'))
    await bundleInto(making)
    renameSync(making, folder)
  }
  const { NODE_OPTIONS: given } = process.env
  const loading = `--require=${JSON.stringify(join(import.meta.dirname, 'load-bundled-core.cjs'))}`
  process.env['REPRISE_BUNDLED_CORE'] = join(folder, 'index.js')
  process.env['NODE_OPTIONS'] = given ? `${given} ${loading}` : loading
}

/** Another test run, of the sources as they were, may still go on. */
function forgetOld(): void {
  for (const name of readdirSync(cache)) {
    const folder = join(cache, name)
    if (Date.now() - statSync(folder).mtimeMs > DAY_MS) rmSync(folder, { recursive: true, force: true })
  }
}

async function bundleInto(folder: string): Promise<void> {
  const bundle = await rolldown({ input: join(sources, 'index.ts'), platform: 'node', external: /^[^./]/ })
  await bundle.write({ dir: folder, format: 'esm' })
  await bundle.close()
}

/** What the bundle is made of, by name and content. */
function digestOfSources(): string {
  const hash = createHash('sha256')
  for (const file of readdirSync(sources, { recursive: true, encoding: 'utf8' }).toSorted())
    if (file.endsWith('.ts') && !/\.(?:test|test-d|fixture)\.ts$/.test(file))
      hash.update(`\n${file}\n`).update(readFileSync(join(sources, file)))
  return hash.digest('hex').slice(0, 16)
}
