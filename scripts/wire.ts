// Plays all recordings of real traffic against the real runtime and prints what came of them. usage: npm run wire
import { playCassettes, playStreams, type WireReport } from '../packages/openai/src/wire/report.fixture.ts'
import { recordingsAreThere } from '../packages/openai/src/wire/recordings.fixture.ts'

if (!recordingsAreThere) {
  console.log('Skipped: the recordings of ../shared/data/openai are not there.')
  process.exit(0)
}
const reports = [await timed('streams', () => playStreams(3)), await timed('cassettes', () => playCassettes(1))]
const complaints = reports.flatMap((report) => report.complaints)
for (const complaint of complaints) console.log(`WRONG  ${complaint}`)
console.log(
  complaints.length === 0 ? 'All is as it was recorded.' : `${complaints.length} are not as they were recorded.`,
)
process.exitCode = complaints.length === 0 ? 0 : 1

async function timed(name: string, play: () => Promise<WireReport>): Promise<WireReport> {
  const start = performance.now()
  const report = await play()
  console.log(`${name} (${((performance.now() - start) / 1000).toFixed(1)} s)`)
  for (const [what, count] of Object.entries(report.counts)) console.log(`  ${String(count).padStart(5)}  ${what}`)
  console.log(`  ${String(report.useless.length).padStart(5)}  of no use here`)
  for (const { file, path, reason } of report.useless) console.log(`         ${path} of ${file}: ${reason}`)
  return report
}
