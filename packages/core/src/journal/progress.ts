// The kinds of entry that count as progress. The journal writer and every store ask, to tell a run that ends its owners
// from one that merely died beside others: a new kind that has the result of an effort belongs here.
import type { EntryKind } from '../contracts/entry.ts'

/**
 * The kinds of entry that get a run further: an effort has come to its end, and need not be made again. What a run writes
 * of itself, and what others tell it, does not: one that ends its owners may write and hear that in each of its lives.
 */
export const PROGRESS: ReadonlySet<EntryKind> = new Set([
  'model.replied',
  'call.returned',
  'call.failed',
  'step.returned',
  'step.failed',
  'child.ended',
  'handoff.made',
])
