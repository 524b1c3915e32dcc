// Runs that stand for all, each with its process dying before and after every write of its journal and every effect:
// in this process at each point and at pairs of them, and by SIGKILL at some; on SQLite, or on a real Postgres that is started
// for it, plain and encrypted in turn. usage: npm run crash -- [--postgres] [CASE...]
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import type { CrashPoint } from '@reprise/testing'
import { killed } from '../proof/crash/kill.ts'
import { type Case, cases, crashed, type Undisturbed, undisturbed } from '../proof/crash/trial.ts'
import { type Place, sqlitePlace } from '../proof/journal-store.ts'
import { encryptedPostgresPlace, postgresPlace } from '../proof/postgres-place.fixture.ts'

/** How many pairs of points of each case are tried, and how many of its points by SIGKILL. */
const PAIRS = 20
const KILLS = 4

const { values, positionals: names } = parseArgs({
  options: { postgres: { type: 'boolean', default: false } },
  allowPositionals: true,
})
const unknown = names.filter((name) => !cases.some((one) => one.name === name))
if (unknown.length > 0) {
  console.error(`There is no case ${unknown.join(', ')}. There are: ${cases.map(({ name }) => name).join('; ')}.`)
  process.exit(2)
}
const server = values.postgres ? await startServer() : undefined
const url = server?.url()
let places = 0
const start = performance.now()
const count = { points: 0, pairs: 0, kills: 0, wrong: 0 }
try {
  for (const one of cases.filter(({ name }) => names.length === 0 || names.includes(name))) await tryAll(one)
} finally {
  await server?.stop()
}
const seconds = ((performance.now() - start) / 1000).toFixed(1)
console.log(
  `${count.points} crash points, ${count.pairs} pairs of them, ${count.kills} processes killed: ` +
    `${count.wrong === 0 ? 'all came to the same' : `${count.wrong} did not come to the same`} (${seconds} s).`,
)
process.exitCode = count.wrong === 0 ? 0 : 1

async function tryAll(one: Case): Promise<void> {
  const whole = await undisturbed(one, place())
  const pairs = Array.from({ length: PAIRS }, () => [any(whole), any(whole)])
  await inLanes([...whole.points.map((point) => [point]), ...pairs], async (points) => {
    complain(one.name, points, await crashed(one, points, whole, place()))
    if (points.length === 1) count.points++
    else count.pairs++
  })
  const kills = Array.from({ length: KILLS }, () => any(whole))
  await inLanes(
    kills,
    async (point) => {
      complain(one.name, [point], await killed(one, point, whole, url))
      count.kills++
    },
    availableParallelism(),
  )
  console.log(`${one.name}: ${whole.points.length} crash points`)
}

/** Another server does the work of some trials at a time; a file is written in this process. */
async function inLanes<T>(all: readonly T[], work: (one: T) => Promise<void>, lanes = url ? 4 : 1): Promise<void> {
  const each = all.values()
  const lane = async (): Promise<void> => {
    for (const one of each) await work(one)
  }
  await Promise.all(Array.from({ length: lanes }, lane))
}

function place(): Place {
  if (url === undefined) return sqlitePlace()
  return places++ % 2 === 0 ? postgresPlace(url) : encryptedPostgresPlace(url)
}

/** Loaded when it is needed. */
async function startServer() {
  const { PostgresServer } = await import('../packages/postgres/src/server.fixture.ts')
  return PostgresServer.start()
}

/** Another each time. */
function any({ points }: Undisturbed): CrashPoint {
  // A run writes at least once.
  return points[Math.floor(Math.random() * points.length)] as CrashPoint
}

function complain(name: string, points: readonly CrashPoint[], complaints: readonly string[]): void {
  if (complaints.length === 0) return
  count.wrong++
  const where = points.map(({ of, at, side }) => `${side} ${of ?? 'write'} ${at}`).join(', then ')
  console.log(`WRONG  ${name}, ${where}:\n  ${complaints.join('\n  ')}`)
}
