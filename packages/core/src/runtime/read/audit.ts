// Who did what, as a program reads it and lets go of it.
import { AUDITED, type AuditEntry, type AuditFilter, type By } from '../../contracts/audit.ts'
import { badArgument, checkOptions } from '../../define/argument.ts'
import { checkMs, checkText } from '../../define/names.ts'
import type { Engine } from '../../engine/engine.ts'
import { authorOf } from '../setup/author.ts'

const TEXTS = ['runId', 'lineageId', 'tenant', 'by', 'action'] as const
const NUMBERS = ['from', 'before', 'after'] as const
const PARTS = [...TEXTS, ...NUMBERS, 'order', 'limit']

/** How much a store is asked to forget at once. */
const PRUNED = 1_000

/** What of the audit is forgotten, and by whom. */
export interface PruneAuditOptions {
  /** How long ago it was done, in milliseconds. */
  readonly olderThanMs: number
  /** Who wants it: it is kept. */
  readonly by: By
}

/** Gives a page of the audit. See `Runtime.audit`. */
export async function audit({ store }: Pick<Engine, 'store'>, filter: AuditFilter): Promise<readonly AuditEntry[]> {
  const expected = `Give it { ${PARTS.join(', ')} }, or nothing.`
  checkOptions('runtime.audit was given filter', filter, expected)
  const stray = Object.keys(filter).find((name) => !PARTS.includes(name))
  if (stray !== undefined) throw badArgument(`runtime.audit was given ${stray}`, Reflect.get(filter, stray), expected)
  for (const part of TEXTS) if (filter[part] !== undefined) checkText('runtime.audit', part, filter[part])
  for (const part of NUMBERS)
    if (filter[part] !== undefined && !Number.isFinite(filter[part]))
      throw badArgument(`runtime.audit was given ${part}`, filter[part], 'Give it a number.')
  const { action, order, limit } = filter
  if (action !== undefined && !AUDITED.includes(action))
    throw badArgument('runtime.audit was given action', action, `Give it one of: ${AUDITED.join(', ')}.`)
  if (order !== undefined && order !== 'oldest' && order !== 'newest')
    throw badArgument('runtime.audit was given order', order, `Give it 'oldest' or 'newest', or nothing.`)
  if (limit !== undefined && (!Number.isSafeInteger(limit) || limit < 1 || limit > 1_000))
    throw badArgument('runtime.audit was given limit', limit, 'Give it a whole number of 1 to 1,000.')
  return store.audit(filter)
}

/** Forgets what was done long ago; gives how much. See `Runtime.pruneAudit`. */
export async function pruneAudit(
  { store, clock }: Pick<Engine, 'store' | 'clock'>,
  options: PruneAuditOptions,
): Promise<number> {
  checkOptions('runtime.pruneAudit was given options', options, 'Give it { olderThanMs, by }.')
  const by = authorOf('runtime.pruneAudit', options)
  checkMs('pruneAudit', 'olderThanMs', options.olderThanMs)
  const at = clock.now()
  const before = Math.floor(at - options.olderThanMs)
  // First, so that nothing is ever gone without a word.
  const what = `before ${before}`
  await store.note([{ at, action: 'pruned', by, runId: null, lineageId: null, tenant: null, what }])
  let pruned = 0
  for (let some = PRUNED; some === PRUNED; pruned += some) some = await store.pruneAudit(before, PRUNED)
  return pruned
}
