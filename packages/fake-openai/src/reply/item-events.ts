import { piecesOf } from '../script/reply-text.ts'
import { own } from '../script/own.ts'
import { contentEvents, listOf, type Place, summaryEvents, type WireEvents } from './part-events.ts'
import type { WireItem } from './response.ts'

export type { WireEvent } from './part-events.ts'

/** An item of any type; what a script gave as it stands may have any fields. */
type Item = WireItem & Readonly<Record<string, unknown>>

/** How an item of one type is streamed. */
interface Kind {
  /** What it has less when it is added than when it is done. */
  readonly opened?: (item: Item) => object
  /** What is told of it in between. */
  readonly inside?: (item: Item, place: Place, deltas: number | undefined) => WireEvents
}

/** Streams one item of a response: it is added, told piece by piece, and done. */
export function* itemEvents(given: WireItem, index: number, deltas: number | undefined): WireEvents {
  // A script's items have more fields than anybody looks at.
  const item = given as Item
  const at = { output_index: index }
  const { opened, inside } = own(kinds, item.type) ?? {}
  const begun = { ...item, ...('status' in item && { status: 'in_progress' }), ...opened?.(item) }
  yield { type: 'response.output_item.added', ...at, item: begun }
  if (inside) yield* inside(item, { ...at, item_id: item.id }, deltas)
  yield { type: 'response.output_item.done', ...at, item }
}

/** The types of items that are told piece by piece; all others are added and done. */
const kinds: Readonly<Partial<Record<string, Kind>>> = {
  message: { opened: () => ({ content: [] }), inside: ({ content }, ...at) => contentEvents(content, ...at) },
  reasoning: {
    opened: ({ content }) => ({ summary: [], ...(content !== undefined && { content: [] }) }),
    *inside({ summary, content }, ...at) {
      yield* summaryEvents(summary, ...at)
      yield* contentEvents(content, ...at)
    },
  },
  function_call: {
    opened: () => ({ arguments: '' }),
    inside: ({ name, arguments: written }, at) =>
      writingEvents('response.function_call_arguments', { arguments: written }, at, { name }),
  },
  custom_tool_call: {
    opened: () => ({ input: '' }),
    inside: ({ input }, at) => writingEvents('response.custom_tool_call_input', { input }, at),
  },
  mcp_call: {
    opened: () => ({ arguments: '', output: null, error: null }),
    *inside({ arguments: written, status, error }, at) {
      yield { type: 'response.mcp_call.in_progress', ...at }
      yield* writingEvents('response.mcp_call_arguments', { arguments: written }, at)
      yield { type: `response.mcp_call.${status === 'failed' || error ? 'failed' : 'completed'}`, ...at }
    },
  },
  mcp_list_tools: {
    opened: () => ({ tools: [] }),
    *inside({ error }, at) {
      yield { type: 'response.mcp_list_tools.in_progress', ...at }
      yield { type: `response.mcp_list_tools.${error ? 'failed' : 'completed'}`, ...at }
    },
  },
  web_search_call: { inside: (_, at) => steps('web_search_call', ['in_progress', 'searching', 'completed'], at) },
  file_search_call: {
    opened: () => ({ queries: [], results: null }),
    inside: (_, at) => steps('file_search_call', ['in_progress', 'searching', 'completed'], at),
  },
  image_generation_call: {
    opened: () => ({ result: null }),
    inside: (_, at) => steps('image_generation_call', ['in_progress', 'generating', 'completed'], at),
  },
  code_interpreter_call: {
    opened: () => ({ code: '', outputs: null }),
    *inside({ code }, at) {
      yield* steps('code_interpreter_call', ['in_progress'], at)
      yield* writingEvents('response.code_interpreter_call_code', { code }, at)
      yield* steps('code_interpreter_call', ['interpreting', 'completed'], at)
    },
  },
  shell_call: {
    opened: ({ action }) => ({ action: { ...(action as object), commands: [] } }),
    inside: ({ action }, at) => commandEvents(action, at),
  },
  shell_call_output: { opened: () => ({ output: [] }), inside: ({ output }, at) => outputEvents(output, at) },
}

/** The commands of a shell call; their events name no item. */
function* commandEvents(action: unknown, { output_index: index }: Place): WireEvents {
  const { commands } = (action ?? {}) as { readonly commands?: unknown }
  for (const [nth, command] of listOf(commands).entries()) {
    const at = { output_index: index, command_index: nth }
    yield { type: 'response.shell_call_command.added', ...at, command: '' }
    for (const delta of shortPieces(command)) yield { type: 'response.shell_call_command.delta', ...at, delta }
    yield { type: 'response.shell_call_command.done', ...at, command }
  }
}

/** What a command says comes by itself, after the command. */
function* outputEvents(output: unknown, at: Place): WireEvents {
  for (const [nth, said] of listOf(output).entries()) {
    const { stdout = '', stderr = '' } = said as { readonly stdout?: string; readonly stderr?: string }
    const place = { ...at, command_index: nth }
    for (const delta of [stdout && { stdout }, stderr && { stderr }])
      if (delta) yield { type: 'response.shell_call_output_content.delta', ...place, delta }
    yield { type: 'response.shell_call_output_content.done', ...place, output: [said] }
  }
}

/** Streams what a model writes into a call: pieces of it, then all of it under its name, with what else is said then. */
function* writingEvents(event: string, whole: Readonly<Record<string, unknown>>, at: Place, more = {}): WireEvents {
  const [text] = Object.values(whole)
  for (const delta of shortPieces(text)) yield { type: `${event}.delta`, ...at, delta }
  yield { type: `${event}.done`, ...at, ...more, ...whole }
}

function* steps(of: string, names: readonly string[], at: Place): WireEvents {
  for (const name of names) yield { type: `response.${of}.${name}`, ...at }
}

function shortPieces(text: unknown): readonly string[] {
  return typeof text === 'string' ? piecesOf(text, Math.ceil(text.length / 16)) : []
}
