import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { commandsIn, runCommand } from '../../scripts/commands.fixture.ts'
import { shopAgent } from './agent.ts'
import {
  dataIsThere,
  failsByDesign,
  NO_DATA,
  readPolicy,
  readTables,
  readTasks,
  readToolSheets,
  type Task,
} from './data.ts'
import { Trials } from './trial/trials.ts'

/** Between them they call every tool that any task calls, and fail in every way. */
const SAMPLE = [3, 13, 22, 38, 40, 46, 50, 64, 78, 106]

/** It changes an address by key, and items in a transaction. */
const BOTH_WAYS = 71

describe.skipIf(!dataIsThere)(`the whole shop (${NO_DATA})`, () => {
  let trials: Trials
  beforeAll(async () => {
    trials = await Trials.open(readPolicy(), readTables())
  })
  afterAll(() => trials.close())

  it('has the tools that the data describes, with their arguments', () => {
    const cards = shopAgent('').tools.map(({ card: { name, parameters } }) => [name, parameters['required']] as const)
    const sheets = readToolSheets().map(({ function: { name, parameters } }) => [name, parameters.required] as const)
    expect(Object.fromEntries(cards)).toEqual(Object.fromEntries(sheets))
  })

  it('comes out of a task with the recorded rows and results', async () => {
    const tasks = readTasks()
    const sample = SAMPLE.map((number) => taskOf(tasks, number))
    expect(waysOf(sample)).toEqual(waysOf(tasks))
    for (const task of sample) expect((await trials.undisturbed(task)).wrong, `task ${task.task}`).toEqual([])
  })

  it.skipIf(process.platform === 'win32')(
    'comes out the same where the process dies before or after any write, or is killed, as the README has it tried',
    { tags: 'slow', timeout: 240_000 },
    async () => {
      const [all, one = ''] = commandsIn('examples/tau-retail/README.md')
      expect([all, one]).toEqual(['npm run tau', `npm run tau -- ${BOTH_WAYS}`])
      const { code, stdout, stderr } = await runCommand(one)
      // The start, a reply, its result, a reply, its effect and result in one, and the last reply with the end.
      expect(stdout.replaceAll(/\(\d+\.\d s\)/g, '(n s)'))
        .toBe(`undisturbed: 1 task, 2 calls, 0 of them failing by design (n s)
interrupted: 12 crash points in this process: before and after each write of each journal (n s)
killed: 2 processes killed by SIGKILL, and their runs taken up by others: at two points of each task (n s)
All is as it is recorded (n s).
`)
      expect([code, stderr]).toEqual([0, ''])
      expect(await runCommand('node examples/tau-retail/main.ts 115 x')).toMatchObject({
        code: 2,
        stderr: 'There is no task 115, x. There are those from 0 to 114.\n',
      })
    },
  )

  it('tells what is not as recorded', async () => {
    const task = taskOf(readTasks(), BOTH_WAYS)
    const { wrong } = await trials.undisturbed({ ...task, actions: task.actions.slice(1) })
    expect(wrong.join('\n')).toContain('Changed rows are ...')
  })
})

function taskOf(tasks: readonly Task[], number: number): Task {
  const task = tasks.find(({ task }) => task === number)
  if (!task) throw new Error(`There is no task ${number}.`)
  return task
}

/** The tools that are called, and the errors that come back. */
function waysOf(tasks: readonly Task[]): string[] {
  const actions = tasks.flatMap(({ actions }) => actions)
  const ways = actions.flatMap((action) => [action.name, ...(failsByDesign(action) ? [action.result] : [])])
  return [...new Set(ways)].toSorted()
}
