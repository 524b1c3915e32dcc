import type { Item } from '../contracts/item.ts'
import { badArgument, checkOptions } from './argument.ts'
import { checkCount } from './names.ts'

/** When a conversation is compacted. */
export interface CompactOptions {
  /**
   * From how many tokens of the next request on, where it pays by what the run may still ask; whatever it says, a request
   * that would not fit into what its model reads is compacted. @default only then
   */
  readonly whenTokens?: number
}

/** What `trimResults` takes. */
export interface TrimOptions extends CompactOptions {
  /** So many of the newest results stay whole; of more than its model can read, the last one. 1 or more. @default 4 */
  readonly keep?: number
}

/** What `summarize` takes. */
export interface SummaryOptions extends CompactOptions {
  /** So many tokens of the newest turns stay as they are, and the last turn in any case. @default a quarter of where it begins */
  readonly keepTokens?: number
  /** The model that writes the summary, by its name. @default the agent's, which has most of it in its prompt cache */
  readonly model?: string
  /** The most tokens of a summary. @default 1024 */
  readonly maxTokens?: number
  /** What the summary is to hold, for its model. @default what was asked for, done, found out and left to do */
  readonly instructions?: string
}

/** A way to make a conversation shorter: what `trimResults`, `summarize` and `compactBy` give. */
export type Compact =
  | ({ readonly kind: 'compact'; readonly way: 'trim'; readonly keep: number } & CompactOptions)
  | ({
      readonly kind: 'compact'
      readonly way: 'summary'
      readonly keepTokens: number | undefined
      readonly model: string | undefined
      readonly maxTokens: number
      readonly instructions: string
    } & CompactOptions)
  | ({ readonly kind: 'compact'; readonly way: 'function'; readonly by: CompactFunction } & CompactOptions)

/**
 * Gives a conversation that says the same in fewer words. It must follow from the items alone and change none of them: it may
 * be asked more than once. A call stays with its result, and a thought with what came of it.
 */
export type CompactFunction = (items: readonly Item[]) => readonly Item[]

const SUMMARY = [
  'The conversation has grown too long. Sum up all of it so far, so that the work can go on from your words alone.',
  'Say what was asked for and decided, what was done and must not be done again, what was found out (with ids, names, amounts and dates as they were), what failed, and what is left to do.',
  'Say nothing that did not stand there, and call no tool.',
].join(' ')

/**
 * Compacts by taking the middle out of old results of tools: the newest stay whole, and an agent that has `read_result` can
 * read on in the others. It asks no model.
 *
 * @throws DefinitionError when a number is out of range.
 * @example
 * ```ts
 * import { defineAgent, trimResults } from '@reprise/core'
 *
 * const clerk = defineAgent({
 *   name: 'clerk',
 *   model: 'gpt-4.1-mini',
 *   instructions: 'Work through the queue.',
 *   compact: trimResults({ whenTokens: 100_000, keep: 6 }),
 * })
 * ```
 */
export function trimResults(options: TrimOptions = {}): Compact {
  checkOptions('trimResults was given options', options, 'Give it { whenTokens, keep }, or nothing.')
  const { keep = 4 } = options
  checkCount('trimResults', 'keep', keep)
  return { kind: 'compact', way: 'trim', keep, ...whenOf('trimResults', options) }
}

/**
 * Compacts by a summary of all but the newest turns, written by a model: an ask of the run's own, recorded and counted with
 * it. The first and the newest words of the user stay as they are.
 *
 * @throws DefinitionError when a number is out of range.
 * @example
 * ```ts
 * import { defineAgent, summarize } from '@reprise/core'
 *
 * const clerk = defineAgent({
 *   name: 'clerk',
 *   model: 'gpt-4.1-mini',
 *   instructions: 'Work through the queue.',
 *   compact: summarize({ whenTokens: 100_000, keepTokens: 20_000 }),
 * })
 * ```
 */
export function summarize(options: SummaryOptions = {}): Compact {
  checkOptions('summarize was given options', options, 'Give it { whenTokens, keepTokens, model }, or nothing.')
  const { keepTokens, model, maxTokens = 1_024, instructions = SUMMARY } = options
  if (keepTokens !== undefined) checkCount('summarize', 'keepTokens', keepTokens)
  checkCount('summarize', 'maxTokens', maxTokens)
  return {
    kind: 'compact',
    way: 'summary',
    keepTokens,
    model,
    maxTokens,
    instructions,
    ...whenOf('summarize', options),
  }
}

/**
 * Compacts by a function of yours; what it gave is recorded. One that throws, or gives what is no conversation, interrupts
 * the run until it is mended.
 *
 * @throws DefinitionError when a number is out of range.
 * @example
 * ```ts
 * import { compactBy, defineAgent } from '@reprise/core'
 *
 * // The first words, and the last three turns.
 * const compact = compactBy((items) => {
 *   const replies = items.flatMap(({ kind }, at) => (kind === 'assistant' ? at : []))
 *   return [...items.slice(0, 1), ...items.slice(replies.at(-3) ?? 1)]
 * })
 * const clerk = defineAgent({ name: 'clerk', model: 'gpt-4.1-mini', instructions: 'Chat.', compact })
 * ```
 */
export function compactBy(by: CompactFunction, options: CompactOptions = {}): Compact {
  if (typeof by !== 'function') throw badArgument('compactBy was given', by, 'Give it a function of items.')
  checkOptions('compactBy was given options', options, 'Give it { whenTokens }, or nothing.')
  return { kind: 'compact', way: 'function', by, ...whenOf('compactBy', options) }
}

/** How agents compact that do not say. */
export const DEFAULT_COMPACT = trimResults()

function whenOf(what: string, { whenTokens }: CompactOptions): CompactOptions {
  if (whenTokens === undefined) return {}
  checkCount(what, 'whenTokens', whenTokens)
  return { whenTokens }
}
