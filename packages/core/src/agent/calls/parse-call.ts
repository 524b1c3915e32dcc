// What a model's call comes to: a tool with its input, a handoff, or a complaint. Parsed once a call and verdict.
import type { RunFormat } from '../../contracts/entry.ts'
import type { CallItem } from '../../contracts/item.ts'
import type { Handoff } from '../../define/handoff.ts'
import type { AgentPlan } from '../../define/plan.ts'
import type { AnyTool } from '../../define/tool.ts'
import { callDigest } from '../../journal/fingerprint.ts'
import { FORMAT } from '../../journal/format.ts'
import { explain } from '../../schema/explain.ts'
import type { Issue } from '../../schema/issue.ts'
import type { Digest } from '../../values/digest.ts'
import { messageOf, ToolError } from '../../values/errors.ts'
import type { Json } from '../../values/json.ts'
import { refuseWritten } from '../../values/read-json.ts'
import { toJson } from '../../values/to-json.ts'
import { type CallInput, readInput } from './call-input.ts'
import type { Remark } from './remark.ts'
import { type Reveal, revealAt, revealOnly, strayToken } from './reveal.ts'
import type { AgentState, CallState, CallVerdict } from '../state/state.ts'

/** A call as the runtime understands it. */
export type ParsedCall =
  | {
      readonly kind: 'tool'
      readonly tool: AnyTool
      /** The fingerprint of the tool and its input (invariant 4). */
      readonly callDigest: Digest
      /** What a verdict records of the input; undefined where it follows from the arguments. */
      readonly kept: Json | undefined
      /**
       * Gives the input, to each attempt its own: a tool may change what it is given.
       *
       * @param reveal puts secrets in the place of tokens: only then are they held against the schema.
       * @throws ToolError when they break it.
       */
      readonly input: (reveal?: Reveal) => unknown
      /**
       * Whether somebody must allow it; asked once a call.
       *
       * @param reveal puts secrets in the place of tokens: what is judged is what will run.
       */
      readonly needsApproval: (context: Json, reveal?: Reveal) => boolean
      /** What is to be said of the tool to whoever wrote it. */
      readonly remarks: () => readonly Remark[]
    }
  | {
      readonly kind: 'handoff'
      readonly to: string
      readonly handoff: Handoff
      /** What is handed over, as its schema gives it; undefined without one. */
      readonly payload: Json | undefined
    }
  | {
      readonly kind: 'bad'
      readonly code: 'duplicate_call_id' | 'unknown_tool' | 'bad_arguments'
      readonly told: string
      /** What is to be said of the tool to whoever wrote it. */
      readonly remark?: Remark
    }

/** What is recorded of a call, and of the agent that made it. */
export interface Recorded {
  /** Of the journal. */
  readonly format: RunFormat
  readonly verdict: CallVerdict | null
  /** The parameters of a tool as the model was told them, as JSON. */
  readonly parametersOf: (tool: string) => string | undefined
}

const NOTHING: Recorded = { format: FORMAT, verdict: null, parametersOf: () => undefined }

const known = new WeakMap<
  CallItem,
  { readonly agentPlan: AgentPlan; readonly verdict: CallVerdict | null; readonly parsed: ParsedCall }
>()

/** Parses a call of a run's current reply, as somebody has changed it, against the tools of the agent that made it. */
export function parseOf(
  { format, holder }: Pick<AgentState, 'format' | 'holder'>,
  { call, edited, verdict }: Pick<CallState, 'call' | 'verdict'> & Partial<Pick<CallState, 'edited'>>,
  agentPlan: AgentPlan,
): ParsedCall {
  const parametersOf = (name: string): string | undefined =>
    JSON.stringify(holder?.card.tools.find((card) => card.name === name)?.parameters)
  return parseCall(edited?.call ?? call, agentPlan, { format, verdict, parametersOf })
}

/** Parses a call against the tools of the agent that made it. */
export function parseCall(call: CallItem, agentPlan: AgentPlan, recorded: Recorded = NOTHING): ParsedCall {
  const { verdict } = recorded
  const before = known.get(call)
  const isSame = before?.agentPlan === agentPlan && (before.verdict === verdict || followsAlike(before.parsed, verdict))
  const parsed = isSame ? before.parsed : parse(call, agentPlan, recorded)
  if (before?.verdict !== verdict || !isSame) known.set(call, { agentPlan, verdict, parsed })
  return parsed
}

/** Whether a verdict says of the input what the call was read as before it. */
function followsAlike(parsed: ParsedCall, verdict: CallVerdict | null): boolean {
  if (parsed.kind !== 'tool') return false
  return (
    verdict !== null &&
    verdict.input === undefined &&
    parsed.kept === undefined &&
    verdict.callDigest === parsed.callDigest
  )
}

function parse(call: CallItem, agentPlan: AgentPlan, recorded: Recorded): ParsedCall {
  const { name, repeats } = call
  if (repeats !== undefined) {
    return bad(
      'duplicate_call_id',
      `Not executed: the call id "${repeats}" was used twice in one reply. Call ${name} again if you meant two calls.`,
    )
  }
  const handoff = agentPlan.ways.get(name)
  if (handoff) return parseHandoff(call, handoff)
  const tool = agentPlan.tools.get(name)
  if (!tool) {
    const names = [...agentPlan.tools.keys(), ...agentPlan.ways.keys()]
    return bad('unknown_tool', `Not executed: there is no tool "${name}". You can call: ${names.join(', ') || 'none'}.`)
  }
  return recorded.format > 1 ? parseTool(call, tool, recorded) : parseFirst(call, tool)
}

/** Without a payload whatever the model gave along counts for nothing. */
function parseHandoff(call: CallItem, handoff: Handoff): ParsedCall {
  const to = handoff.agent.name
  if (!handoff.payload) return { kind: 'handoff', to, handoff, payload: undefined }
  const { name } = call
  let written: unknown
  try {
    written = readWritten(call, { name })
  } catch (error) {
    return bad('bad_arguments', error instanceof ToolError ? error.message : sayNoJson({ name }, error))
  }
  const decoded = handoff.payload.decode(written)
  if (!decoded.ok) return bad('bad_arguments', sayWrong({ name }, decoded.issues))
  return { kind: 'handoff', to, handoff, payload: toJson(decoded.value).json }
}

function parseTool(call: CallItem, tool: AnyTool, { verdict, parametersOf }: Recorded): ParsedCall {
  const toldAlike = (): boolean => parametersOf(tool.name) === JSON.stringify(tool.card.parameters)
  let read: CallInput | readonly Issue[]
  try {
    read = readInput({ call, tool, verdict, toldAlike, parse: () => readWritten(call, tool) })
  } catch (error) {
    return bad('bad_arguments', error instanceof ToolError ? error.message : sayNoJson(tool, error))
  }
  if (!('give' in read)) return wrong(tool, read)
  const { callDigest, kept, give, remark } = read
  const input = (reveal?: Reveal): unknown => (reveal ? revealed(call, tool, read, reveal) : give())
  const { needsApproval, remarks } = approvalOf(tool, input)
  return {
    kind: 'tool',
    tool,
    callDigest,
    kept,
    input,
    needsApproval,
    remarks: () => [...(remark === undefined ? [] : [remark]), ...remarks()],
  }
}

function revealed(call: CallItem, tool: AnyTool, input: CallInput, reveal: Reveal): unknown {
  const given = readArguments(call)
  checkTokens(tool, given, reveal)
  const shown = revealAt(tool, given, reveal)
  // Where nothing is put in, nothing is to be held against the schema again.
  if (shown === given) return input.give()
  return input.reveal(revealOnly(tool, given, reveal), () => decodeRevealed(tool, shown))
}

function checkTokens(tool: AnyTool, given: unknown, reveal: Reveal): void {
  const stray = strayToken(tool, given, reveal)
  if (stray === undefined) return
  throw refused(`Not executed: ${stray} is a token that stands for nothing here. Copy it as it was.`)
}

function decodeRevealed(tool: AnyTool, value: unknown): unknown {
  const decoded = tool.input.decode(value)
  if (decoded.ok) return decoded.value
  throw refused(sayWrong(tool, decoded.issues))
}

type Named = Pick<AnyTool, 'name'>

interface Asking {
  readonly needsApproval: (context: Json, reveal?: Reveal) => boolean
  readonly remarks: () => readonly Remark[]
}

/** A function that cannot say no leaves it to a person; it is asked once, as soon as what will run is known. */
function approvalOf({ name, approval }: AnyTool, input: (reveal?: Reveal) => unknown): Asking {
  if (typeof approval === 'boolean') return { needsApproval: () => approval, remarks: () => [] }
  const needed = new Map<boolean, boolean>()
  let isLate = false
  const ask = (context: Json, reveal?: Reveal): boolean => {
    try {
      // Types say that it is true or false; JavaScript does not.
      const said: unknown = approval(input(reveal), { context: reveal ? reveal(context) : context })
      isLate = said instanceof Promise
      // Nobody waits for it, and a rejection must not end the process.
      if (said instanceof Promise) said.catch(() => undefined)
      return Boolean(said)
    } catch {
      return true
    }
  }
  const about = `Tool "${name}": its approval`
  const line = `${about} gave a promise, which nobody awaits, so that every call of it must be allowed. Let it say true or false at once.`
  const needsApproval = (context: Json, reveal?: Reveal): boolean => {
    const isRevealed = reveal !== undefined
    const known = needed.get(isRevealed) ?? ask(context, reveal)
    needed.set(isRevealed, known)
    return known
  }
  return { needsApproval, remarks: () => (isLate ? [{ about, line }] : []) }
}

/** A call in a journal of the first format: decoded anew by each attempt and each process. */
function parseFirst(call: CallItem, tool: AnyTool): ParsedCall {
  let value: unknown
  try {
    value = readArguments(call)
  } catch (error) {
    return bad('bad_arguments', sayNoJson(tool, error))
  }
  const first = tool.input.decodeHidden(value)
  if (!first.ok) return wrong(tool, first.issues)
  const unused = [first.value]
  const readAgain = (): unknown => {
    const decoded = tool.input.decodeHidden(readArguments(call))
    return decoded.ok ? decoded.value : undefined
  }
  const readRevealed = (reveal: Reveal): unknown => {
    const given = readArguments(call)
    checkTokens(tool, given, reveal)
    return decodeRevealed(tool, revealAt(tool, given, reveal))
  }
  return {
    kind: 'tool',
    tool,
    callDigest: callDigest(tool.name, first.value),
    kept: undefined,
    input: (reveal) => (reveal ? readRevealed(reveal) : (unused.pop() ?? readAgain())),
    ...approvalOf(tool, (reveal) => (reveal ? readRevealed(reveal) : readAgain())),
  }
}

/** As the model wrote them: what would be something else here is refused. */
function readWritten(call: CallItem, tool: Named): unknown {
  const value = readArguments(call)
  const complaint = refuseWritten(call.arguments, value)
  if (complaint === undefined) return value
  throw refused(
    `Not executed: the arguments of ${tool.name} cannot be taken as they are written: ${complaint} Call it again with this mended.`,
  )
}

/** A model that has nothing to say sometimes sends nothing at all. */
function readArguments(call: CallItem): unknown {
  return JSON.parse(call.arguments || '{}')
}

function refused(message: string): ToolError {
  return new ToolError({ code: 'bad_arguments', message })
}

function sayNoJson({ name }: Named, error: unknown): string {
  return `Not executed: the arguments of ${name} are not JSON (${messageOf(error)}). Call it again with one JSON object.`
}

function sayWrong({ name }: Named, issues: readonly Issue[]): string {
  return `Not executed: the arguments of ${name} are wrong.\n${explain(issues)}\nCall it again with these mended.`
}

function wrong(tool: AnyTool, issues: readonly Issue[]): ParsedCall {
  const fault = issues.find((issue) => issue.fault !== undefined)?.fault
  const said = bad('bad_arguments', sayWrong(tool, issues))
  const about = `Tool "${tool.name}": its input schema`
  return fault === undefined ? said : { ...said, remark: { about, line: `${about} ${fault}` } }
}

function bad(code: Extract<ParsedCall, { kind: 'bad' }>['code'], told: string): Extract<ParsedCall, { kind: 'bad' }> {
  return { kind: 'bad', code, told }
}
