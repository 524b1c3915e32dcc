import type { Model, ModelRequest } from '../../contracts/model.ts'
import type { Purse } from '../../engine/shadow/outside.ts'
import { DefinitionError } from '../../values/errors.ts'
import { formatUsd, NANO_PER_USD, type NanoUsd } from '../../values/money.ts'
import type { Spent } from '../../values/spent.ts'

/** The code of the error that an ask would go beyond the budget. */
export const BUDGET_SPENT = 'backtest_budget'

/** Lets the asks of a backtest begin as long as they keep to its budget, and counts them. */
export class BacktestPurse implements Purse {
  readonly #model: Model
  readonly #limit: NanoUsd | undefined
  #asks = 0
  #spent = 0
  #unpriced = 0
  /** What the asks that are under way may cost at most. */
  #held = 0
  #underWay = 0
  #waiting: (() => void)[] = []

  /** @param usd the most that all asks together may cost. */
  constructor(model: Model, usd: number | undefined) {
    this.#model = model
    this.#limit = usd === undefined ? undefined : Math.floor(usd * NANO_PER_USD)
  }

  get asked(): { readonly asks: number; readonly costNano: NanoUsd; readonly unpriced: number } {
    return { asks: this.#asks, costNano: this.#spent, unpriced: this.#unpriced }
  }

  async open(request: ModelRequest): Promise<(spent: Spent | undefined) => void> {
    const most = this.#limit === undefined ? 0 : await this.#mostOf(request)
    // What is under way may cost less than it may at most.
    while (!this.#fits(most) && this.#underWay > 0) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    if (!this.#fits(most)) throw this.#over(most)
    this.#asks++
    this.#underWay++
    this.#held += most
    return (spent) => this.#close(most, spent)
  }

  #fits(most: NanoUsd): boolean {
    if (this.#limit === undefined) return true
    return this.#unpriced === 0 && this.#spent < this.#limit && this.#spent + this.#held + most <= this.#limit
  }

  #close(most: NanoUsd, spent: Spent | undefined): void {
    this.#underWay--
    this.#held -= most
    // An ask that was not charged has cost nothing.
    if (spent) {
      this.#spent += spent.costNano ?? 0
      if (spent.costNano === undefined) this.#unpriced++
    }
    for (const wake of this.#waiting.splice(0)) wake()
  }

  async #mostOf(request: ModelRequest): Promise<NanoUsd> {
    try {
      return (await this.#model.reserve?.(request))?.costNano ?? 0
    } catch {
      return 0
    }
  }

  #over(most: NanoUsd): DefinitionError {
    const limit = formatUsd(this.#limit ?? 0)
    const why =
      this.#unpriced > 0
        ? `an ask has no known price, so that nobody can keep to it. Give the model its price, or leave the budget out`
        : `${formatUsd(this.#spent)} is spent, and the next ask may cost ${formatUsd(most)}. Raise it to go on`
    const message = `The budget of the backtest is ${limit}, and ${why}.`
    return new DefinitionError({ code: BUDGET_SPENT, message, mendable: true })
  }
}
