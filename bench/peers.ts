// Other frameworks. Without a folder: installs those that w15 measures beside Reprise on one Postgres. With one: joins a
// harness of the same shape there, by writing FOLDER/contenders/reprise/adapter.mjs, over this checkout as built now.
// usage: npm run bench:peers [-- FOLDER]
import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from './build.ts'
import { peersHome } from './postgres/sides.ts'

const [harness] = process.argv.slice(2)
if (harness === undefined) install()
else takePart(harness)

function install(): void {
  const options = ['--no-audit', '--no-fund', '--no-package-lock', '--ignore-scripts', '--loglevel=error']
  const shell = process.platform === 'win32'
  const { status } = spawnSync('npm', ['install', ...options], { cwd: peersHome, stdio: ['ignore', 2, 2], shell })
  if (status !== 0) throw new Error(`npm install failed (exit ${status}): see above.`)
  writeFileSync(join(peersHome, 'node_modules', '.installed'), '')
}

function takePart(harness: string): void {
  const folder = join(harness, 'contenders', 'reprise')
  mkdirSync(folder, { recursive: true })
  const contender = pathToFileURL(join(build(), 'contenders', 'reprise.js')).href
  writeFileSync(join(folder, 'adapter.mjs'), `export { create, info } from '${contender}'\n`)
}
