import type { ModelReply, Usage } from '@reprise/core'
import { type Fields, fieldsOf, isFields } from '../read/json.ts'

/** Reads tokens as Chat, Responses, LangChain or an old LangChain of JavaScript say them; undefined where none are there. */
export function usageSaid(given: unknown): Usage | undefined {
  if (!isFields(given)) return undefined
  const input = countOf(given, 'input_tokens', 'prompt_tokens', 'promptTokens')
  const output = countOf(given, 'output_tokens', 'completion_tokens', 'completionTokens')
  if (input === undefined || output === undefined) return undefined
  const read = detailsOf(given, 'input_tokens_details', 'prompt_tokens_details', 'input_token_details')
  const written = detailsOf(given, 'output_tokens_details', 'completion_tokens_details', 'output_token_details')
  const cacheWriteTokens = countOf(read, 'cache_write_tokens', 'cache_creation') ?? 0
  return {
    inputTokens: input,
    cachedTokens: countOf(read, 'cached_tokens', 'cache_read') ?? 0,
    ...(cacheWriteTokens > 0 && { cacheWriteTokens }),
    outputTokens: output,
    reasoningTokens: countOf(written, 'reasoning_tokens', 'reasoning') ?? 0,
  }
}

function detailsOf(given: Fields, ...names: readonly string[]): Fields {
  return fieldsOf(names.map((name) => given[name]).find(isFields))
}

function countOf(given: Fields, ...names: readonly string[]): number | undefined {
  const count = names.map((name) => given[name]).find((value) => typeof value === 'number')
  return count !== undefined && Number.isSafeInteger(count) && count >= 0 ? count : undefined
}

/** Why a reply ended, by any service's word for it. */
export function finishSaid(word: unknown): Pick<ModelReply, 'finish' | 'finishWord'> {
  switch (word) {
    case undefined:
    case null:
    case 'stop':
    case 'tool_calls':
    case 'tool_call':
    case 'function_call':
    case 'completed':
    case 'end_turn':
    case 'tool_use':
      return { finish: 'stop' }
    case 'length':
    case 'max_output_tokens':
    case 'max_tokens':
      return { finish: 'length' }
    case 'content_filter':
      return { finish: 'content-filter' }
    default:
      return { finish: 'other', finishWord: String(word) }
  }
}
