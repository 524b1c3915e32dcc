import { faultKinds } from '../script/fault-kinds.ts'
import type { FakeError, FakeReply } from '../script/script.ts'
import { anyObject, type Check, complain, list, number, object, oneOf, text, textOrObject } from './check.ts'

/** Which requests an expectation is for: those that fit all that it says. */
export interface ExpectedAsk {
  /** A text that the user's last message holds; the message is the last thing said, unless `tool` or `result` is there. */
  readonly user?: string
  /** The tool whose result is the last thing said. */
  readonly tool?: string
  /** A text that one of the last results holds. */
  readonly result?: string
  /** The model's name as it was asked for. */
  readonly model?: string
}

/** What is said to which requests. */
export type Expectation = { readonly when?: ExpectedAsk } & (
  | { readonly reply: FakeReply }
  | { readonly error: FakeError }
  | { readonly hang: true }
)

const call = object({ name: text, arguments: textOrObject, callId: text }, ['name'])

const reply = object({
  text,
  deltas: number(1),
  refusal: text,
  calls: list(call),
  finish: oneOf('stop', 'length', 'content-filter'),
  items: list(anyObject),
  reasoningTokens: number(0),
  delayMs: number(0),
  cut: number(-Infinity),
  cutBy: oneOf('reset', 'end', 'stall'),
  failure: object({ code: text, message: text, event: oneOf('response.failed', 'error') }, ['code', 'message']),
  fault: oneOf(...faultKinds),
} satisfies Record<keyof FakeReply, Check>)

const error = object(
  {
    status: number(400),
    code: text,
    type: text,
    message: text,
    retryAfter: number(0),
    headers: anyObject,
    html: text,
  } satisfies Record<keyof FakeError, Check>,
  ['status'],
)

const when = object({ user: text, tool: text, result: text, model: text } satisfies Record<keyof ExpectedAsk, Check>)

const answers = ['reply', 'error', 'hang']

const expectation: Check = (value, at) => {
  object({ when, reply, error, hang: oneOf(true) })(value, at)
  const given = answers.filter((name) => name in (value as object))
  if (given.length !== 1)
    throw complain(`${at} has ${given.join(' and ') || 'no answer'}. It must have one of: ${answers.join(', ')}.`)
}

/**
 * Takes a JSON value as expectations.
 *
 * @param source what complaints call it: the name of a file.
 * @throws DefinitionError, whose message is one line that names the place.
 */
export function parseExpectations(json: unknown, source: string): readonly Expectation[] {
  if (!Array.isArray(json))
    throw complain(`${source} must be a list of expectations: [{ "reply": { "text": "Hello" } }].`)
  for (const [index, element] of json.entries()) expectation(element, `${source}: [${index}]`)
  return json as readonly Expectation[]
}
