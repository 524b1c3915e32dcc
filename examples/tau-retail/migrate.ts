// Asks the recorded runs of the whole shop again of another model: one that does the same, and one that does something else
// in a few tasks, each of which must be found. usage: npm run tau:migrate, or npm run tau:migrate -- FILE for the page
import { writeFileSync } from 'node:fs'
import { dataIsThere, NO_DATA, readTasks } from './data.ts'
import { complaintsOf, MigrationTrial } from './migrate/trial.ts'

if (!dataIsThere) {
  console.log(`The tasks of the shop: ${NO_DATA}.`)
  process.exit(0)
}
const trial = await MigrationTrial.record(readTasks().map(({ task }) => task))
process.once('exit', () => trial.close())
const same = await trial.migrate('same')
const planted = await trial.migrate('planted')
console.log(planted.printed)
const [file] = process.argv.slice(2)
if (file !== undefined) writeFileSync(file, planted.page)
const wrong = [...complaintsOf(same, []), ...complaintsOf(planted, trial.planted)]
for (const complaint of wrong) console.log(`WRONG  ${complaint}`)
console.log(
  `${same.report.recordings.tried} runs asked again of a model that does the same: ${same.report.agents.map(({ verdict }) => verdict.kind).join(', ')}. ` +
    `Of one that does ${trial.planted.length} things otherwise: ${wrong.length === 0 ? 'each was found, and none invented' : 'that is not what was found'}.`,
)
process.exitCode = wrong.length === 0 ? 0 : 1
