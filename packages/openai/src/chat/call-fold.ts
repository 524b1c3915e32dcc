import type { CallItem, JsonObject } from '@reprise/core'
import { extraOfCall, joinExtra } from './extra.ts'

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
  extra: JsonObject | undefined
}

/**
 * Puts calls together from their pieces. A call has an index and an id on the platform; other servers leave either out,
 * or give all parallel calls the same index. An id that is missing stays ''.
 */
export class CallFold {
  readonly #growing: Growing[] = []

  get calls(): readonly CallItem[] {
    return this.#growing.map(({ id, name, arguments: written, extra }) => ({
      kind: 'call',
      callId: id,
      name,
      arguments: written,
      ...(extra && { extra }),
    }))
  }

  /** Takes a call, or the first piece of one. */
  begin(call: WireCall): void {
    this.#growing.push({ index: call.index, id: '', name: '', arguments: '', extra: undefined })
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

  #grow(at: number, wire: WireCall): void {
    const call = this.#growing[at]
    if (!call) return
    const { id, function: piece } = wire
    call.extra = joinExtra(call.extra, extraOfCall({ ...piece, ...wire }))
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
  // A call has a name: some servers give each piece of one call an id of its own, and the name with the first alone.
  if (!piece?.name || call.name === '') return false
  if (id) return call.id !== '' && call.id !== id && !isCutShort(call.arguments)
  // Without ids another name, or one after whole arguments, tells.
  return isWhole(call.arguments) || (call.arguments === '' && call.name !== piece.name)
}

/** Whether more of these arguments must come. */
function isCutShort(text: string): boolean {
  return text.trim() !== '' && !isWhole(text)
}

function isWhole(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
