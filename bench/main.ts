// The benchmark. usage: npm run bench -- [--only w1,w3] [--quick] [--json FILE]
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { build } from './build.ts'
import type { Row } from './measure.ts'
import { tableOf } from './table.ts'
import { workloads } from './workloads/workloads.ts'

const usage = `usage: npm run bench -- [--only ${Object.keys(workloads).join(',')}] [--quick] [--json FILE]`
const { only, quick, json } = options()
const names = only?.split(',') ?? Object.keys(workloads)
const unknown = names.filter((name) => !(name in workloads))
if (unknown.length > 0) stop(`There is no workload ${unknown.join(', ')}.`)

const built = build()
const results = names.map((name) => {
  console.error(`${name} ...`)
  return { name, title: workloads[name]?.title ?? '', rows: measure(name) }
})
console.log(tableOf(results))
if (json !== undefined)
  writeFileSync(json, `${JSON.stringify({ node: process.version, quick, results }, undefined, 2)}\n`)

function measure(name: string): Row[] {
  const args = ['--expose-gc', join(built, 'workload.js'), name, ...(quick ? ['--quick'] : [])]
  const { stdout, status } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  if (status !== 0) stop(`${name} failed: see above.`)
  return JSON.parse(stdout) as Row[]
}

function options() {
  try {
    const options = {
      only: { type: 'string' },
      quick: { type: 'boolean', default: false },
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
