import type { RecordedError } from '../../contracts/entry.ts'
import type { ChildStanding } from '../../engine/children.ts'
import { isLetGo } from '../../engine/session/interruption.ts'
import type { Outcome } from '../read/outcome.ts'

/** How a child stands whose outcome is known here. */
export function childStanding(outcome: Outcome): ChildStanding {
  const { totals } = outcome
  switch (outcome.kind) {
    case 'waiting':
      return outcome.waiting.kind === 'interrupted' ? afterInterruption(outcome.waiting.error) : { kind: 'rests' }
    case 'completed':
      return { kind: 'ended', ending: { kind: 'completed', output: outcome.output }, totals }
    case 'cancelled':
      return { kind: 'ended', ending: { kind: 'cancelled', reason: outcome.reason }, totals }
    case 'failed':
    case 'refused':
    case 'incomplete':
    case 'over-budget':
      return { kind: 'ended', ending: { kind: outcome.kind, error: outcome.error }, totals }
    default:
      return outcome satisfies never
  }
}

/** A child that was merely let go of, or is somebody else's by now, is taken up, or followed, at once. */
function afterInterruption(error: RecordedError): ChildStanding {
  // Whatever else it is counts for the child.
  return isLetGo(error) ? { kind: 'stopped' } : { kind: 'interrupted', error, mendable: true }
}
