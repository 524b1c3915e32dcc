import { BLOCK, type Prompt } from './prompt-tree.ts'

const MAX_BLOCKS = 1_000_000

/**
 * The platform's prompt cache: an exact prefix of tokens, in steps of 128, per model.
 * What was not used for the longest time goes first.
 */
export class PrefixCache {
  readonly #minTokens: number
  readonly #models = new Map<string, Set<number>>()

  /** @param minTokens the shortest prefix that counts as cached: sources say 1,024 or 2,048. */
  constructor(minTokens: number) {
    this.#minTokens = minTokens
  }

  /** How many tokens of a prompt are cached, and how many are from now on that were not before. */
  use(model: string, { borders }: Prompt): { readonly cached: number; readonly written: number } {
    const known = this.#blocksOf(model)
    const miss = borders.findIndex((border) => !known.has(border))
    const shared = BLOCK * (miss === -1 ? borders.length : miss)
    const cached = shared < this.#minTokens ? 0 : shared
    const whole = BLOCK * borders.length
    for (const border of borders) {
      known.delete(border)
      known.add(border)
    }
    for (const border of known) {
      if (known.size <= MAX_BLOCKS) break
      known.delete(border)
    }
    return { cached, written: whole < this.#minTokens ? 0 : whole - cached }
  }

  #blocksOf(model: string): Set<number> {
    let known = this.#models.get(model)
    if (!known) this.#models.set(model, (known = new Set()))
    return known
  }
}
