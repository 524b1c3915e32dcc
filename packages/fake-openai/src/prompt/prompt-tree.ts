import type { Segment } from './segments.ts'

/** The platform caches prompts in steps of so many tokens. */
export const BLOCK = 128

/** So many make some six megabytes; then the tree begins anew. */
const MAX_NODES = 20_000

/** A prompt up to the end of one segment. */
interface PromptNode {
  next?: Map<string, PromptNode>
  /** Tokens up to here. */
  readonly tokens: number
  readonly hash: RunningHash
  /** The hashes of the whole prompt at each block border within this segment. */
  readonly borders: readonly number[]
}

/** A prompt in tokens. */
export interface Prompt {
  readonly tokens: number
  /** One hash a block border: two prompts share their first n blocks where the n-th hashes are equal. */
  readonly borders: readonly number[]
}

/**
 * Counts prompts and hashes them at each block border, exactly by token.
 * Segments of a prompt seen before are walked and not read again: a conversation that grows costs what is new.
 */
export class PromptTree {
  #root = newRoot()
  #nodes = 0

  read(segments: readonly Segment[]): Prompt {
    if (this.#nodes > MAX_NODES) this.#forget()
    let node = this.#root
    const borders: number[] = []
    for (const segment of segments) {
      node = this.#step(node, segment)
      for (const border of node.borders) borders.push(border)
    }
    return { tokens: node.tokens, borders }
  }

  #step(from: PromptNode, segment: Segment): PromptNode {
    let to = from.next?.get(segment.key)
    if (!to) {
      to = extend(from, segment.tokens())
      from.next ??= new Map()
      from.next.set(segment.key, to)
      this.#nodes += 1
    }
    return to
  }

  #forget(): void {
    this.#root = newRoot()
    this.#nodes = 0
  }
}

/** Two 32-bit halves, each multiplied on; together they tell prompts apart by 53 bits. */
type RunningHash = readonly [number, number]

function newRoot(): PromptNode {
  return { tokens: 0, hash: [0xdeadbeef, 0x41c6ce57], borders: [] }
}

function extend(from: PromptNode, more: readonly number[]): PromptNode {
  let { tokens } = from
  let [high, low] = from.hash
  const borders: number[] = []
  for (const token of more) {
    high = Math.imul(high ^ token, 2_654_435_761)
    high ^= high >>> 15
    low = Math.imul(low ^ token, 1_597_334_677)
    low ^= low >>> 13
    tokens += 1
    if (tokens % BLOCK === 0) borders.push((high >>> 11) * 0x1_0000_0000 + (low >>> 0))
  }
  return { tokens, hash: [high, low], borders }
}
