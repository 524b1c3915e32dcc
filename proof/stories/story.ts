// What the proofs know of a run: what it begins with, and what may come of it.
import type { AnyDefinition, Json } from '@reprise/core'

/** What a run must have done outside when it ends with an output, as `deed what /key`; and what it may have done. */
export interface End {
  readonly must: readonly string[]
  readonly may?: readonly string[]
}

/** A run and what may come of it. */
export interface Story {
  readonly definition: AnyDefinition
  readonly input: Json
  /** By output. */
  readonly ends: Readonly<Record<string, End>>
  /** What it may hear in its time, or not: the signal `go`, or a person's word on a call. It always hears its numbers. */
  readonly hears?: 'go' | 'word' | 'numbers'
  /** How often whatever may be tried again fails, each time that a process comes to it: nothing where it is absent. */
  readonly failures?: number
}

/** Calls as they stand in the ledger: `turn ordinal deed what`, of an agent that holds its run alone. */
export function callsAt(...calls: readonly string[]): readonly string[] {
  return calls.map((call) => {
    const [turn, ordinal, ...rest] = call.split(' ')
    return `${rest.join(' ')} /agent:0/turn:${turn}/call:${ordinal}`
  })
}
