// Whether a workflow's code goes along its journal, or where it has parted from it (invariant 3).
import type { Entry } from '../contracts/entry.ts'
import type { Divergence } from '../journal/divergence.ts'
import { difference } from './agree.ts'
import type { Op } from './op.ts'
import type { Recorded } from './recorded.ts'

type State =
  | { readonly kind: 'along' }
  /** The first beginning that is another than the code's: it has parted there, unless something before it says so. */
  | { readonly kind: 'differs'; readonly at: Divergence }
  | { readonly kind: 'parted'; readonly at: Divergence }

/** The course of one execution. */
export class Course {
  readonly #recorded: Recorded
  #state: State = { kind: 'along' }

  constructor(recorded: Recorded) {
    this.#recorded = recorded
  }

  /** Where the code has parted. */
  get divergence(): Divergence | undefined {
    return this.#state.kind === 'parted' ? this.#state.at : undefined
  }

  /**
   * Holds an operation that the code begins against what is recorded to have begun at its key.
   *
   * @returns where the code has parted, where it is to go no further.
   */
  begins(op: Op): Divergence | undefined {
    const start = this.#recorded.startOf(op.key)
    if (!start) return undefined
    if (!this.#recorded.says) return this.answers(op, start) ? undefined : this.divergence
    const found = this.#differenceOf(op, start)
    if (found) this.#differ(found)
    return undefined
  }

  /** Whether the code may be told an entry: it has asked for all that was begun before, and goes along so far. */
  leadsTo(entry: Entry): boolean {
    if (this.#recorded.says && this.#recorded.hasUnaskedBefore(entry)) return false
    if (this.#state.kind === 'parted' || (this.#state.kind === 'differs' && this.#state.at.seq < entry.seq))
      return false
    const odd = this.#recorded.oddity(entry)
    if (odd) this.#part({ seq: entry.seq, key: entry.key, ...odd })
    return odd === undefined
  }

  /** Whether an entry is what today's code would have had written of an operation. */
  answers(op: Op, entry: Entry): boolean {
    const found = this.#differenceOf(op, entry)
    if (found) this.#part(found)
    return found === undefined
  }

  /** Lets the code have parted where it has begun something else, once it has asked for all that is recorded before. */
  settle(): void {
    if (this.#state.kind !== 'differs') return
    const { at } = this.#state
    if ((this.#recorded.firstUnasked?.seq ?? at.seq) >= at.seq) this.#part(at)
  }

  /** The first place is held. */
  #part(at: Divergence): void {
    if (this.#state.kind !== 'parted') this.#state = { kind: 'parted', at }
  }

  #differ(at: Divergence): void {
    if (this.#state.kind === 'along' || (this.#state.kind === 'differs' && at.seq < this.#state.at.seq))
      this.#state = { kind: 'differs', at }
  }

  #differenceOf(op: Op, entry: Entry): Divergence | undefined {
    const { says } = this.#recorded
    const rewoundTo = this.#recorded.rewoundTo(op.key)
    const known = { says, isOwn: this.#recorded.isOwn(entry), ...(rewoundTo !== undefined && { rewoundTo }) }
    const found = difference(op, entry, this.#recorded.startOf(op.key), known)
    return found && { seq: entry.seq, key: entry.key, ...found }
  }
}
