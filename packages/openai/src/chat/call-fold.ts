import type { CallItem } from '@reprise/core'

/** A call, or a piece of one, as servers write it. */
export interface WireCall {
  readonly index?: number
  readonly id?: string | null
  readonly function?: { readonly name?: string | null; readonly arguments?: unknown }
}

interface Growing {
  readonly index: number | undefined
  id: string
  name: string
  arguments: string
}

/**
 * Puts calls together from their pieces. A call has an index and an id on the platform; other servers leave either out,
 * or give all parallel calls the same index. An id that is missing stays ''.
 */
export class CallFold {
  readonly #growing: Growing[] = []

  get calls(): readonly CallItem[] {
    return this.#growing.map(({ id, name, arguments: written }) => ({
      kind: 'call',
      callId: id,
      name,
      arguments: written,
    }))
  }

  /** Takes a call, or the first piece of one. */
  begin(call: WireCall): void {
    this.#growing.push({ index: call.index, id: '', name: '', arguments: '' })
    this.#grow(this.#growing.length - 1, call)
  }

  /** Takes a piece of a call. */
  add(piece: WireCall): void {
    const at =
      piece.index === undefined
        ? this.#growing.length - 1
        : this.#growing.findLastIndex(({ index }) => index === piece.index)
    const call = this.#growing[at]
    if (!call || isAnother(call, piece)) this.begin(piece)
    else this.#grow(at, piece)
  }

  #grow(at: number, { id, function: piece }: WireCall): void {
    const call = this.#growing[at]
    if (!call) return
    call.id ||= id ?? ''
    call.name ||= piece?.name ?? ''
    const written = piece?.arguments
    // Some servers give the arguments themselves and not their text.
    if (written !== undefined && written !== null)
      call.arguments += typeof written === 'string' ? written : JSON.stringify(written)
  }
}

/** Tells whether a piece belongs to another call than the one at its index. */
function isAnother(call: Growing, { id, function: piece }: WireCall): boolean {
  if (id) return call.id !== '' && call.id !== id
  // Without ids only a name after whole arguments tells.
  return Boolean(piece?.name) && call.name !== '' && isWhole(call.arguments)
}

function isWhole(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
