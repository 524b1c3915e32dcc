import { isDeepStrictEqual } from 'node:util'
import { shopAgent } from '../agent.ts'
import { failsByDesign, type Task, toldOf } from '../data.ts'
import { type Desk, runIdOf } from '../desk.ts'
import { rightAnswer } from '../right-model.ts'
import { changedRows } from './changed-rows.ts'

/** Characters shown of a value that is not as it should be, about the first difference. */
const SHOWN = 80

const writing = new Set(shopAgent('').tools.flatMap(({ name, effect }) => (effect === 'read' ? [] : [name])))

/** Says what did not come out as the data has it. */
export async function complaints(
  { runtime, shop }: Desk,
  task: Task,
  path: string,
  template: string,
): Promise<string[]> {
  const runId = runIdOf(task)
  const replay = await runtime.replay(runId)
  const entries = await runtime.runs.entries(runId)
  const count = (kind: string) => entries.filter((entry) => entry.kind === kind).length
  const failures = task.actions.filter(failsByDesign).length
  const done = task.actions.filter((action) => writing.has(action.name) && !failsByDesign(action))
  const ledger = shop.ledger()
  return [
    ...differs('The run ended with', entries.at(-1)?.body, { output: rightAnswer(task) }),
    ...differs('Changed rows are', changedRows(path, template), task.changed),
    ...differs(
      'Done was',
      ledger.map(({ tool, answer }) => [tool, answer]),
      done.map((action) => [action.name, asAnswer(action)]),
    ),
    ...differs('Calls with effects were', new Set(ledger.map(({ key }) => key)).size, done.length),
    ...differs('Replies were', count('model.replied'), task.actions.length + 1),
    ...differs('Calls that returned were', count('call.returned'), task.actions.length - failures),
    ...differs('Calls that failed were', count('call.failed'), failures),
    ...differs('The replay', replay.status, 'matched'),
  ]
}

function asAnswer(action: Task['actions'][number]): string {
  const told = toldOf(action)
  return told.startsWith('{') ? told : JSON.stringify(told)
}

function differs(what: string, found: unknown, expected: unknown): string[] {
  if (isDeepStrictEqual(found, expected)) return []
  const [is, should] = [JSON.stringify(found), JSON.stringify(expected)]
  const from = Math.max(0, is.split('').findIndex((letter, at) => letter !== should[at]) - SHOWN / 2)
  return [`${what} ...${is.slice(from, from + SHOWN)}..., and should be ...${should.slice(from, from + SHOWN)}...`]
}
