import { createHash } from 'node:crypto'
import type { MakeId } from '../http/ids.ts'
import { type FaultKind, passingFaults } from '../script/fault-kinds.ts'

/** Faults by chance: the same ones for the same requests, whatever their order; a request that is made again has another chance. */
export interface SeededFaults {
  readonly seed: number
  /** How likely a request meets one: 0 to 1. */
  readonly rate: number
  /** @default the faults that a client gets over by itself */
  readonly kinds?: readonly FaultKind[]
}

/** A fault of one request. */
export interface PlannedFault {
  /** Which right request to this server meets it, from 1. */
  readonly n: number
  readonly fault: FaultKind
}

/** What goes wrong, by chance or request by request. It concerns live requests; what a batch meets, its script says. */
export type FaultPlan = SeededFaults | readonly PlannedFault[]

/** Gives the fault of a request, if it has one. */
export function plannedFault(plan: FaultPlan, n: number, id: MakeId): FaultKind | undefined {
  if (!('seed' in plan)) return plan.find((planned) => planned.n === n)?.fault
  const { seed, rate, kinds = passingFaults } = plan
  if (draw(seed, 'whether', id) >= rate) return undefined
  return kinds[Math.floor(draw(seed, 'which', id) * kinds.length)]
}

/** A number from 0 to 1, which follows from the seed and the request. */
function draw(seed: number, what: string, id: MakeId): number {
  const mark = createHash('sha256')
    .update(`${seed} ${what} ${id('fault')}`)
    .digest()
  return mark.readUInt32BE() / 2 ** 32
}
