// The drill: a Postgres at work is lost, and comes back as it was earlier, by a dump, by its log replayed to a moment, and by a
// standby that lacked the last commits; what then becomes of the runs is held against what was done outside of it.
// usage: npm run drill -- [--runs COUNT] [WAY...]
import { parseArgs } from 'node:util'
import { drill, type Drilled } from '../packages/postgres/src/drill.fixture.ts'
import { byDump, byFailover, byLog, whyNoDump } from '../packages/postgres/src/drill-ways.fixture.ts'
import { PostgresServer } from '../packages/postgres/src/server.fixture.ts'
import { asAdmin } from '../packages/postgres/src/testing.fixture.ts'

const WAYS = {
  dump: { way: byDump, livesOn: false, isDeclared: true, says: 'a dump, declared' },
  log: { way: byLog, livesOn: false, isDeclared: true, says: 'a log replayed to a moment, declared' },
  'log-unsaid': { way: byLog, livesOn: false, isDeclared: false, says: 'the same, and nobody declares it' },
  failover: { way: byFailover, livesOn: true, isDeclared: true, says: 'a failover that lost the tail, declared' },
  'failover-unsaid': { way: byFailover, livesOn: true, isDeclared: false, says: 'the same, and nobody declares it' },
}

const { values, positionals: names } = parseArgs({
  options: { runs: { type: 'string', default: '20' } },
  allowPositionals: true,
})
const unknown = names.filter((name) => !(name in WAYS))
const runs = Number(values.runs)
if (unknown.length > 0 || !Number.isSafeInteger(runs) || runs < 4) {
  console.error(
    `usage: npm run drill -- [--runs COUNT] [WAY...]: at least 4 runs of each kind; the ways are ${Object.keys(WAYS).join(', ')}`,
  )
  process.exit(2)
}
const keys = await PostgresServer.start()
let isWhole = true
try {
  const [{ version } = { version: 0 }] = await asAdmin<{ version: number }>(
    `select current_setting('server_version_num')::int / 10000 as version`,
    keys.url(),
  )
  for (const [name, { way, says, ...how }] of Object.entries(WAYS)) {
    if (names.length > 0 && !names.includes(name)) continue
    const why = way === byDump ? await whyNoDump(version) : undefined
    if (why !== undefined) {
      console.log(`${name} (${says}): SKIPPED, ${why}`)
      continue
    }
    say(`${name} (${says})`, await drill(way, { runs, keys: keys.url(), ...how }))
  }
} finally {
  await keys.stop()
}
process.exitCode = isWhole ? 0 : 1

function say(name: string, { parked, cancelled, lost, doubled, again, complaints, said }: Drilled): void {
  const wrong = [...doubled.map((line) => `the letter ${line} was written twice`), ...complaints]
  isWhole &&= wrong.length === 0
  console.log(
    `${name}: ${parked.length === 0 ? 'no run waited' : `runs of ${parked.join(', ')} waited`} for a person, who has cancelled ${cancelled}; ` +
      `${lost} that the database had lost were begun again or left; ${again} payments were asked for again by their keys; ` +
      (wrong.length === 0 ? 'all is as it has to be' : `WRONG:\n  ${wrong.join('\n  ')}`),
  )
  for (const line of new Set(said)) console.log(`  a worker said: ${line}`)
}
