import { argumentsText } from '../script/reply-text.ts'
import type { MakeId } from '../http/ids.ts'
import type { FakeAnswer, FakeReply } from '../script/script.ts'
import { faultErrors } from './errors.ts'
import type { FaultKind } from '../script/fault-kinds.ts'

/** How long the first byte of a slow reply takes. */
const SLOW_MS = 30_000

/** After what is said, and before the end of it is told: on either API. */
const LATE = -4

const failure = { code: 'server_error', message: 'The server had an error processing your request. Sorry about that!' }

type Calls = NonNullable<FakeReply['calls']>

/**
 * Lets a reply go wrong.
 *
 * @returns what becomes of it; undefined where the reply has no place for the fault: it makes no call, say.
 */
export function spoil(reply: FakeReply, fault: FaultKind, id: MakeId): FakeAnswer | undefined {
  return isError(fault) ? { error: faultErrors[fault] } : spoilers[fault](reply, id)
}

function isError(fault: FaultKind): fault is keyof typeof faultErrors {
  return fault in faultErrors
}

type Spoiler = (reply: FakeReply, id: MakeId) => FakeAnswer | undefined

const spoilers: Record<Exclude<FaultKind, keyof typeof faultErrors>, Spoiler> = {
  reset: (reply) => ({ ...reply, cut: 0 }),
  cut_stream: (reply) => ({ ...reply, cut: LATE }),
  end_stream: (reply) => ({ ...reply, cut: LATE, cutBy: 'end' }),
  stall: (reply) => ({ ...reply, cut: LATE, cutBy: 'stall' }),
  failed_reply: (reply) => ({ ...reply, failure }),
  error_event: (reply) => ({ ...reply, failure: { ...failure, event: 'error' } }),
  slow: (reply) => ({ ...reply, delayMs: SLOW_MS }),
  hang: () => ({ hang: true }),
  empty_reply: () => ({}),
  refusal: () => ({ refusal: "I'm sorry, but I can't help with that." }),
  content_filter: ({ text = '' }) => ({ text: half(text), finish: 'content-filter' }),
  incomplete: ({ text = '', calls = [] }) => ({ text: half(text), calls: withLast(calls, half), finish: 'length' }),
  malformed_arguments: wrongCalls((calls) => withLast(calls, (text) => text.slice(0, -1))),
  unknown_tool: wrongCalls((calls) => calls.map((call) => ({ ...call, name: `${call.name}_v2` }))),
  duplicate_call_ids: wrongCalls((calls, id) => {
    const twice = calls.length > 1 ? calls : [...calls, ...calls]
    return twice.map((call) => ({ ...call, callId: id('call') }))
  }),
}

function wrongCalls(change: (calls: Calls, id: MakeId) => Calls): Spoiler {
  return (reply, id) => (reply.calls?.length ? { ...reply, calls: change(reply.calls, id) } : undefined)
}

function withLast(calls: Calls, change: (text: string) => string): Calls {
  return calls.map((call, index) =>
    index < calls.length - 1 ? call : { ...call, arguments: change(argumentsText(call)) },
  )
}

function half(text: string): string {
  return text.slice(0, Math.ceil(text.length / 2))
}
