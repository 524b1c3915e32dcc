// Gives a test run an environment that names no model, and one temporary folder for all that its tests leave behind,
// which is taken away at the end.
import { chmodSync, existsSync, mkdtempSync, rmSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Files in memory, where there are some: no test can tell what a disk keeps when the power goes, so none waits for it. */
const MEMORY = '/dev/shm'
const ENOUGH_BYTES = 2 ** 30

export function setup(): () => void {
  for (const name of ['OPENAI_API_KEY', 'OPENAI_BASE_URL', 'REPRISE_MODEL']) delete process.env[name]
  const folder = mkdtempSync(join(hasRoom(MEMORY) ? MEMORY : tmpdir(), 'reprise-test-'))
  // Postgres does not run as root: then its user must come through.
  if (process.getuid?.() === 0) chmodSync(folder, 0o711)
  process.env['TMPDIR'] = folder
  return () => rmSync(folder, { recursive: true, force: true })
}

function hasRoom(path: string): boolean {
  if (!existsSync(path)) return false
  const { bavail, bsize } = statfsSync(path)
  return bavail * bsize > ENOUGH_BYTES
}
