import { ApiError } from '../http/api-error.ts'
import { loadTokenizer, type Tokenize } from '../prompt/tokenizer.ts'
import type { WireUsage } from '../prompt/usage.ts'
import type { EmbeddingsRequest } from './validate-embeddings.ts'
import { vectorOf } from './vector.ts'

const MAX_TOKENS = 8192
const MAX_TOKENS_TOGETHER = 300_000

/** Embeddings as they are sent, and what they use. */
export interface Embeddings {
  readonly body: object
  readonly usage: WireUsage
}

let loaded: Promise<Tokenize> | undefined

/**
 * Makes the embeddings of a right request.
 *
 * @throws ApiError where its texts are too long.
 */
export async function embed({ model, inputs, dimensions, encoding }: EmbeddingsRequest): Promise<Embeddings> {
  const tokenize = await (loaded ??= loadTokenizer('cl100k_base'))
  const tokens = inputs.map((input) => (typeof input === 'string' ? tokenize(input) : input))
  const longest = Math.max(...tokens.map(({ length }) => length))
  const all = tokens.reduce((sum, { length }) => sum + length, 0)
  if (longest > MAX_TOKENS) {
    const message = `This model's maximum context length is ${MAX_TOKENS} tokens, however you requested ${longest} tokens (${longest} in your prompt; 0 for the completion). Please reduce your prompt; or completion length.`
    throw new ApiError(message)
  }
  if (all > MAX_TOKENS_TOGETHER) {
    const code = 'max_tokens_per_request'
    throw new ApiError(`Requested ${all} tokens, max ${MAX_TOKENS_TOGETHER} tokens per request`, { type: code, code })
  }
  const data = tokens.map((each, index) => {
    const vector = vectorOf(each, dimensions)
    const embedding = encoding === 'float' ? [...vector] : Buffer.from(vector.buffer).toString('base64')
    return { object: 'embedding', index, embedding }
  })
  return {
    body: { object: 'list', data, model: model.snapshot, usage: { prompt_tokens: all, total_tokens: all } },
    usage: {
      input_tokens: all,
      input_tokens_details: { cached_tokens: 0, cache_write_tokens: 0 },
      output_tokens: 0,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: all,
    },
  }
}
