// w1: a process starts with one agent and five tools.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import type { Started } from '../cold-start/tell-start.ts'
import { exactly, ownRow, ratioRow, type Row, spread } from '../measure.ts'
import type { Scale } from './workload.ts'

const folder = join(import.meta.dirname, '..', 'cold-start')

/** Starts processes by turns. */
export async function coldStart({ quick }: Scale): Promise<Row[]> {
  start('reprise')
  start('floor')
  const starts = Array.from({ length: quick ? 5 : 25 }, () => ({ reprise: start('reprise'), floor: start('floor') }))
  const pairs = {
    reprise: starts.map(({ reprise }) => reprise.ms),
    floor: starts.map(({ floor }) => floor.ms),
    ratio: starts.map(({ reprise, floor }) => reprise.ms / floor.ms),
  }
  const loaded = packagesOf('reprise').filter((name) => !name.startsWith('@reprise/'))
  return [
    ratioRow('import, one agent, five tools', 'ms', pairs, 1.15),
    {
      ...ownRow('the most memory of it', 'MiB', spread(starts.map(({ reprise }) => reprise.rssMiB)), 77),
      floor: spread(starts.map(({ floor }) => floor.rssMiB)),
    },
    ownRow('packages loaded beside openai', 'packages', exactly(loaded.filter((name) => name !== 'openai').length), 5),
    ownRow('SQLite loaded before its first use', 'times', exactly(Number(loaded.includes('better-sqlite3'))), 0),
  ]
}

function start(side: string): Started {
  const { stdout, stderr, status } = spawnSync(process.execPath, [join(folder, `${side}.js`)], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`Void: ${side} did not start: ${stderr}`)
  return JSON.parse(stdout) as Started
}

function packagesOf(side: string): string[] {
  const args = ['--import', join(folder, 'list-packages.js'), join(folder, `${side}.js`)]
  return spawnSync(process.execPath, args, { encoding: 'utf8' }).stderr.split('\n').filter(Boolean)
}
