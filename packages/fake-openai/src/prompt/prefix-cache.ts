import { RecentMap } from '../memory/recent-map.ts'
import { BLOCK, type Prompt } from './prompt-tree.ts'

/** How many blocks of a model stay at least: 6.4 million tokens. */
const BLOCKS = 50_000

/**
 * The platform's prompt cache: an exact prefix of tokens, in steps of 128, per model.
 * What was not used for long is forgotten.
 */
export class PrefixCache {
  readonly #minTokens: number
  readonly #models = new Map<string, RecentMap<number, true>>()

  /** @param minTokens the shortest prefix that counts as cached: sources say 1,024 or 2,048. */
  constructor(minTokens: number) {
    this.#minTokens = minTokens
  }

  /** How many tokens of a prompt are cached, and how many are from now on that were not before. */
  use(model: string, { borders }: Prompt): { readonly cached: number; readonly written: number } {
    const known = this.#blocksOf(model)
    const miss = borders.findIndex((border) => !known.get(border))
    const shared = BLOCK * (miss === -1 ? borders.length : miss)
    const cached = shared < this.#minTokens ? 0 : shared
    const whole = BLOCK * borders.length
    for (const border of borders) known.set(border, true)
    return { cached, written: whole < this.#minTokens ? 0 : whole - cached }
  }

  #blocksOf(model: string): RecentMap<number, true> {
    let known = this.#models.get(model)
    if (!known) this.#models.set(model, (known = new RecentMap(BLOCKS)))
    return known
  }
}
