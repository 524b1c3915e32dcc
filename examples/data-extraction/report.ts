import type { Outcome, Runtime } from '@reprise/core'
import { checkExpected } from './check/expected.ts'
import type { Extracted } from './extraction/extracted.ts'
import { readResults } from './extraction/results.ts'
import { type Open, RUN_ID } from './open.ts'
import type { Place } from './place.ts'
import { howToDecide } from './show/case.ts'
import { columns } from './show/columns.ts'
import { taskOf } from './show/progress.ts'
import { allRuns } from './show/runs.ts'
import { addCost, type Cost, NO_COST, showTable } from './show/table.ts'
import { lastWritten } from './written.ts'

/** What there is to report on. */
export interface Reported {
  readonly outcome: Outcome<unknown>
  readonly opened: Open
  readonly place: Place
  /** Whether the demo's own statements were read by the written part, so that what they hold is known. */
  readonly checksPart: boolean
}

/**
 * Prints what was read, what waits for a person, and where the results are.
 *
 * @returns the exit code: 1 where something failed or is wrong.
 * @throws Complaint when the results are not as they were written.
 */
export async function report({ outcome, opened: { runtime }, place, checksPart }: Reported): Promise<number> {
  const written = lastWritten(await runtime.runs.entries(RUN_ID))
  const rests = outcome.kind === 'waiting' && outcome.waiting.kind === 'signal'
  if (!written || (outcome.kind !== 'completed' && !rests)) {
    console.log(`\nThe extraction is not done: ${whyNot(outcome)}`)
    return 1
  }
  const all = readResults(place, written)
  const costs = await costsOf(runtime)
  print(showTable(all.map((one) => ({ ...one, cost: costs.get(one.file) ?? NO_COST }))))
  const failed = all.filter(({ status }) => status === 'failed')
  print(failed.map(({ file, problems }) => `${file} failed: ${problems.join(' ')} The same command reads it again.`))
  print(all.filter(({ status }) => status === 'review').flatMap(showWaiting))
  print([
    'The results:',
    ...columns([
      ['', place.json, 'every file, with what was read and how it stands'],
      ['', place.csv, 'the lines of all statements that are settled'],
    ]),
  ])
  const wrong = checksPart ? checkExpected(all) : []
  print(wrong)
  return failed.length + wrong.length === 0 ? 0 : 1
}

function whyNot(outcome: Outcome<unknown>): string {
  if (outcome.kind === 'cancelled') return outcome.reason
  if ('error' in outcome) return outcome.error.message
  const interrupted = outcome.kind === 'waiting' && outcome.waiting.kind === 'interrupted'
  return interrupted ? outcome.waiting.error.message : 'a reader was interrupted. The same command goes on.'
}

function showWaiting(extracted: Extracted): string[] {
  return [`${extracted.file} waits for a person. ${extracted.problems.join(' ')}`, ...howToDecide(extracted)]
}

/** What the readers of each file took together. */
async function costsOf(runtime: Runtime): Promise<ReadonlyMap<string, Cost>> {
  const costs = new Map<string, Cost>()
  for (const { id, totals } of await allRuns(runtime, { parentId: RUN_ID })) {
    const { file } = await taskOf(runtime, id)
    costs.set(file, addCost(costs.get(file) ?? NO_COST, totals))
  }
  return costs
}

function print(lines: readonly string[]): void {
  if (lines.length > 0) console.log(`\n${lines.join('\n')}`)
}
