import type { AgentCard, InputPart, Item, ModelRequest } from '@reprise/core'
import { imageTokens } from './image.ts'
import { type Count, loadCount } from './tokenizer.ts'
import { outputText, toolText } from './tool-text.ts'

/**
 * What a message costs besides its role and text, and what opens the reply.
 *
 * @see https://github.com/openai/openai-cookbook/blob/main/examples/How_to_count_tokens_with_tiktoken.ipynb
 */
const MESSAGE = 3
const PRIMING = 3

/** What the tools together, the shape of an answer, a call and its output cost besides their text; fitted to recorded usage. */
const TOOLS = 3
const OUTPUT = 1
const CALL = 9
const RESULT = 6

const cards = new WeakMap<AgentCard, number>()
const instructed = new WeakMap<AgentCard, { readonly text: string; readonly tokens: number }>()
const items = new WeakMap<Item, number>()

/**
 * Counts the tokens that a request will be charged for reading, without asking anybody: a few more or fewer than the
 * service counts. Of a conversation that grows only what is new is counted.
 *
 * A file counts for nothing, and so does what the service alone can read: encrypted thoughts, hosted tools.
 *
 * @example
 * ```ts
 * import type { Model } from '@reprise/core'
 * import { countTokens, openai } from '@reprise/openai'
 *
 * const inner = openai()
 * // Says how much is sent with each ask.
 * const models: Model = {
 *   ...inner,
 *   async *ask(request, signal) {
 *     console.log(`${request.runId}: about ${await countTokens(request)} tokens`)
 *     yield* inner.ask(request, signal)
 *   },
 * }
 * ```
 */
export async function countTokens({ card, instructions, items: conversation }: ModelRequest): Promise<number> {
  const count = await loadCount()
  let tokens = PRIMING + remembered(cards, card, () => cardTokens(card, count))
  if (instructions !== '') tokens += instructionTokens(card, instructions, count)
  for (const item of conversation) {
    tokens += remembered(items, item, () => itemTokens(item, count))
    if (item.kind !== 'user' && item.kind !== 'result') continue
    for (const part of item.parts ?? []) if (part.kind === 'image') tokens += imageTokens(part, card.model)
  }
  return tokens
}

function remembered<Key extends object>(known: WeakMap<Key, number>, key: Key, count: () => number): number {
  let tokens = known.get(key)
  if (tokens === undefined) known.set(key, (tokens = count()))
  return tokens
}

function instructionTokens(card: AgentCard, text: string, count: Count): number {
  let known = instructed.get(card)
  if (known?.text !== text) instructed.set(card, (known = { text, tokens: message('system', text, count) }))
  return known.tokens
}

function cardTokens({ tools, output }: AgentCard, count: Count): number {
  const shown = tools.length === 0 ? 0 : TOOLS + count(toolText(tools))
  return shown + (output ? OUTPUT + count(outputText(output)) : 0)
}

function itemTokens(item: Item, count: Count): number {
  switch (item.kind) {
    case 'user': {
      return message('user', item.text + textOf(item.parts), count)
    }
    case 'assistant':
    case 'refusal':
      return message('assistant', item.text, count)
    case 'call':
      return CALL + count(item.name) + count(item.arguments)
    case 'result':
      return RESULT + count(item.output + textOf(item.parts))
    case 'reasoning':
      return count(item.text)
    case 'hosted':
      return 0
    default:
      return item satisfies never
  }
}

function textOf(parts: readonly InputPart[] = []): string {
  return parts.map((part) => (part.kind === 'text' ? part.text : '')).join('')
}

function message(role: string, text: string, count: Count): number {
  return MESSAGE + count(role) + count(text)
}
