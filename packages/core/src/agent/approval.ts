import type { Entry } from '../contracts/entry.ts'
import { DefinitionError } from '../words/errors.ts'
import { callsOf } from './doubt.ts'
import { emptyState, fold } from './fold.ts'

/**
 * Finds a call that waits to be allowed.
 *
 * @returns the attempt that waits, or that the same was said of it before.
 * @throws DefinitionError naming the calls that wait, or what was said before.
 */
export function unapprovedCall(
  runId: string,
  entries: readonly Entry[],
  key: string,
  approved: boolean,
): { readonly kind: 'waits'; readonly attempt: number } | { readonly kind: 'said' } {
  const waiting = callsOf(entries.reduce(fold, emptyState())).filter(({ stage }) => stage.kind === 'unapproved')
  const call = waiting.find((candidate) => candidate.key === key)
  if (call?.stage.kind === 'unapproved') return { kind: 'waits', attempt: call.stage.attempt }
  const said = entries.findLast((entry) => entry.kind === 'approval.given' && entry.key === key)
  if (said?.kind === 'approval.given' && said.body.approved === approved) return { kind: 'said' }
  const before =
    said?.kind === 'approval.given' ? ` ${said.body.by} has ${said.body.approved ? 'allowed' : 'refused'} it.` : ''
  const open = waiting.map((candidate) => `${candidate.key} (${candidate.call.name})`).join(', ')
  throw new DefinitionError({
    code: 'not_waiting',
    message: `The run "${runId}" has no call at "${key}" that waits to be allowed.${before} Waiting: ${open || 'none'}.`,
    details: { runId, key },
  })
}
