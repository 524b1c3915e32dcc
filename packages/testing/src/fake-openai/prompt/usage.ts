import { argumentsText } from '../../scripted-reply.ts'
import type { ResponsesBody } from '../responses/body.ts'
import type { FakeModel } from '../models/models.ts'
import type { FakeLane, FakeReply } from '../script.ts'
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

/** What a message and a call cost on top of their words; fitted to recorded usage. */
const MESSAGE = 1
const CALL = 8

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
   * Charges for a reply to a prompt, which is in the model's prompt cache from now on. A batch does not use the cache,
   * unless its model is of GPT-6.
   */
  charge(prompt: Prompt, model: FakeModel, reply: FakeReply, lane: FakeLane = 'live'): WireUsage {
    const isCached = lane === 'live' || model.gpt6
    const { cached, written } = isCached ? this.#cache.use(model.snapshot, prompt) : { cached: 0, written: 0 }
    const { reasoningTokens = 0 } = reply
    const output = reasoningTokens + this.#output(reply)
    return {
      input_tokens: prompt.tokens,
      input_tokens_details: { cached_tokens: cached, cache_write_tokens: model.gpt6 ? written : 0 },
      output_tokens: output,
      output_tokens_details: { reasoning_tokens: reasoningTokens },
      total_tokens: prompt.tokens + output,
    }
  }

  /** Cuts a reply where it has written as many tokens as it may: the rest of it is not said. */
  cut(reply: FakeReply, maxTokens: number): FakeReply {
    const { reasoningTokens = 0, text = '', refusal = '', calls = [] } = reply
    if (reasoningTokens + this.#output(reply) <= maxTokens) return reply
    const left = new Allowance(this.#tokenize, Math.max(0, maxTokens - reasoningTokens))
    const { text: _text, refusal: _refusal, calls: _calls, ...rest } = reply
    return {
      ...rest,
      reasoningTokens: Math.min(reasoningTokens, maxTokens),
      text: left.write(text, MESSAGE),
      ...(refusal !== '' && left.tokens > 0 && { refusal: left.write(refusal, MESSAGE) }),
      calls: calls.flatMap((call) => {
        if (left.tokens <= CALL) return []
        return [{ ...call, arguments: left.write(argumentsText(call), CALL + this.#count(call.name)) }]
      }),
      finish: 'length',
    }
  }

  #output({ text = '', refusal = '', calls = [] }: FakeReply): number {
    const words = [text, refusal].filter((said) => said !== '').map((said) => MESSAGE + this.#count(said))
    const made = calls.map((call) => CALL + this.#count(call.name) + this.#count(argumentsText(call)))
    return [...words, ...made].reduce((sum, tokens) => sum + tokens, 0)
  }

  #count(text: string): number {
    return this.#tokenize(text).length
  }
}
