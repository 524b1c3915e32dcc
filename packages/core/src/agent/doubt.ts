import type { Entry } from '../contracts/entry.ts'
import { DefinitionError } from '../words/errors.ts'
import { emptyState, fold } from './fold.ts'

/**
 * Finds a call in doubt by its key.
 *
 * @returns the attempt that is in doubt.
 * @throws DefinitionError naming the calls that are.
 */
export function doubtedCall(runId: string, entries: readonly Entry[], key: string): { readonly attempt: number } {
  const { phase } = entries.reduce(fold, emptyState())
  const doubted = phase.kind === 'calling' ? phase.calls.filter(({ stage }) => stage.kind === 'doubted') : []
  const call = doubted.find((candidate) => candidate.key === key)
  if (call?.stage.kind === 'doubted') return { attempt: call.stage.attempt }
  const open = doubted.map((candidate) => `${candidate.key} (${candidate.call.name})`).join(', ')
  throw new DefinitionError({
    code: 'not_in_doubt',
    message: `The run "${runId}" has no call in doubt at "${key}". In doubt: ${open || 'none'}.`,
    details: { runId, key },
  })
}
