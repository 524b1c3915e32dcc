import { afterAll, beforeAll, describe, expect, it } from 'vitest'
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

  it('comes out the same where the process dies before or after any write', async () => {
    const task = taskOf(readTasks(), BOTH_WAYS)
    const { writes } = await trials.undisturbed(task)
    // The start, a reply, its result, a reply, its effect and result in one, and the last reply with the end.
    expect(writes).toBe(6)
    for (let at = 1; at <= writes; at++) {
      for (const side of ['before', 'after'] as const) {
        expect(await trials.crashed(task, { at, side }), `${side} write ${at}`).toEqual([])
      }
    }
  })

  it('comes out the same where the process is killed and another takes its run up', async () => {
    expect(await trials.killed(taskOf(readTasks(), BOTH_WAYS), { at: 5, side: 'after' })).toEqual([])
  })

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
