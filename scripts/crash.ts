// Runs that stand for all, each with its process dying before and after every write of its journal and every effect:
// in this process at each point and at pairs of them, and by SIGKILL at some. usage: npm run crash -- [CASE...]
import { availableParallelism } from 'node:os'
import type { CrashPoint } from '@reprise/testing'
import { killed } from '../proof/crash/kill.ts'
import { cases, crashed, type Undisturbed, undisturbed } from '../proof/crash/trial.ts'

/** How many pairs of points of each case are tried, and how many of its points by SIGKILL. */
const PAIRS = 20
const KILLS = 4

const names = process.argv.slice(2)
const unknown = names.filter((name) => !cases.some((one) => one.name === name))
if (unknown.length > 0) {
  console.error(`There is no case ${unknown.join(', ')}. There are: ${cases.map(({ name }) => name).join('; ')}.`)
  process.exit(2)
}
const start = performance.now()
const count = { points: 0, pairs: 0, kills: 0, wrong: 0 }
for (const one of cases.filter(({ name }) => names.length === 0 || names.includes(name))) {
  const whole = await undisturbed(one)
  for (const point of whole.points) {
    complain(one.name, [point], await crashed(one, [point], whole))
    count.points++
  }
  for (let pair = 0; pair < PAIRS; pair++) {
    const points = [any(whole), any(whole)]
    complain(one.name, points, await crashed(one, points, whole))
    count.pairs++
  }
  const kills = Array.from({ length: KILLS }, () => any(whole)).values()
  const lane = async (): Promise<void> => {
    for (const point of kills) {
      complain(one.name, [point], await killed(one, point, whole))
      count.kills++
    }
  }
  await Promise.all(Array.from({ length: availableParallelism() }, lane))
  console.log(`${one.name}: ${whole.points.length} crash points`)
}
const seconds = ((performance.now() - start) / 1000).toFixed(1)
console.log(
  `${count.points} crash points, ${count.pairs} pairs of them, ${count.kills} processes killed: ` +
    `${count.wrong === 0 ? 'all came to the same' : `${count.wrong} did not come to the same`} (${seconds} s).`,
)
process.exitCode = count.wrong === 0 ? 0 : 1

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
