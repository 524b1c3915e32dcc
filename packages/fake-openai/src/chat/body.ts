import type { SchemaNode } from '../script/body.ts'

/** A part of a message's content. */
export interface ChatPart {
  readonly type: string
  readonly text?: string
  readonly refusal?: string
  readonly image_url?: { readonly url: string; readonly detail?: string }
  readonly file?: { readonly file_id?: string; readonly filename?: string; readonly file_data?: string }
}

/** A call that goes back to the model: of a function, or of a custom tool. */
export interface ChatCall {
  readonly id: string
  readonly type: 'function' | 'custom'
  readonly function?: { readonly name: string; readonly arguments: string }
  readonly custom?: { readonly name: string; readonly input: string }
}

/** A custom tool, whose input is any text or one of a grammar. */
export interface ChatCustomTool {
  readonly name: string
  readonly description?: string
  readonly format?: {
    readonly type: string
    readonly grammar?: { readonly syntax: string; readonly definition: string }
  }
}

/** A message of a conversation. */
export interface ChatMessage {
  readonly role: 'system' | 'developer' | 'user' | 'assistant' | 'tool'
  readonly content?: string | readonly ChatPart[] | null
  readonly refusal?: string | null
  readonly tool_calls?: readonly ChatCall[]
  readonly tool_call_id?: string
}

/** A tool that the model may call. */
export interface ChatTool {
  readonly type: string
  readonly custom?: ChatCustomTool
  readonly function?: {
    readonly name: string
    readonly description?: string
    readonly parameters?: SchemaNode
    readonly strict?: boolean | null
  }
}

/** How a tool is chosen. */
export type ChatToolChoice =
  | string
  | {
      readonly type: string
      readonly function?: { readonly name: string }
      readonly custom?: { readonly name: string }
      readonly allowed_tools?: { readonly mode: string; readonly tools: readonly ChatTool[] }
    }

/** The body of a request to `/v1/chat/completions`: what the fake looks at. */
export interface ChatBody {
  readonly model: string
  readonly messages: readonly ChatMessage[]
  readonly tools?: readonly ChatTool[] | null
  readonly tool_choice?: ChatToolChoice | null
  readonly response_format?: {
    readonly type: string
    readonly json_schema?: { readonly name?: string; readonly schema?: SchemaNode; readonly strict?: boolean | null }
  }
  readonly max_completion_tokens?: number | null
  readonly max_tokens?: number | null
  readonly reasoning_effort?: string | null
  readonly n?: number | null
  readonly store?: boolean | null
  readonly metadata?: Readonly<Record<string, string>> | null
  readonly temperature?: number | null
  readonly top_p?: number | null
  readonly presence_penalty?: number | null
  readonly frequency_penalty?: number | null
  readonly seed?: number | null
  readonly user?: string | null
  readonly logprobs?: boolean | null
  readonly top_logprobs?: number | null
  readonly stop?: string | readonly string[] | null
  readonly stream?: boolean | null
  readonly stream_options?: { readonly include_usage?: boolean } | null
}
