/** Errors that pass: asking again helps. */
const passingErrors = [
  'request_timeout',
  'conflict',
  'rate_limit_exceeded',
  'slow_down',
  'server_error',
  'bad_gateway',
  'server_is_overloaded',
] as const

/** Errors that no asking again helps against. */
const finalErrors = [
  'insufficient_quota',
  'credit_balance_exhausted',
  'project_spend_limit_exceeded',
  'organization_spend_limit_exceeded',
  'organization_usage_limit_exceeded',
  'invalid_request',
  'invalid_api_key',
  'forbidden',
  'model_not_found',
] as const

/** Delivery that breaks, and the client sees it. */
const brokenDeliveries = ['reset', 'cut_stream', 'end_stream', 'failed_reply', 'error_event'] as const

/** Delivery that takes long, or for ever. */
const slowDeliveries = ['slow', 'stall', 'hang'] as const

/** Replies that are whole and wrong: the model can be told. */
const wrongReplies = ['malformed_arguments', 'unknown_tool', 'duplicate_call_ids', 'empty_reply'] as const

/** Replies that end a conversation. */
const lastReplies = ['refusal', 'incomplete', 'content_filter'] as const

/**
 * All that can go wrong with a request.
 *
 * @example
 * ```ts
 * import { fakeOpenAI, faultKinds } from '@reprise/fake-openai'
 *
 * const faults = faultKinds.map((fault, index) => ({ n: index + 1, fault }))
 * await using fake = await fakeOpenAI(() => ({ text: 'Hello.' }), { faults })
 * ```
 */
export const faultKinds = [
  ...passingErrors,
  ...finalErrors,
  ...brokenDeliveries,
  ...slowDeliveries,
  ...wrongReplies,
  ...lastReplies,
] as const

/** What goes wrong with a request. */
export type FaultKind = (typeof faultKinds)[number]

/**
 * The fault of a name.
 *
 * @param complain makes the error where there is none of that name: it is given the sentence that says so.
 */
export function faultNamed(name: unknown, complain: (message: string) => Error): FaultKind {
  const fault = faultKinds.find((kind) => kind === name)
  if (fault) return fault
  throw complain(`There is no fault ${JSON.stringify(name)}. There are: ${faultKinds.join(', ')}.`)
}

/** The faults that a client gets over by itself, without a limit of time: what a seeded plan chooses from. */
export const passingFaults: readonly FaultKind[] = [...passingErrors, ...brokenDeliveries, ...wrongReplies]
