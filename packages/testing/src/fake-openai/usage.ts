import { argumentsText, type ScriptedReply } from '../scripted-reply.ts'
import type { ResponsesBody } from './body.ts'
import type { FakeModel } from './models.ts'
import { PrefixCache } from './prefix-cache.ts'
import { type Prompt, PromptTree } from './prompt-tree.ts'
import { segmentsOf } from './segments.ts'
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
  prompt(body: ResponsesBody): Prompt {
    return this.#tree.read(segmentsOf(body, this.#tokenize))
  }

  /** Charges for a reply to a prompt, which is in the model's prompt cache from now on. */
  charge(prompt: Prompt, model: FakeModel, reply: ScriptedReply): WireUsage {
    const { cached, written } = this.#cache.use(model.snapshot, prompt)
    const output = this.#output(reply)
    return {
      input_tokens: prompt.tokens,
      input_tokens_details: { cached_tokens: cached, cache_write_tokens: model.countsCacheWrites ? written : 0 },
      output_tokens: output,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: prompt.tokens + output,
    }
  }

  #output({ text = '', refusal = '', calls = [] }: ScriptedReply): number {
    const count = (said: string) => this.#tokenize(said).length
    const words = [text, refusal].filter((said) => said !== '').map((said) => MESSAGE + count(said))
    const made = calls.map((call) => CALL + count(call.name) + count(argumentsText(call)))
    return [...words, ...made].reduce((sum, tokens) => sum + tokens, 0)
  }
}
