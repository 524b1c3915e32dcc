import type { ModelEvent, ModelReply } from '@reprise/core'
import type { ChatCompletionChunk } from 'openai/resources/chat/completions'
import type { Reading, ReplyContext } from '../dialect/dialect.ts'
import { type EventFailure, eventError } from '../errors/event-error.ts'
import { CallFold } from './call-fold.ts'
import { extraOfMessage, joinExtra } from './extra.ts'
import { throwFailure, toReply, usageOf } from './reply.ts'
import { type Said, thoughtsIn, type WireMessage, wordsIn } from './said.ts'

/** Puts a reply together from its chunks. */
export class ChatReading implements Reading {
  readonly #context: ReplyContext
  readonly #calls = new CallFold()
  #said: Omit<Said, 'calls'> = {
    id: '',
    model: undefined,
    tier: undefined,
    thoughts: undefined,
    extra: undefined,
    text: '',
    refusal: '',
    finish: undefined,
    usage: undefined,
  }
  /** Whether usage came on its own, which is after all words. */
  #counted = false
  /** Whether the server says that this was all. */
  #ended = false
  started = false

  constructor(context: ReplyContext) {
    this.#context = context
  }

  take(event: unknown): ModelEvent | undefined {
    if (event === undefined) {
      this.#ended = true
      return this.whole ? { kind: 'reply', reply: this.end() } : undefined
    }
    // Some servers fill the time with events that say nothing.
    if (typeof event !== 'object' || event === null) return undefined
    const chunk = event as ChatCompletionChunk & { readonly error?: EventFailure }
    const failure = chunk.error || (isErrorObject(event) ? event : undefined)
    if (failure) throw eventError(failure, this.#context.requestId)
    const { id, model, service_tier: tier, usage } = chunk
    const said = this.#said
    const choice = chunk.choices?.[0]
    throwFailure(choice, this.#context)
    this.#counted ||= !choice && Boolean(usage)
    this.#said = {
      ...said,
      id: id || said.id,
      model: model || said.model,
      tier: tier ?? said.tier,
      finish: choice?.finish_reason || said.finish,
      usage: usageOf(usage) ?? said.usage,
    }
    return choice?.delta && this.#takeDelta(choice.delta)
  }

  /** Any of three tells: why it ended, what all of it used, or the agreed end after something was said. */
  get whole(): boolean {
    return Boolean(this.#said.finish) || this.#counted || (this.#ended && this.started)
  }

  end(): ModelReply {
    return toReply({ ...this.#said, calls: this.#calls.calls }, this.#context)
  }

  #takeDelta(delta: ChatCompletionChunk.Choice.Delta): ModelEvent | undefined {
    const message = delta as WireMessage
    const text = wordsIn(message)
    const thoughts = thoughtsIn(message)
    for (const call of delta.tool_calls ?? []) this.#calls.add(call)
    const { function_call: old } = delta
    // Some gateways end a reply with an empty one.
    if (old?.name || old?.arguments) this.#calls.add({ index: 0, function: old })
    const refusal = delta.refusal ?? ''
    const extra = extraOfMessage(message)
    this.started ||= text !== '' || refusal !== '' || thoughts !== undefined || (delta.tool_calls ?? []).length > 0
    const said = this.#said
    this.#said = {
      ...said,
      text: said.text + text,
      refusal: said.refusal + refusal,
      extra: joinExtra(said.extra, extra),
      thoughts: thoughts
        ? { ...said.thoughts, ...thoughts, text: (said.thoughts?.text ?? '') + thoughts.text }
        : said.thoughts,
    }
    return text === '' ? undefined : { kind: 'text', delta: text }
  }
}

/** The failure as some servers tell it: the whole event is the error. */
function isErrorObject(event: object): event is Exclude<EventFailure, string> {
  return 'object' in event && event.object === 'error'
}
