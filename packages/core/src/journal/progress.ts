import type { Draft } from '../contracts/entry.ts'

/**
 * Tells whether an entry gets its run further: an effort has come to its end, and need not be made again. What a run writes
 * of itself, and what others tell it, does not: one that ends its owners may hear and write that in each of its lives.
 */
export function isProgress(draft: Draft): boolean {
  switch (draft.kind) {
    case 'model.replied':
    case 'call.returned':
    case 'step.returned':
    case 'child.ended':
    case 'handoff.made':
    case 'run.released':
    case 'run.completed':
    case 'run.failed':
    case 'run.cancelled':
      return true
    case 'call.resolved':
      return draft.body.happened
    case 'call.failed':
    case 'step.failed':
      return draft.body.retryAt === null
    case 'run.started':
    case 'run.forked':
    case 'run.waiting':
    case 'run.quarantined':
    case 'definition.changed':
    case 'model.asked':
    case 'model.failed':
    case 'call.judged':
    case 'call.intended':
    case 'call.doubted':
    case 'approval.asked':
    case 'approval.given':
    case 'message.received':
    case 'output.judged':
    case 'timer.set':
    case 'timer.fired':
    case 'race.won':
    case 'child.started':
      return false
    default:
      return draft satisfies never
  }
}
