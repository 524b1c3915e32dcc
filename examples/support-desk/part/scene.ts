import type { FakeAsk } from '@reprise/fake-openai'
import { type Line, type Role, ROLES, UNKNOWN } from './lines.ts'

/** A request, as the part understands it: whose ticket, what is done, what comes next. */
export interface Scene {
  readonly ticket: string
  /** Items of the conversation so far: it grows with every reply. */
  readonly turn: number
  readonly tools: ReadonlySet<string>
  readonly role: Role
  readonly made: readonly Line[]
  /** Right calls not yet made, the next one first. */
  readonly open: readonly Line[]
  /** How often in a row the last answer was sent back. */
  readonly complaints: number
  /** The id of an earlier call. */
  readonly oldId: string | undefined
}

type Items = FakeAsk['body']['input']

/** The words of the ticket that a request is about. */
export function ticketOf([first]: Items): string {
  return first && 'content' in first && typeof first.content === 'string' ? first.content : ''
}

/** Reads a request. A right call counts as made when its tool was run, whatever came of it. */
export function readScene({ input, tools = [] }: FakeAsk['body'], ticketIds: ReadonlyMap<string, string>): Scene {
  const [first] = input
  const text = ticketOf(input)
  const role = ROLES[ticketIds.get(text) ?? ''] ?? UNKNOWN
  const ran = callsThatRan(input)
  const isMade = ({ name, arguments: args }: Line): boolean => ran.has(`${name} ${JSON.stringify(args)}`)
  return {
    ticket: text,
    turn: input.length,
    tools: new Set(tools.map(({ name }) => name)),
    role,
    made: role.lines.filter(isMade),
    open: role.lines.filter((line) => !isMade(line)),
    complaints: input.slice(input.findLastIndex((item) => item.type === 'function_call_output') + 1).filter(isComplaint)
      .length,
    oldId: input.find((item) => item.type === 'function_call')?.call_id,
  }

  function isComplaint(item: Items[number]): boolean {
    return item !== first && 'role' in item && item.role === 'user'
  }
}

function callsThatRan(input: Items): ReadonlySet<string> {
  const results = new Map(
    input.flatMap((item) =>
      item.type === 'function_call_output' && typeof item.output === 'string' ? [[item.call_id, item.output]] : [],
    ),
  )
  const calls = input.flatMap((item) => (item.type === 'function_call' ? [item] : []))
  const ran = calls.filter(({ call_id }) => !/^Not (executed|sent)/.test(results.get(call_id) ?? ''))
  return new Set(ran.map((call) => `${call.name} ${call.arguments}`))
}
