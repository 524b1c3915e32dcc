// Joins a harness of the same shape: writes FOLDER/contenders/reprise/adapter.mjs, over this checkout as built now.
// usage: npm run bench:peers -- FOLDER
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from './build.ts'

const [harness] = process.argv.slice(2)
if (harness === undefined) {
  console.error('usage: npm run bench:peers -- FOLDER, where FOLDER has contenders/')
  process.exit(2)
}
const folder = join(harness, 'contenders', 'reprise')
mkdirSync(folder, { recursive: true })
const contender = pathToFileURL(join(build(), 'contenders', 'reprise.js')).href
writeFileSync(join(folder, 'adapter.mjs'), `export { create, info } from '${contender}'\n`)
