import { embeddingModels } from './models/embedding-models.ts'
import { faultNamed } from './script/fault-kinds.ts'
import type { FaultPlan } from './faults/plan.ts'
import type { FakeLimits } from './limits/rate-limits.ts'
import type { FindModel } from './models/models.ts'
import type { FakeOptions } from './options.ts'

/**
 * Holds the options of a fake to their ranges: one that does nothing would let a test pass that relies on it.
 *
 * @throws RangeError with the value, and what it must be.
 */
export function checkOptions({ limits, prices, faults, cacheMinTokens = 0 }: FakeOptions, find: FindModel): void {
  if (!(cacheMinTokens >= 0))
    throw new RangeError(`'cacheMinTokens' is ${cacheMinTokens}. It must be a number of tokens from 0.`)
  for (const [name, of] of Object.entries(limits ?? {})) checkLimits(name, of, find)
  for (const [name, price] of Object.entries(prices ?? {}))
    for (const usd of ['inputUsd', 'cachedUsd', 'outputUsd'] as const) {
      if (price[usd] >= 0 && Number.isFinite(price[usd])) continue
      throw new RangeError(`'prices' has ${usd} ${price[usd]} for "${name}". It must be a number of dollars from 0.`)
    }
  if (faults) checkFaults(faults)
}

const kinds = { requestsPerMinute: 0, tokensPerMinute: 0, enqueuedTokens: 0 } satisfies FakeLimits

function checkLimits(name: string, limits: Partial<FakeLimits>, find: FindModel): void {
  const model = embeddingModels.get(name) ?? find(name)
  if (!model)
    throw new RangeError(`'limits' names "${name}", and there is no such model. Mend the name, or add it to 'models'.`)
  if (model.family !== name)
    throw new RangeError(`'limits' names "${name}". Limits are those of a name without a date: say "${model.family}".`)
  for (const [kind, limit] of Object.entries(limits)) {
    if (!Object.hasOwn(kinds, kind))
      throw new RangeError(`'limits' has ${kind} for "${name}". It may have: ${Object.keys(kinds).join(', ')}.`)
    if (!(limit > 0 && Number.isFinite(limit)))
      throw new RangeError(`'limits' has ${kind} ${limit} for "${name}". It must be a number above 0.`)
  }
}

function checkFaults(plan: FaultPlan): void {
  const complain = (message: string): RangeError => new RangeError(message)
  if ('seed' in plan) {
    if (!(plan.rate >= 0 && plan.rate <= 1))
      throw complain(`'faults' has rate ${plan.rate}. It must be a number from 0 to 1.`)
    for (const kind of plan.kinds ?? []) faultNamed(kind, complain)
  } else
    for (const { n, fault } of plan) {
      if (!(Number.isInteger(n) && n >= 1)) throw complain(`'faults' names request ${n}. Requests are counted from 1.`)
      faultNamed(fault, complain)
    }
}
