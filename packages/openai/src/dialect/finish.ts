import type { Finish } from '@reprise/core'

/** Why a reply ended, and the service's own word where that is not known here. */
export interface Ended {
  readonly finish: Finish
  readonly finishWord?: string
}

/**
 * Words for why a reply ended, in small letters, as servers that speak Chat Completions have them.
 *
 * @see the table of shapes in `servers.test.ts` for whose words they are.
 */
const words = {
  stop: [
    'stop',
    'tool_calls',
    'tool_call',
    'tool_use',
    'function_call',
    'eos',
    'eos_token',
    'end_turn',
    'stop_sequence',
    'stop_token',
    'end',
    'complete',
    'completed',
  ],
  length: [
    'length',
    'max_tokens',
    'max_output_tokens',
    'max_completion_tokens',
    'model_length',
    'max_length',
    'model_context_window_exceeded',
    'context_length_exceeded',
    'token_limit',
    'error_limit',
  ],
  'content-filter': [
    'content_filter',
    'content_filtered',
    'safety',
    'sensitive',
    'recitation',
    'language',
    'blocklist',
    'prohibited_content',
    'spii',
    'image_safety',
    'guardrail_intervened',
    'error_toxic',
    'refusal',
  ],
} as const satisfies Partial<Record<Finish, readonly string[]>>

/** Words for a reply that the server, or the model, did not bring to its end: it may when it is asked again. */
const broken = new Set([
  'error',
  'abort',
  'aborted',
  'cancelled',
  'canceled',
  'user_cancel',
  'network_error',
  'timeout',
  'insufficient_system_resource',
  'malformed_function_call',
  'malformed_tool_call',
  'malformed_tool_use',
  'malformed_model_output',
  'missing_thought_signature',
  'unexpected_tool_call',
  'too_many_tool_calls',
])

/** Tells whether a reply was not brought to its end. */
export function isBroken(reason: string | null | undefined): boolean {
  return broken.has(reason?.toLowerCase() ?? '')
}

/** Why a reply ended that was brought to its end. Some servers give no reason: then it is an ordinary one. */
export function endedBy(reason: string | null | undefined): Ended {
  if (!reason) return { finish: 'stop' }
  const word = reason.toLowerCase()
  for (const finish of ['stop', 'length', 'content-filter'] as const)
    if (words[finish].some((known) => known === word)) return { finish }
  return { finish: 'other', finishWord: reason }
}
