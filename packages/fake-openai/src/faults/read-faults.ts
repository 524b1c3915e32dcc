import { DefinitionError } from '@reprise/core'
import { faultNamed } from '../script/fault-kinds.ts'
import type { FaultPlan, PlannedFault } from './plan.ts'

/**
 * Reads a plan of faults from one word: `seed=7,rate=0.2` by chance, or `2=cut_stream,5=slow_down` request by request.
 *
 * @throws DefinitionError in one line.
 * @example
 * ```ts
 * import { fakeOpenAI, readFaults } from '@reprise/fake-openai'
 *
 * const faults = readFaults(process.env.FAULTS ?? 'seed=7,rate=0.2')
 * await using fake = await fakeOpenAI(() => ({ text: 'Hello.' }), { faults })
 * ```
 */
export function readFaults(text: string): FaultPlan {
  const pairs = text.split(',').map((pair) => pair.split('=', 2).map((side) => side.trim()))
  const said = Object.fromEntries(pairs) as Readonly<Record<string, string | undefined>>
  if (!('seed' in said) && !('rate' in said)) return pairs.map(([n, fault]) => planned(n, fault, text))
  const [seed, rate] = [Number(said['seed'] || Number.NaN), Number(said['rate'] || Number.NaN)]
  if (pairs.length !== 2 || !Number.isSafeInteger(seed) || !(rate >= 0 && rate <= 1)) throw notAPlan(text)
  return { seed, rate }
}

function planned(n: string | undefined, name: string | undefined, text: string): PlannedFault {
  if (!/^[1-9]\d*$/.test(n ?? '') || name === undefined) throw notAPlan(text)
  return { n: Number(n), fault: faultNamed(name, complain) }
}

function notAPlan(text: string): DefinitionError {
  return complain(
    `"${text}" is no plan of faults. Say seed=7,rate=0.2 for a share of requests by chance, or 2=cut_stream,5=slow_down by which request it is.`,
  )
}

function complain(message: string): DefinitionError {
  return new DefinitionError({ code: 'bad_faults', message })
}
