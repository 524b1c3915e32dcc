import type { EntryKind } from '@reprise/core'

/**
 * Every kind of entry that the design knows, those that nothing writes yet (reserved) among them. A row holds the place in this list,
 * so it only ever grows at its end. A kind that stands here can come to be written within a format; one that is added is a
 * new format, since an older program takes its number for damage.
 */
const KINDS = [
  'run.started',
  'definition.changed',
  'model.asked',
  'model.replied',
  'model.failed',
  'call.judged',
  'call.intended',
  'call.returned',
  'call.failed',
  'call.doubted',
  'call.resolved',
  'approval.asked',
  'approval.given',
  'message.received',
  'timer.set',
  'timer.fired',
  'step.returned',
  'step.failed',
  'race.won',
  'child.started',
  'child.ended',
  'handoff.made',
  'output.judged',
  'history.compacted',
  'run.waiting',
  'run.woken', // reserved
  'run.completed',
  'run.failed',
  'run.cancelled',
  'run.quarantined',
  'run.released',
  'run.forked',
  'answer.asked',
  'answer.given', // reserved
  'call.edited', // reserved
  'budget.reserved', // reserved
  'budget.raised', // reserved
  'batch.joined', // reserved
  'batch.settled', // reserved
  'model.chosen', // reserved
  'model.adapted', // reserved
  'output.continued', // reserved
  'output.reviewed', // reserved
  'constraint.judged', // reserved
  'memory.read', // reserved
  'run.rewound',
  'run.annotated', // reserved
  'schedule.fired', // reserved
  'history.joined',
  'session.assigned', // reserved
] as const

/**
 * Gives the number that a row keeps for a kind.
 *
 * @example
 * ```ts
 * import { kindCode, kindOf } from '@reprise/format'
 *
 * console.log(kindOf(kindCode('model.replied'))) // model.replied
 * ```
 */
export function kindCode(kind: EntryKind): number {
  return KINDS.indexOf(kind)
}

/**
 * Gives the kind that a row's number stands for, or undefined for a number that stands for none.
 *
 * @example
 * ```ts
 * import { kindOf } from '@reprise/format'
 *
 * console.log(kindOf(0), kindOf(999)) // run.started undefined
 * ```
 */
export function kindOf(code: number): EntryKind | undefined {
  // Of the design's kinds, only those of the contract are ever written.
  return KINDS[code] as EntryKind | undefined
}
