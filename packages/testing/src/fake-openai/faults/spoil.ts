import { argumentsText } from '../../scripted-reply.ts'
import type { MakeId } from '../http/ids.ts'
import type { FakeAnswer, FakeReply } from '../script.ts'
import { faultErrors } from './errors.ts'
import type { FaultKind } from './kinds.ts'

/** How long the first byte of a slow reply takes. */
const SLOW_MS = 30_000

/** After the first words of a reply of the Responses API. */
const MIDDLE = 5

const failure = { code: 'server_error', message: 'The server had an error processing your request. Sorry about that!' }

type Calls = NonNullable<FakeReply['calls']>

/**
 * Lets a reply go wrong.
 *
 * @returns what becomes of it; undefined where the reply has no place for the fault: it makes no call, say.
 */
export function spoil(reply: FakeReply, fault: FaultKind, id: MakeId): FakeAnswer | undefined {
  const error = faultErrors[fault]
  if (error) return { error }
  const { text = '', calls = [] } = reply
  switch (fault) {
    case 'reset':
      return { ...reply, cut: 0 }
    case 'cut_stream':
      return { ...reply, cut: MIDDLE }
    case 'end_stream':
      return { ...reply, cut: MIDDLE, cutBy: 'end' }
    case 'stall':
      return { ...reply, cut: MIDDLE, cutBy: 'stall' }
    case 'failed_reply':
      return { ...reply, failure }
    case 'error_event':
      return { ...reply, failure: { ...failure, event: 'error' } }
    case 'slow':
      return { ...reply, delayMs: SLOW_MS }
    case 'hang':
      return { hang: true }
    case 'empty_reply':
      return {}
    case 'refusal':
      return { refusal: "I'm sorry, but I can't help with that." }
    case 'incomplete':
      return { text: half(text), calls: withLast(calls, half), finish: 'length' }
    case 'content_filter':
      return { text: half(text), finish: 'content-filter' }
    default:
      return calls.length === 0 ? undefined : { ...reply, calls: wrongCalls(calls, fault, id) }
  }
}

function wrongCalls(calls: Calls, fault: FaultKind, id: MakeId): Calls {
  if (fault === 'malformed_arguments') return withLast(calls, (text) => text.slice(0, -1))
  if (fault === 'unknown_tool') return calls.map((call) => ({ ...call, name: `${call.name}_v2` }))
  const twice = calls.length > 1 ? calls : [...calls, ...calls]
  return twice.map((call) => ({ ...call, callId: id('call') }))
}

function withLast(calls: Calls, change: (text: string) => string): Calls {
  return calls.map((call, index) => (index < calls.length - 1 ? call : { ...call, arguments: change(argumentsText(call)) }))
}

function half(text: string): string {
  return text.slice(0, Math.ceil(text.length / 2))
}
