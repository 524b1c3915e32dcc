// A whole shop: all its tasks, undisturbed, interrupted after every write of their journals, and killed.
// usage: npm run tau, or npm run tau -- TASK... for some of them
import { availableParallelism } from 'node:os'
import { dataIsThere, failsByDesign, NO_DATA, readPolicy, readTables, readTasks, type Task } from './data.ts'
import { type Point, Trials } from './trial/trials.ts'

if (!dataIsThere) {
  console.log(`The tasks of the shop: ${NO_DATA}.`)
  process.exit(0)
}
const start = performance.now()
const tasks = chosen(readTasks(), process.argv.slice(2))
const trials = await Trials.open(readPolicy(), readTables())
process.once('exit', () => trials.close())
process.once('SIGINT', () => process.exit(130))
const wrong: string[] = []
const points = new Map<number, Point[]>()
await timed('undisturbed', async () => {
  for (const task of tasks) {
    const done = await trials.undisturbed(task)
    points.set(task.task, pointsOf(done.writes))
    complain(`task ${task.task}`, done.wrong)
  }
  const calls = tasks.flatMap(({ actions }) => actions)
  return `${tasks.length} ${tasks.length === 1 ? 'task' : 'tasks'}, ${calls.length} calls, ${calls.filter(failsByDesign).length} of them failing by design`
})
await timed('interrupted', async () => {
  let count = 0
  for (const task of tasks) {
    for (const point of points.get(task.task) ?? []) {
      complain(`task ${task.task} interrupted ${point.side} write ${point.at}`, await trials.crashed(task, point))
      count++
    }
  }
  return `${count} crash points in this process: before and after each write of each journal`
})
await timed('killed', async () => {
  const kills = tasks.flatMap((task) => twoOf(points.get(task.task) ?? []).map((point) => ({ task, point })))
  const left = kills.values()
  const lane = async () => {
    for (const { task, point } of left) {
      complain(`task ${task.task} killed ${point.side} write ${point.at}`, await trials.killed(task, point))
    }
  }
  await Promise.all(Array.from({ length: availableParallelism() }, lane))
  return `${kills.length} processes killed by SIGKILL, and their runs taken up by others: at two points of each task`
})
console.log(
  `${wrong.length === 0 ? 'All is as it is recorded' : `${wrong.length} are not as it is recorded`} (${seconds(start)} s).`,
)
process.exitCode = wrong.length === 0 ? 0 : 1

function chosen(all: readonly Task[], names: readonly string[]): readonly Task[] {
  const unknown = names.filter((name) => !all.some(({ task }) => String(task) === name))
  if (unknown.length > 0) {
    console.error(`There is no task ${unknown.join(', ')}. There are those from 0 to ${all.length - 1}.`)
    process.exit(2)
  }
  return names.length === 0 ? all : all.filter(({ task }) => names.includes(String(task)))
}

function pointsOf(writes: number): Point[] {
  return Array.from({ length: writes }, (_, index) => index + 1).flatMap((at): Point[] => [
    { at, side: 'before' },
    { at, side: 'after' },
  ])
}

/** Others each time, one of each side. */
function twoOf(points: readonly Point[]): Point[] {
  return (['before', 'after'] as const).flatMap((side) => {
    const ofSide = points.filter((point) => point.side === side)
    return ofSide[Math.floor(Math.random() * ofSide.length)] ?? []
  })
}

function complain(where: string, complaints: readonly string[]): void {
  for (const complaint of complaints) {
    wrong.push(complaint)
    console.log(`WRONG  ${where}: ${complaint}`)
  }
}

async function timed(name: string, work: () => Promise<string>): Promise<void> {
  const start = performance.now()
  console.log(`${name}: ${await work()} (${seconds(start)} s)`)
}

function seconds(start: number): string {
  return ((performance.now() - start) / 1000).toFixed(1)
}
