import type { JsonObject } from '../values/json.ts'
import type { HostedTool } from './hosted.ts'

/** Where the bytes of a picture or a file are: at an address (`https:` or `data:`), or at the service under an id. */
export type Media =
  | { readonly url: string; readonly fileId?: never }
  | { readonly fileId: string; readonly url?: never }

/** Words among pictures and files. */
export interface TextPart {
  readonly kind: 'text'
  readonly text: string
}

/** A picture that a user shows. */
export type ImagePart = Media & {
  readonly kind: 'image'
  /** How closely the model looks at it. @default 'auto' */
  readonly detail?: 'low' | 'high' | 'auto'
}

/** A file that a user gives, a PDF first of all. */
export type FilePart = Media & {
  readonly kind: 'file'
  /** With its ending, by which the service knows what it is. */
  readonly name?: string
}

/** What a user may give besides words, and what a tool may show. */
export type InputPart = TextPart | ImagePart | FilePart

/** What a user says with pictures or files. */
export interface UserInput {
  readonly text: string
  readonly parts?: readonly InputPart[]
}

/** What a user, or the runtime on the user's side, said. */
export interface UserItem {
  readonly kind: 'user'
  readonly text: string
  /** What comes with the words, after them and in this order. */
  readonly parts?: readonly InputPart[]
}

/** Where words of an answer come from. */
export type Citation =
  | { readonly kind: 'url'; readonly url: string; readonly title: string }
  | { readonly kind: 'file'; readonly fileId: string; readonly name: string }

/** What the model said in words. */
export interface AssistantItem {
  readonly kind: 'assistant'
  readonly text: string
  /** In the order of the words; absent where there are none. */
  readonly citations?: readonly Citation[]
  /** Whether it says something on the way or answers, where the model tells the two apart. */
  readonly phase?: 'commentary' | 'final_answer'
}

/** The model's own words for not answering. */
export interface RefusalItem {
  readonly kind: 'refusal'
  readonly text: string
}

/** A function call that the model asks for. */
export interface CallItem {
  readonly kind: 'call'
  /** Unique in its run; a result names it. */
  readonly callId: string
  readonly name: string
  /** The arguments as the model wrote them: text that may or may not be JSON. */
  readonly arguments: string
  /** The id that an earlier call of the same reply already bore, where the model used one id twice. */
  readonly repeats?: string
  /** Fields that the server gave beside the call and wants back with it, such as the signature of a thought. */
  readonly extra?: JsonObject
  /** The model that wrote it, where it has an `extra`: another one is not given that. */
  readonly from?: string
}

/** What came of a call, as the model is told. */
export interface ResultItem {
  readonly kind: 'result'
  readonly callId: string
  readonly output: string
  /** What the tool shows beside that, after it and in this order. */
  readonly parts?: readonly InputPart[]
}

/** What the model thought before it went on. It goes back as it came, since what follows builds on it. */
export interface ReasoningItem {
  readonly kind: 'reasoning'
  /** What may be read of it: a summary, or the thoughts themselves; '' where nothing may. */
  readonly text: string
  readonly id?: string
  /** The thoughts, as only the service can read them. */
  readonly encrypted?: string
  /** The field of the reply in which they came, where servers differ in that. */
  readonly field?: string
  /** Fields that the server gave beside its thoughts and wants back with the reply. */
  readonly extra?: JsonObject
  /** The model whose thoughts they are: another one is not given them. */
  readonly from?: string
}

/** What a tool of the service's own did while it answered. */
export interface HostedItem {
  readonly kind: 'hosted'
  readonly tool: HostedTool['kind']
  /** As the service wrote it: it goes back unchanged. */
  readonly item: JsonObject
}

/** What a model may put into a reply. */
export type ReplyItem = AssistantItem | RefusalItem | CallItem | ReasoningItem | HostedItem

/** One item of a conversation, in the order in which the model reads it. */
export type Item = UserItem | ReplyItem | ResultItem
