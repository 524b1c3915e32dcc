// Whether an entry is what today's code would have had written of what it asks for (invariant 3).
import type { Entry, EntryOf } from '../contracts/entry.ts'
import { SAYS } from '../journal/entry-kinds.ts'
import { callDigest, sayInput } from '../journal/fingerprint.ts'
import type { Op } from './op.ts'

/** What an entry says, and what today's code would do in its place. */
export interface Difference {
  readonly recorded: string
  readonly today: string
}

/** What is known of the journal that an entry is of. */
interface Known {
  /** Whether its entries say what was asked before them: in the old format they do not. */
  readonly says: boolean
  /** Whether the entry is the run's own: what was taken over from another names that one's children. */
  readonly isOwn: boolean
  /** The child that stands in the place of the one that was begun at the key. */
  readonly rewoundTo?: string | undefined
}

/**
 * Holds an entry at the key of an operation against that operation.
 *
 * @param start the entry that it has begun by, where there is one.
 * @returns undefined where they agree.
 */
export function difference(
  op: Op,
  entry: Entry,
  start: Entry | undefined,
  { says, isOwn, rewoundTo }: Known,
): Difference | undefined {
  const own = ownDifference(op, entry, start, { isOwn, rewoundTo })
  if (own || !says || !('after' in op)) return own
  const after = 'after' in entry.body ? (entry.body.after ?? '') : ''
  if (after === op.after || !SAYS.has(entry.kind)) return undefined
  return { recorded: `${at(entry)} ${sayAfter(after)}`, today: `ask for it ${sayAfter(op.after)}` }
}

function ownDifference(
  op: Op,
  entry: Entry,
  start: Entry | undefined,
  { isOwn, rewoundTo }: Omit<Known, 'says'>,
): Difference | undefined {
  const { kind } = entry
  switch (op.kind) {
    case 'step':
      return kind === 'step.returned' || kind === 'step.failed' ? stepDifference(op, entry, start) : another(op, entry)
    case 'child':
      if (kind === 'child.started') return childDifference(op, entry, isOwn)
      if (kind !== 'child.ended') return another(op, entry)
      if (start?.kind !== 'child.started') return unbegun(entry)
      return (rewoundTo ?? start.body.runId) === entry.body.runId ? undefined : unbegun(entry)
    case 'timer':
      if (kind === 'timer.set') return timerDifference(op, entry)
      if (kind !== 'timer.fired') return another(op, entry)
      return start?.kind === 'timer.set' && start.body.until === entry.body.until ? undefined : unbegun(entry)
    case 'race':
      return kind === 'race.won' ? raceDifference(op, entry) : another(op, entry)
    case 'receive':
      return another(op, entry)
    default:
      return op satisfies never
  }
}

function stepDifference(
  { name, key }: Extract<Op, { kind: 'step' }>,
  entry: EntryOf<'step.returned' | 'step.failed'>,
  start: Entry | undefined,
): Difference | undefined {
  if (entry.body.name !== name) return { recorded: `${at(entry)}, of "${entry.body.name}"`, today: `wait for ${key}` }
  const { attempt } = entry
  // A fork counts its attempts anew.
  const next = start?.kind === 'step.failed' && start !== entry ? start.attempt + 1 : attempt
  if (attempt === next || attempt === 1) return undefined
  return { recorded: `${at(entry)}, attempt ${attempt}`, today: `make attempt ${next}` }
}

function childDifference(
  { inputDigest, input, context, definition, runId, key }: Extract<Op, { kind: 'child' }>,
  { body }: EntryOf<'child.started'>,
  isOwn: boolean,
): Difference | undefined {
  const recorded = `child.started ${body.name} at ${key}`
  if (body.name !== definition.name) return { recorded, today: `start ${definition.name}` }
  // Of the first format it is that of the keys as they came.
  if (body.asked !== inputDigest && body.asked !== callDigest(definition.name, [input, context ?? null])) {
    const given = context === undefined ? '' : `, or context: ${sayInput(context)}`
    return { recorded, today: `start it with another input: ${sayInput(input)}${given}` }
  }
  if (body.runId === runId || !isOwn) return undefined
  return { recorded: `${recorded} as "${body.runId}"`, today: `start it as "${runId}"` }
}

/** Journals of the old format do not say how long was asked for. */
function timerDifference(
  { ms, key }: Extract<Op, { kind: 'timer' }>,
  { body }: EntryOf<'timer.set'>,
): Difference | undefined {
  if (body.ms === undefined || body.ms === ms) return undefined
  return { recorded: `timer.set for ${body.ms} ms at ${key}`, today: `set it for ${ms} ms` }
}

function raceDifference(
  { branch, of, key }: Extract<Op, { kind: 'race' }>,
  { body }: EntryOf<'race.won'>,
): Difference | undefined {
  const recorded = `race.won by branch ${body.branch}`
  if (body.branch !== branch) return { recorded: `${recorded} at ${key}`, today: `have branch ${branch} win` }
  if (body.of === undefined || body.of === of) return undefined
  return { recorded: `${recorded} of ${body.of} at ${key}`, today: `race ${of} branches` }
}

function another({ kind, key }: Op, entry: Entry): Difference {
  return { recorded: at(entry), today: `wait for ${key}, which is a ${kind}` }
}

/** An end of something that has not begun. */
export function unbegun(entry: Entry): Difference {
  return { recorded: at(entry), today: 'have begun it by another entry before' }
}

/** Names an entry. */
export function at({ kind, key }: Entry): string {
  return `${kind} at ${key}`
}

function sayAfter(after: string): string {
  return after === '' ? 'with nothing before it that has no entry of its own' : `after ${after}`
}
