import type { JsonObject } from '@reprise/core'

/** A part of a message's content. */
export interface ContentPart {
  readonly type: string
  readonly text?: string
  readonly refusal?: string
  readonly image_url?: string | null
  readonly detail?: string | null
  readonly file_id?: string | null
  readonly filename?: string | null
  readonly file_data?: string | null
  readonly file_url?: string | null
}

/** A message in a request's input. */
export interface MessageInput {
  readonly type?: 'message'
  readonly id?: string
  readonly role: 'user' | 'assistant' | 'system' | 'developer'
  readonly content: string | readonly ContentPart[]
}

/** A call that goes back to the model. */
export interface CallInput {
  readonly type: 'function_call'
  readonly id?: string
  readonly call_id: string
  readonly name: string
  readonly arguments: string
}

/** What came of a call. */
export interface CallOutputInput {
  readonly type: 'function_call_output'
  readonly id?: string
  readonly call_id: string
  readonly output: string | readonly ContentPart[]
}

/** The items that the fake takes and passes on; a reference reaches no script. All but custom calls count as nothing. */
export const hostedItemTypes = [
  'reasoning',
  'item_reference',
  'web_search_call',
  'file_search_call',
  'code_interpreter_call',
  'image_generation_call',
  'mcp_list_tools',
  'mcp_approval_request',
  'mcp_approval_response',
  'mcp_call',
  'compaction',
  'compaction_trigger',
  'computer_call',
  'computer_call_output',
  'custom_tool_call',
  'custom_tool_call_output',
  'local_shell_call',
  'local_shell_call_output',
  'shell_call',
  'shell_call_output',
  'apply_patch_call',
  'apply_patch_call_output',
  'tool_search_call',
  'tool_search_output',
  'additional_tools',
  'program',
  'program_output',
] as const

/** The type of an item that is neither a message nor about a function. */
export type HostedItemType = (typeof hostedItemTypes)[number]

/** An item that only the platform understands. */
export interface HostedInput {
  readonly type: Exclude<HostedItemType, 'custom_tool_call' | 'custom_tool_call_output'>
  readonly id?: string
}

/** A call of a custom tool, whose input is no JSON. */
export interface CustomCallInput {
  readonly type: 'custom_tool_call'
  readonly id?: string
  readonly call_id: string
  readonly name: string
  readonly input: string
}

/** What came of a call of a custom tool. */
export interface CustomOutputInput {
  readonly type: 'custom_tool_call_output'
  readonly id?: string
  readonly call_id: string
  readonly output: string | readonly ContentPart[]
}

/** An item of a request's input. */
export type InputItem = MessageInput | CallInput | CallOutputInput | CustomCallInput | CustomOutputInput | HostedInput

/** Whether an item is a message: it need not say so. */
export function isMessage(item: InputItem): item is MessageInput {
  return (item.type ?? 'message') === 'message'
}

/** Whether an item is a call that the caller answers. */
export function isCall(item: InputItem): item is CallInput | CustomCallInput {
  return item.type === 'function_call' || item.type === 'custom_tool_call'
}

/** Whether an item is what came of a call that the caller answers. */
export function isOutput(item: InputItem): item is CallOutputInput | CustomOutputInput {
  return item.type === 'function_call_output' || item.type === 'custom_tool_call_output'
}

/** A function that the model may call. */
export interface FunctionTool {
  readonly type: 'function'
  readonly name: string
  readonly description?: string | null
  readonly parameters?: SchemaNode | null
  readonly strict?: boolean | null
}

/** The tools that the platform runs itself: the fake takes them and lets scripts speak for them. */
export const hostedToolTypes = [
  'web_search',
  'web_search_2025_08_26',
  'web_search_preview',
  'web_search_preview_2025_03_11',
  'file_search',
  'code_interpreter',
  'image_generation',
  'mcp',
  'computer',
  'computer_use_preview',
  'custom',
  'local_shell',
  'shell',
  'apply_patch',
  'tool_search',
  'namespace',
  'programmatic_tool_calling',
] as const

/** A tool that the platform runs itself, or a custom one, which has a name. */
export interface HostedTool {
  readonly type: (typeof hostedToolTypes)[number]
  readonly name?: string
}

/** A JSON Schema as it comes over the wire. */
export interface SchemaNode {
  readonly type?: string | readonly string[]
  readonly title?: string
  readonly description?: string
  readonly properties?: Readonly<Record<string, SchemaNode>>
  readonly required?: readonly string[]
  readonly additionalProperties?: unknown
  readonly items?: SchemaNode
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly SchemaNode[]
  readonly $defs?: Readonly<Record<string, SchemaNode>>
  readonly $ref?: string
  readonly const?: unknown
}

/** How a tool is chosen. */
export type ToolChoice =
  | string
  | {
      readonly type: string
      readonly name?: string
      readonly mode?: string
      readonly tools?: readonly { readonly type: string; readonly name?: string }[]
    }

/** The format that an answer must have. */
export interface TextFormat {
  readonly type: string
  readonly name?: string
  readonly description?: string | null
  readonly schema?: SchemaNode
  readonly strict?: boolean | null
}

/** A right request in the words of `POST /v1/responses`. Its input is the whole conversation. */
export interface ResponsesBody {
  readonly model: string
  readonly input: readonly InputItem[]
  readonly instructions?: string | null
  readonly tools?: readonly FunctionTool[]
  /** The tools that are no functions. */
  readonly hosted_tools?: readonly HostedTool[]
  readonly tool_choice?: ToolChoice
  readonly text?: { readonly format?: TextFormat; readonly verbosity?: string | null } | null
  readonly stop?: string | readonly string[] | null
  /** How many replies are asked for: of Chat Completions alone. */
  readonly n?: number | null
  readonly stream?: boolean | null
  readonly store?: boolean | null
  readonly temperature?: number | null
  readonly top_p?: number | null
  readonly max_output_tokens?: number | null
  readonly parallel_tool_calls?: boolean | null
  readonly reasoning?: { readonly effort?: string | null; readonly summary?: string | null } | null
  readonly metadata?: JsonObject | null
  readonly user?: string | null
  readonly background?: boolean | null
  readonly previous_response_id?: string | null
  readonly conversation?: string | { readonly id: string } | null
  readonly prompt_cache_key?: string | null
  readonly service_tier?: string | null
  readonly safety_identifier?: string | null
  readonly prompt_cache_retention?: string | null
  readonly max_tool_calls?: number | null
  readonly top_logprobs?: number | null
  readonly truncation?: string | null
}
