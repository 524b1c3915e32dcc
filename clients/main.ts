// Drives outside clients of OpenAI's API against the fake server, holds all that they are answered to the platform's
// description, and sends the fake what was recorded of real traffic. usage: npm run clients -- [CLIENT...]
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openapiIsThere } from '../scripts/openapi.fixture.ts'
import { replayRecordings } from './recordings.ts'
import { runClient } from './run-client.ts'

const home = import.meta.dirname
const manifest = readFileSync(join(home, 'package.json'), 'utf8')
const { dependencies } = JSON.parse(manifest) as { readonly dependencies: Readonly<Record<string, string>> }

/** Each client's driver, and the packages that it is made of. */
const clients: Readonly<Record<string, readonly string[]>> = {
  openai: ['openai'],
  'ai-sdk': ['ai', '@ai-sdk/openai'],
  agents: ['@openai/agents'],
  langchain: ['@langchain/openai'],
  mastra: ['@mastra/core'],
}

const chosen = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(clients)
const unknown = chosen.filter((name) => !Object.hasOwn(clients, name))
if (unknown.length > 0)
  stop(`There is no client ${unknown.join(', ')}. There are: ${Object.keys(clients).join(', ')}.`, 2)

install()
const complaints: string[] = []
const rows = [['client', 'cases', 'failed', 'requests', 'answers held', 'events held']]
for (const name of chosen) {
  const outcome = await runClient(name)
  complaints.push(...outcome.complaints)
  const packages = (clients[name] ?? []).map((each) => `${each} ${dependencies[each]}`).join(', ')
  const { cases, failed, requests, answers, events } = outcome
  rows.push([packages, ...[cases, failed, requests, answers, events].map(String)])
}
console.log(tableOf(rows))
if (!openapiIsThere) console.log('Nothing was held to the description of the API: ../shared/data/openai is not there.')
const replayed = await replayRecordings()
if (replayed)
  console.log(`${replayed.same} of ${replayed.requests} recorded requests are answered as the platform did.`)
else console.log('Skipped: the recordings of ../shared/data/openai are not there.')
complaints.push(...(replayed?.complaints ?? []))
for (const complaint of complaints) console.log(`WRONG  ${complaint}`)
// Some client may still wait for something.
process.exit(complaints.length === 0 ? 0 : 1)

/** Installs the clients beside their drivers, once for each list of them. */
function install(): void {
  const stamp = join(home, 'node_modules', '.installed')
  const wanted = createHash('sha256').update(manifest).digest('hex')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return
  console.error('Installing the clients (once).')
  const options = ['--no-audit', '--no-fund', '--no-package-lock', '--ignore-scripts', '--loglevel=error']
  const { status } = spawnSync('npm', ['install', ...options], {
    cwd: home,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  })
  if (status !== 0) stop(`npm install failed (exit ${status}): see above.`, 1)
  writeFileSync(stamp, wanted)
}

function tableOf(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? []
  const pad = (cell: string, column: number): string =>
    column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)
  return rows.map((row) => row.map(pad).join('  ')).join('\n')
}

function stop(what: string, code: number): never {
  console.error(what)
  process.exit(code)
}
