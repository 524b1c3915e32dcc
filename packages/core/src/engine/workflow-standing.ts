import { endingOf } from '../agent/ending.ts'
import type { Entry } from '../contracts/entry.ts'
import { quarantined } from '../journal/quarantined.ts'
import { addTotals, NO_TOTALS } from '../journal/totals.ts'
import type { Standing } from './row.ts'

/** A workflow run of which nothing is recorded. */
export const NEW_WORKFLOW: Standing = { ending: null, waiting: null, totals: NO_TOTALS }

/** Where a workflow run stands after one more entry. */
export function foldWorkflow(before: Standing, entry: Entry): Standing {
  const ending = endingOf(entry)
  if (ending) return { ...before, waiting: null, ending }
  if (entry.kind === 'run.forked') return NEW_WORKFLOW
  const { totals } = before
  if (entry.kind === 'step.returned') return { ...before, totals: { ...totals, calls: totals.calls + 1 } }
  if (entry.kind === 'child.ended') return { ...before, waiting: null, totals: addTotals(totals, entry.body.totals) }
  if (entry.kind === 'run.waiting') return { ...before, waiting: entry.body.waiting }
  if (entry.kind === 'run.quarantined') return { ...before, waiting: quarantined(entry.body.reason) }
  return entry.kind === 'message.received' || entry.kind === 'run.released' ? { ...before, waiting: null } : before
}
