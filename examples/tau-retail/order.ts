// The shop's policy as rules: a model makes the calls of each task in every order, twice and not at all, and an independent
// judge says what was to be run. usage: npm run order, or npm run order -- TASK... for some of them
import { dataIsThere, NO_DATA, readTasks } from './data.ts'
import { nothingCounted, OrderTrial } from './order/trial.ts'

if (!dataIsThere) {
  console.log(`The orders of the shop's calls: ${NO_DATA}.`)
  process.exit(0)
}
const names = process.argv.slice(2)
const tasks = readTasks().filter(({ task }) => names.length === 0 || names.includes(String(task)))
const start = performance.now()
const trial = await OrderTrial.open()
process.once('exit', () => trial.close())
process.once('SIGINT', () => process.exit(130))
const counted = nothingCounted()
for (const task of tasks) await trial.try(task, counted)
const { runs, calls, ran, refused, changes, whole, wrong } = counted
for (const complaint of wrong) console.log(`WRONG  ${complaint}`)
const said = [
  `${tasks.length} tasks in ${runs} orders: ${calls} calls, ${ran} of them run and ${refused} refused by a rule.`,
  `${changes} changes reached the shop. In some order all calls of ${whole} tasks were run.`,
  wrong.length === 0
    ? 'No forbidden change reached it, and no call was refused that the policy allows'
    : `${wrong.length} are not as the policy has it`,
]
console.log(`${said.join('\n')} (${((performance.now() - start) / 1000).toFixed(1)} s).`)
process.exitCode = wrong.length === 0 && tasks.length > 0 ? 0 : 1
