import type { Args } from './args.ts'
import { Complaint } from './complaint.ts'
import { correct } from './extraction/correct.ts'
import { type Extracted, isOpen } from './extraction/extracted.ts'
import { readResults } from './extraction/results.ts'
import { review, type Verdict } from './extraction/review.ts'
import { type Open, RUN_ID } from './open.ts'
import type { Place } from './place.ts'
import { report } from './report.ts'
import { showCase } from './show/case.ts'
import { lastWritten } from './written.ts'

type ReviewArgs = Extract<Args, { kind: 'review' }>

/**
 * Shows a file that waits for a person, or sends what the person decides and lets the run go on.
 *
 * @returns the exit code.
 * @throws Complaint when the file does not wait, or the correction is none.
 */
export async function decide({ file, decision }: ReviewArgs, opened: Open, place: Place): Promise<number> {
  const extracted = await findOpen(file, opened, place)
  if (!decision) {
    for (const line of showCase(extracted)) console.log(line)
    return 0
  }
  const verdict: Verdict =
    decision.kind === 'accept'
      ? { kind: 'accept', file }
      : { kind: 'correct', file, statement: correct(extracted, decision.fields) }
  const { runtime } = opened
  await runtime.send(RUN_ID, review, verdict)
  const outcome = await (await runtime.resume(RUN_ID)).outcome()
  return report({ outcome, opened, place, checksPart: false })
}

async function findOpen(file: string, { runtime }: Open, place: Place): Promise<Extracted> {
  const { status, waiting } = await runtime.runs.get(RUN_ID)
  const entries = await runtime.runs.entries(RUN_ID)
  const written = lastWritten(entries)
  const isUnderWay = status === 'running' || waiting?.kind === 'child'
  if (!written || isUnderWay)
    throw new Complaint('The files are not all read yet. Let that come to its end first: npm run demo:extract')
  const all = readResults(place, written)
  const found = all.find((one) => one.file === file)
  if (found && isOpen(found)) return found
  const open = all.filter(isOpen).map((one) => one.file)
  const what = found ? `${file} does not wait for a person: it is ${found.status}` : `There is no file ${file}`
  throw new Complaint(`${what}. ${open.length > 0 ? `What waits: ${open.join(', ')}` : 'Nothing waits for a person'}.`)
}
