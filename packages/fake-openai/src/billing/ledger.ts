import type { NanoUsd } from '@reprise/core'
import type { NamedModel } from '../models/model.ts'
import { own } from '../script/own.ts'
import type { WireUsage } from '../prompt/usage.ts'
import type { FakeLane } from '../script/script.ts'
import { embeddingPrices, type FakePrice, fakePrices } from './prices.ts'

/** What one model used and cost in one lane. */
export interface InvoiceLine {
  /** The model's full name. */
  readonly model: string
  readonly lane: FakeLane
  /** Replies that were charged: those that broke off on their way among them, failed ones not. */
  readonly requests: number
  /** All tokens read, the cached ones among them. */
  readonly inputTokens: number
  readonly cachedTokens: number
  readonly cacheWriteTokens: number
  readonly outputTokens: number
  /** Null where the model's price is not known. */
  readonly costNano: NanoUsd | null
}

/** What a fake charged so far. */
export interface Invoice {
  /** One a model and lane, by the order of their first charges. */
  readonly lines: readonly InvoiceLine[]
  /** The sum over the lines whose price is known. */
  readonly costNano: NanoUsd
}

/** A batch costs half. */
const BATCH_RATE = 0.5

/** Keeps account of what is charged. Money is whole nano-dollars, rounded once a reply. */
export class Ledger {
  readonly #prices: Readonly<Record<string, FakePrice>>
  readonly #lines = new Map<string, InvoiceLine>()

  /** @param prices by a model's name as it was asked for, its full name, or its name without a date; over the list prices. */
  constructor(prices: Readonly<Record<string, FakePrice>>) {
    this.#prices = { ...fakePrices, ...embeddingPrices, ...prices }
  }

  charge(model: NamedModel, lane: FakeLane, usage: WireUsage): void {
    const key = `${model.snapshot} ${lane}`
    const line = this.#lines.get(key)
    const cost = this.#cost(model, lane, usage)
    const { cached_tokens: cached, cache_write_tokens: written } = usage.input_tokens_details
    this.#lines.set(key, {
      model: model.snapshot,
      lane,
      requests: (line?.requests ?? 0) + 1,
      inputTokens: (line?.inputTokens ?? 0) + usage.input_tokens,
      cachedTokens: (line?.cachedTokens ?? 0) + cached,
      cacheWriteTokens: (line?.cacheWriteTokens ?? 0) + written,
      outputTokens: (line?.outputTokens ?? 0) + usage.output_tokens,
      costNano: cost === null ? null : (line?.costNano ?? 0) + cost,
    })
  }

  invoice(): Invoice {
    const lines = [...this.#lines.values()]
    return { lines, costNano: lines.reduce((sum, { costNano }) => sum + (costNano ?? 0), 0) }
  }

  #cost({ id, snapshot, family }: NamedModel, lane: FakeLane, usage: WireUsage): NanoUsd | null {
    const price = own(this.#prices, id) ?? own(this.#prices, snapshot) ?? own(this.#prices, family)
    if (!price) return null
    const { inputUsd, cachedUsd, cacheWriteUsd = inputUsd, outputUsd, long } = price
    const { cached_tokens: cached, cache_write_tokens: written } = usage.input_tokens_details
    const isLong = long !== undefined && usage.input_tokens > long.aboveTokens
    const input = (usage.input_tokens - cached - written) * inputUsd + cached * cachedUsd + written * cacheWriteUsd
    const output = usage.output_tokens * outputUsd
    const usd = isLong ? input * long.inputTimes + output * long.outputTimes : input + output
    // A dollar per million tokens is a thousand nano-dollars per token.
    return Math.round(usd * 1000 * (lane === 'batch' ? BATCH_RATE : 1))
  }
}
