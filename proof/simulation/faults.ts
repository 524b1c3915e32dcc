// What goes wrong in one simulation. Each seed has its own mixture: where all faults come all the time, some hide others.
import type { Dice } from './dice.ts'

/** How often each thing goes wrong: a share of the times that it may. */
export interface Faults {
  /** A write or a read fails, and nothing of it is done. */
  readonly lost: number
  /** A write is done, and its caller is told of an error. */
  readonly unheard: number
  /** A call of the store takes seconds. */
  readonly slow: number
  /** The process is stopped for a while just when a call of the store is answered. */
  readonly stalls: number
  /** The process dies before or after a write. */
  readonly dies: number
  /** The process dies before or after a deed. */
  readonly diesAtDeed: number
  /** A deed fails before it is done. */
  readonly deedFails: number
  /** A deed takes long. */
  readonly deedLasts: number
  /** A process has begun a deed that must not be done twice, and takes its time until it is done. */
  readonly dallies: number
  /** A process is told to end just when a deed begins. */
  readonly endsAtDeed: number
  /** The model fails, or its reply is cut. */
  readonly modelFails: number
  /** Of a second: a process is killed. */
  readonly killed: number
  /** Of a second: a process that drives a run is stopped for a while. */
  readonly stopped: number
  /** Of a second: a process is told to end. */
  readonly ended: number
  /** Of a second: a clock jumps. */
  readonly jumps: number
  /** Of a second: the disk is full for a while. */
  readonly full: number
  /** Of a second: the key of the model is missing for a while. */
  readonly keyless: number
  /** Of a second: the master key is changed, and some process begins with the new one. */
  readonly rotated: number
  /** Of a second: runs that have ended are deleted; some of their ids are used again. */
  readonly cleaned: number
  /** Of words of people: they take their time to arrive. */
  readonly late: number
  /** Of a second: somebody does something that is done already, or cannot be done. */
  readonly meddles: number
  /** Of runs: somebody cancels it. */
  readonly cancelled: number
  /** Of a second: somebody forks a child run, and points its parent to the fork. */
  readonly rewinds: number
}

const MOST: Faults = {
  lost: 0.08,
  unheard: 0.1,
  slow: 0.05,
  stalls: 0.04,
  dies: 0.02,
  diesAtDeed: 0.04,
  deedFails: 0.15,
  deedLasts: 0.05,
  dallies: 0.5,
  endsAtDeed: 0.03,
  modelFails: 0.15,
  killed: 0.08,
  stopped: 0.3,
  ended: 0.04,
  jumps: 0.1,
  full: 0.04,
  keyless: 0.03,
  rotated: 0.03,
  cleaned: 0.05,
  late: 0.5,
  meddles: 0.3,
  cancelled: 0.15,
  rewinds: 1,
}

/** Nothing goes wrong. */
export const NO_FAULTS: Faults = mapped(() => 0)

/** Chooses what goes wrong: about half of what may, each as often as chance has it. */
export function chooseFaults(dice: Dice): Faults {
  return mapped((name) => (dice.chance(0.5) ? dice.next() * MOST[name] : 0))
}

function mapped(share: (name: keyof Faults) => number): Faults {
  // The keys are those of the table.
  return Object.fromEntries(Object.keys(MOST).map((name) => [name, share(name as keyof Faults)])) as unknown as Faults
}
