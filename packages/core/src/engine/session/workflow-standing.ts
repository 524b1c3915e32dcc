// How a workflow run stands, as far as its entries say: what a row shows of it. workflow-session.ts folds each entry
// here; what the code makes of an entry is workflow/execution.ts's. Pure.
import { endingOf } from '../../agent/state/ending.ts'
import type { Entry } from '../../contracts/entry.ts'
import { WAKES } from '../../journal/entry-kinds.ts'
import { quarantined } from '../../journal/quarantined.ts'
import { NO_TOTALS } from '../../journal/totals.ts'
import type { Standing } from './row.ts'

/** A workflow run of which nothing is recorded. */
export const NEW_WORKFLOW: Standing = { ending: null, waiting: null, totals: NO_TOTALS }

/** Where a workflow run stands after one more entry. What its children used is theirs: it is summed where it is read. */
export function foldWorkflow(before: Standing, entry: Entry): Standing {
  const ending = endingOf(entry)
  if (ending) return { ...before, waiting: null, ending }
  if (entry.kind === 'run.forked') return NEW_WORKFLOW
  const { totals } = before
  if (entry.kind === 'run.waiting') return { ...before, waiting: entry.body.waiting }
  if (entry.kind === 'run.quarantined') return { ...before, waiting: quarantined(entry.body.reason) }
  if (!WAKES.has(entry.kind)) return before
  const calls = totals.calls + (entry.kind === 'step.returned' ? 1 : 0)
  return { ...before, waiting: null, totals: { ...totals, calls } }
}
