import type { Usage } from '@reprise/core'

/** Tokens as a server gives them: what it leaves out, or gives as something else than a number, is not known. */
export interface GivenUsage {
  readonly input: unknown
  readonly cached?: unknown
  readonly cacheWritten?: unknown
  readonly output: unknown
  readonly reasoning?: unknown
  readonly total?: unknown
}

/**
 * Tokens that agree with each other: no part is more than what it is a part of, and input and output make the server's
 * own total, where it gives one. Figures that had to be changed for that are marked.
 *
 * @returns undefined where the tokens read or written are not known.
 */
export function usageFrom(given: GivenUsage): Usage | undefined {
  const inputTokens = countOf(given.input)
  const said = countOf(given.output)
  if (inputTokens === undefined || said === undefined) return undefined
  const total = countOf(given.total)
  // Some servers count what the model thinks beside its output, and in the total.
  const outputTokens = total === undefined || total === 0 ? said : Math.max(0, total - inputTokens)
  const cachedTokens = Math.min(countOf(given.cached) ?? 0, inputTokens)
  const cacheWriteTokens = Math.min(countOf(given.cacheWritten) ?? 0, inputTokens - cachedTokens)
  const reasoningTokens = Math.min(countOf(given.reasoning) ?? 0, outputTokens)
  const adjusted =
    outputTokens !== said ||
    cachedTokens !== (given.cached ?? 0) ||
    cacheWriteTokens !== (given.cacheWritten ?? 0) ||
    reasoningTokens !== (given.reasoning ?? 0)
  return {
    inputTokens,
    cachedTokens,
    ...(cacheWriteTokens > 0 && { cacheWriteTokens }),
    outputTokens,
    reasoningTokens,
    ...(adjusted && { adjusted: true as const }),
  }
}

function countOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined
}
