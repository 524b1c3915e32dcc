import { argumentsText } from '../script/reply-text.ts'
import type { ResponsesBody } from '../script/body.ts'
import type { FakeModel } from '../models/model.ts'
import type { FakeLane, FakeReply } from '../script/script.ts'
import { Allowance } from './allowance.ts'
import { PrefixCache } from './prefix-cache.ts'
import { type Prompt, PromptTree } from './prompt-tree.ts'
import { type Api, segmentsOf } from './segments.ts'
import type { Tokenize } from './tokenizer.ts'

/** The usage of a response, as the platform reports it. */
export interface WireUsage {
  readonly input_tokens: number
  readonly input_tokens_details: { readonly cached_tokens: number; readonly cache_write_tokens: number }
  readonly output_tokens: number
  readonly output_tokens_details: { readonly reasoning_tokens: number }
  readonly total_tokens: number
}

/** What a message and a call of a reply cost on top of their words; fitted to recorded usage of each API. */
const frames = {
  responses: { message: 1, call: 8 },
  chat: { message: 0, call: 7 },
} as const

/** How a reply is asked for. */
interface Way {
  readonly lane?: FakeLane
  readonly api?: Api
}

/** Counts what requests and replies use. */
export class Meter {
  readonly #tokenize: Tokenize
  readonly #tree = new PromptTree()
  readonly #cache: PrefixCache

  constructor(tokenize: Tokenize, cacheMinTokens: number) {
    this.#tokenize = tokenize
    this.#cache = new PrefixCache(cacheMinTokens)
  }

  /** Reads a request as the model would. */
  prompt(body: ResponsesBody, api: Api = 'responses'): Prompt {
    return this.#tree.read(segmentsOf(body, api, this.#tokenize))
  }

  /**
   * Charges for the replies to a prompt, which is in the model's prompt cache from now on. A batch does not use the cache,
   * unless its model does in batches, too.
   */
  charge(
    prompt: Prompt,
    model: FakeModel,
    replies: readonly FakeReply[],
    { lane = 'live', api = 'responses' }: Way = {},
  ): WireUsage {
    const isCached = lane === 'live' || model.cachesBatches
    const { cached, written } = isCached ? this.#cache.use(model.snapshot, prompt) : { cached: 0, written: 0 }
    const reasoningTokens = sum(replies.map((reply) => reply.reasoningTokens ?? 0))
    const output = reasoningTokens + sum(replies.map((reply) => this.#output(reply, api)))
    return {
      input_tokens: prompt.tokens,
      input_tokens_details: { cached_tokens: cached, cache_write_tokens: model.writesCache ? written : 0 },
      output_tokens: output,
      output_tokens_details: { reasoning_tokens: reasoningTokens },
      total_tokens: prompt.tokens + output,
    }
  }

  /** Cuts a reply where it has written as many tokens as it may: the rest of it is not said. */
  cut(reply: FakeReply, maxTokens: number, api: Api): FakeReply {
    const { reasoningTokens = 0, text = '', refusal = '', calls = [], ...rest } = reply
    if (reasoningTokens + this.#output(reply, api) <= maxTokens) return reply
    const left = new Allowance(this.#tokenize, Math.max(0, maxTokens - reasoningTokens))
    const { message, call: callFrame } = frames[api]
    const written = left.write(text, message)
    const refused = left.write(refusal, message)
    const made = calls.flatMap((call) => {
      const frame = callFrame + this.#count(call.name)
      return left.tokens > frame ? [{ ...call, arguments: left.write(argumentsText(call), frame) }] : []
    })
    return {
      ...rest,
      reasoningTokens: Math.min(reasoningTokens, maxTokens),
      text: written,
      ...(refused !== '' && { refusal: refused }),
      calls: made,
      finish: 'length',
    }
  }

  #output({ text = '', refusal = '', calls = [] }: FakeReply, api: Api): number {
    const { message, call: frame } = frames[api]
    const words = [text, refusal].filter((said) => said !== '').map((said) => message + this.#count(said))
    const made = calls.map((call) => frame + this.#count(call.name) + this.#count(argumentsText(call)))
    return sum([...words, ...made])
  }

  #count(text: string): number {
    return this.#tokenize(text).length
  }
}

function sum(tokens: readonly number[]): number {
  return tokens.reduce((total, each) => total + each, 0)
}
