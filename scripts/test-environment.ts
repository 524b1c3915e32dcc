// Gives a test run an environment that names no model, and one temporary folder for all that its tests leave behind,
// which is taken away at the end.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export function setup(): () => void {
  for (const name of ['OPENAI_API_KEY', 'OPENAI_BASE_URL', 'REPRISE_MODEL']) delete process.env[name]
  const folder = mkdtempSync(join(tmpdir(), 'reprise-test-'))
  process.env['TMPDIR'] = folder
  return () => rmSync(folder, { recursive: true, force: true })
}
