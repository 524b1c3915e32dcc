/** What a user, or the runtime on the user's side, said. */
export interface UserItem {
  readonly kind: 'user'
  readonly text: string
}

/** What the model said in words. */
export interface AssistantItem {
  readonly kind: 'assistant'
  readonly text: string
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
}

/** What came of a call, as the model is told. */
export interface ResultItem {
  readonly kind: 'result'
  readonly callId: string
  readonly output: string
}

/** One item of a conversation, in the order in which the model reads it. */
export type Item = UserItem | AssistantItem | RefusalItem | CallItem | ResultItem

/** What a model may put into a reply. */
export type ReplyItem = AssistantItem | RefusalItem | CallItem
