// The benchmark. usage: npm run bench -- [--only w1,w3] [--quick] [--beside COMMIT] [--json FILE]
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { build, withCommit } from './build.ts'
import type { Row } from './measure.ts'
import { type Result, tableOf } from './table.ts'
import { workloads } from './workloads/workloads.ts'

const usage = `usage: npm run bench -- [--only ${Object.keys(workloads).join(',')}] [--quick] [--beside COMMIT] [--json FILE]`
const { only, quick, beside, json } = options()
const names = only?.split(',') ?? Object.keys(workloads)
const unknown = names.filter((name) => !(name in workloads))
if (unknown.length > 0) stop(`There is no workload ${unknown.join(', ')}.`)

const commit = beside === undefined ? undefined : commitOf(beside)

const built = build()
const results = commit === undefined ? measureAll() : withCommit(commit, built, (folder) => measureAll(folder))
console.log(tableOf(results, beside))
if (json !== undefined)
  writeFileSync(json, `${JSON.stringify({ node: process.version, quick, beside, results }, undefined, 2)}\n`)

/** Measures workload by workload, each over both commits before the next. */
function measureAll(other?: string): Result[] {
  return names.map((name) => {
    console.error(`${name} ...`)
    const rows = measure(built, name) ?? stop(`${name} failed: see above.`)
    // An older commit may not know what a workload asks for.
    const before = other === undefined ? undefined : (measure(other, name) ?? [])
    return { name, title: workloads[name]?.title ?? '', rows, ...(before && { before }) }
  })
}

function measure(folder: string, name: string): Row[] | undefined {
  const args = ['--expose-gc', join(folder, 'workload.js'), name, ...(quick ? ['--quick'] : [])]
  const { stdout, status } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  return status === 0 ? (JSON.parse(stdout) as Row[]) : undefined
}

function commitOf(name: string): string {
  const { stdout, status } = spawnSync('git', ['rev-parse', '--verify', '--quiet', `${name}^{commit}`], {
    cwd: import.meta.dirname,
    encoding: 'utf8',
  })
  return status === 0 ? stdout.trim() : stop(`There is no commit ${name}.`)
}

function options() {
  try {
    const options = {
      only: { type: 'string' },
      quick: { type: 'boolean', default: false },
      beside: { type: 'string' },
      json: { type: 'string' },
    } as const
    return parseArgs({ options }).values
  } catch (error) {
    return stop(error instanceof Error ? error.message : String(error))
  }
}

function stop(what: string): never {
  console.error(`${what}\n${usage}`)
  process.exit(2)
}
