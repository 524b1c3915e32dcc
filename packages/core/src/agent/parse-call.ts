// What a model's call comes to: a tool with its input, a handoff, or a complaint. Parsed once a call.
import type { CallItem } from '../contracts/item.ts'
import type { Post } from '../define/plan.ts'
import type { AnyTool } from '../define/tool.ts'
import { callDigest } from '../journal/fingerprint.ts'
import { isToken } from '../journal/secrets.ts'
import { explain } from '../schema/explain.ts'
import type { Issue } from '../schema/issue.ts'
import type { Digest } from '../words/digest.ts'
import { messageOf, ToolError } from '../words/errors.ts'
import type { Json } from '../words/json.ts'

/** A call as the runtime understands it. */
export type ParsedCall =
  | {
      readonly kind: 'tool'
      readonly tool: AnyTool
      /** The fingerprint of the tool and its arguments (invariant 4). */
      readonly asked: Digest
      /**
       * Gives the parsed arguments, to each attempt its own: a tool may change what it is given.
       *
       * @param reveal puts secrets in the place of tokens: only then are they held against the schema.
       * @throws ToolError when they break it.
       */
      readonly input: (reveal?: Reveal) => unknown
      /** Whether somebody must allow it; asked once a call. */
      readonly needsApproval: (context: Json) => boolean
    }
  | { readonly kind: 'handoff'; readonly to: string }
  | {
      readonly kind: 'bad'
      readonly code: 'duplicate_call_id' | 'unknown_tool' | 'bad_arguments'
      readonly told: string
    }

/** Puts secrets in the place of their tokens. */
export type Reveal = <T>(value: T) => T

const known = new WeakMap<CallItem, { readonly post: Post; readonly parsed: ParsedCall }>()

/** Parses a call against the tools of the agent that made it. */
export function parseCall(call: CallItem, post: Post): ParsedCall {
  const before = known.get(call)
  if (before?.post === post) return before.parsed
  const parsed = parse(call, post)
  known.set(call, { post, parsed })
  return parsed
}

function parse(call: CallItem, post: Post): ParsedCall {
  const { name, repeats } = call
  if (repeats !== undefined) {
    return bad(
      'duplicate_call_id',
      `Not executed: the call id "${repeats}" was used twice in one reply. Call ${name} again if you meant two calls.`,
    )
  }
  const to = post.handoffs.get(name)
  if (to !== undefined) return { kind: 'handoff', to }
  const tool = post.tools.get(name)
  if (!tool) {
    const names = [...post.tools.keys(), ...post.handoffs.keys()]
    return bad('unknown_tool', `Not executed: there is no tool "${name}". You can call: ${names.join(', ') || 'none'}.`)
  }
  return parseArguments(call, tool)
}

function parseArguments(call: CallItem, tool: AnyTool): ParsedCall {
  let value: unknown
  try {
    value = readArguments(call)
  } catch (error) {
    return bad(
      'bad_arguments',
      `Not executed: the arguments of ${tool.name} are not JSON (${messageOf(error)}). Call it again with one JSON object.`,
    )
  }
  const first = tool.input.decodeHidden(value)
  if (!first.ok) return bad('bad_arguments', sayWrong(tool, first.issues))
  const unused = [first.value]
  const input = (reveal?: Reveal): unknown =>
    reveal ? readRevealed(call, tool, reveal) : (unused.pop() ?? readAgain(call, tool))
  return { kind: 'tool', tool, asked: callDigest(tool.name, first.value), input, needsApproval: approvalOf(call, tool) }
}

/** A function that cannot say no leaves it to a person. */
function approvalOf(call: CallItem, tool: AnyTool): (context: Json) => boolean {
  const { approval } = tool
  if (typeof approval === 'boolean') return () => approval
  let needed: boolean | undefined
  return (context) => {
    try {
      needed ??= approval(readAgain(call, tool), { context })
    } catch {
      needed = true
    }
    return needed
  }
}

/** A model that has nothing to say sometimes sends nothing at all. */
function readArguments(call: CallItem): unknown {
  return JSON.parse(call.arguments || '{}')
}

function readAgain(call: CallItem, tool: AnyTool): unknown {
  const decoded = tool.input.decodeHidden(readArguments(call))
  return decoded.ok ? decoded.value : undefined
}

function readRevealed(call: CallItem, tool: AnyTool, reveal: Reveal): unknown {
  const value = reveal(readArguments(call))
  const { secrets } = tool.input
  const [odd] = secrets
    ? ([...secrets.at(value)].find(([, text]) => typeof text === 'string' && isToken(text)) ?? [])
    : []
  if (odd !== undefined)
    throw refused(`Not executed: ${odd} is a token that stands for nothing here. Copy it as it was.`)
  const decoded = tool.input.decode(value)
  if (decoded.ok) return decoded.value
  throw refused(sayWrong(tool, decoded.issues))
}

function refused(message: string): ToolError {
  return new ToolError({ code: 'bad_arguments', message })
}

function sayWrong({ name }: AnyTool, issues: readonly Issue[]): string {
  return `Not executed: the arguments of ${name} are wrong.\n${explain(issues)}\nCall it again with these mended.`
}

function bad(code: Extract<ParsedCall, { kind: 'bad' }>['code'], told: string): ParsedCall {
  return { kind: 'bad', code, told }
}
