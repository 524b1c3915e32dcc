// Which recorded call says what came of a candidate's. Pure, but for what was taken before.
import type { ArgumentReader } from './arguments.ts'
import type { MadeCall } from './made-calls.ts'

/** A call of the candidate. */
export type AskedCall = Pick<MadeCall, 'call' | 'agent' | 'callDigest' | 'key'>

/** The calls of a recording, from which those of a candidate are answered: each once, by the equal ones in their order. */
export class RecordedCalls {
  readonly #reader: ArgumentReader
  /** By tool. What was not to be run says nothing of what it would have come to. */
  readonly #calls = new Map<string, MadeCall[]>()
  readonly #taken = new Set<MadeCall>()
  readonly #pairs = new Map<string, MadeCall>()

  constructor(made: readonly MadeCall[], reader: ArgumentReader) {
    this.#reader = reader
    for (const call of made) {
      if (call.refused || call.unusable) continue
      const { name } = call.call
      const others = this.#calls.get(name)
      if (others) others.push(call)
      else this.#calls.set(name, [call])
    }
  }

  /**
   * The recorded call that answers a candidate's: the next of the equal ones, or, where all are taken and the tool only
   * reads, the last of them again. The same each time that it is asked for.
   */
  of(call: AskedCall, onlyReads: boolean): MadeCall | undefined {
    const known = this.#pairs.get(call.key)
    if (known) return known
    const calls = this.#calls.get(call.call.name) ?? []
    const [next] = this.#reader.equalTo(
      call,
      calls.filter((other) => !this.#taken.has(other)),
    )
    const found = next ?? (onlyReads ? this.#reader.equalTo(call, calls).at(-1) : undefined)
    if (!found) return undefined
    this.#taken.add(found)
    this.#pairs.set(call.key, found)
    return found
  }
}
