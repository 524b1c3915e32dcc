// The calls of a recording and of a candidate, held against each other: order does not count. Pure.
import type { Json } from '../../values/json.ts'
import type { ArgumentReader } from './arguments.ts'
import type { MadeCall } from './made-calls.ts'
import { differences, type FieldChange, type Places } from './places.ts'

/** A call that is not the same. Handoffs are calls too: `transfer_to_` and the name of the agent. */
export type CallChange =
  /** The candidate made it, and the recording did not. */
  | {
      readonly kind: 'added'
      readonly agent: string
      readonly tool: string
      /** Of the candidate's call. */
      readonly key: string
      readonly arguments: Json
    }
  /** The recording made it, and the candidate did not. */
  | {
      readonly kind: 'left out'
      readonly agent: string
      readonly tool: string
      /** Of the recorded call, and of the reply that made it. */
      readonly key: string
      readonly seq: number
      readonly arguments: Json
    }
  /** Both made a call of the tool, with arguments that differ. */
  | {
      readonly kind: 'arguments'
      readonly agent: string
      readonly tool: string
      /** Of the candidate's call. */
      readonly key: string
      /** Of the recorded call, and of the reply that made it. */
      readonly recordedKey: string
      readonly seq: number
      readonly fields: readonly FieldChange[]
    }
  /** Both made the call, and a rule refused it on one side alone. */
  | {
      readonly kind: 'rules'
      readonly agent: string
      readonly tool: string
      /** Of the candidate's call. */
      readonly key: string
      readonly recordedKey: string
      readonly seq: number
      readonly refused: 'recorded' | 'candidate'
    }
  /** Both made the call, and on one side alone it could not be run as it was written: no such tool, or a schema refused it. */
  | {
      readonly kind: 'unusable'
      readonly agent: string
      readonly tool: string
      /** Of the candidate's call. */
      readonly key: string
      readonly recordedKey: string
      readonly seq: number
      readonly unusable: 'recorded' | 'candidate'
    }

/** The calls of both sides: of a run that was stopped where it parted, those up to there. */
export interface CallComparison {
  readonly recorded: number
  readonly candidate: number
  /** How many are in both, with equal arguments. */
  readonly same: number
  /** Whether those that are in both were made in the same order. */
  readonly inOrder: boolean
  readonly changes: readonly CallChange[]
}

/** What the calls of a recording and a candidate come to. */
export interface ComparedCalls {
  readonly comparison: CallComparison
  /** How many turns of the recording, from the first, have nothing but calls that the candidate made, and some. */
  readonly turns: number
}

/** A call of the candidate, and its like in the recording. */
type Pair = readonly [recorded: MadeCall, candidate: MadeCall]

/**
 * Holds the calls of a candidate against those of a recording.
 *
 * @param parted whether the candidate was stopped: what the recording made after that is not missed.
 */
export function compareCalls(
  recorded: readonly MadeCall[],
  candidate: readonly MadeCall[],
  parted: boolean,
  { reader, ignored }: { readonly reader: ArgumentReader; readonly ignored: (tool: string) => Places },
): ComparedCalls {
  const { pairs, left, added } = paired(recorded, candidate, reader)
  const turns = turnsBefore(recorded, left[0])
  const missed = parted ? left.filter(({ turn }) => turn <= turns) : left
  const changed: Pair[] = []
  const extra: MadeCall[] = []
  for (const call of added) {
    const like = closest(call, missed, reader, ignored)
    if (like) changed.push([missed.splice(missed.indexOf(like), 1)[0] ?? like, call])
    else extra.push(call)
  }
  const changes = [
    ...pairs.flatMap(judgedOtherwise),
    ...changed.map(([was, is]): CallChange => {
      const { changes: fields } = differences(reader.valueOf(was), reader.valueOf(is), ignored(is.call.name))
      return { kind: 'arguments', ...placeOf(is), recordedKey: was.key, seq: was.seq, fields }
    }),
    ...extra.map((call): CallChange => ({ kind: 'added', ...placeOf(call), arguments: reader.valueOf(call) })),
    ...(parted ? [] : missed).map((call): CallChange => ({
      kind: 'left out',
      ...placeOf(call),
      seq: call.seq,
      arguments: reader.valueOf(call),
    })),
  ]
  const seen = parted ? recorded.filter((call) => call.turn < turns || !left.includes(call)) : recorded
  const comparison = {
    recorded: seen.length,
    candidate: candidate.length,
    same: pairs.length,
    inOrder: isInOrder(pairs, recorded),
    changes,
  }
  return { comparison, turns }
}

/** Whether a candidate has made all calls of a recording, but for those that were not to be run. */
export function hasMadeAll(
  recorded: readonly MadeCall[],
  candidate: readonly MadeCall[],
  reader: ArgumentReader,
): boolean {
  return paired(recorded, candidate, reader).left.every(({ refused, unusable }) => refused || unusable)
}

function placeOf({ agent, key, call }: MadeCall): { agent: string; tool: string; key: string } {
  return { agent, tool: call.name, key }
}

function paired(
  recorded: readonly MadeCall[],
  candidate: readonly MadeCall[],
  reader: ArgumentReader,
): { readonly pairs: readonly Pair[]; readonly left: MadeCall[]; readonly added: readonly MadeCall[] } {
  const left = [...recorded]
  const pairs: Pair[] = []
  const added: MadeCall[] = []
  for (const call of candidate) {
    // What was not run is made again, and then it is another call, however each of the two was written.
    const [alike] = reader.equalTo(
      call,
      left.filter(({ refused, unusable }) => refused === call.refused && unusable === call.unusable),
    )
    const like = alike ?? reader.equalTo(call, left)[0]
    if (!like) {
      added.push(call)
      continue
    }
    left.splice(left.indexOf(like), 1)
    pairs.push([like, call])
  }
  return { pairs, left, added }
}

/** How many turns come before the first call that was not made; a turn without calls counts where one with calls follows it. */
function turnsBefore(recorded: readonly MadeCall[], missed: MadeCall | undefined): number {
  if (missed) return recorded.findLast(({ turn }) => turn < missed.turn) ? missed.turn : 0
  return (recorded.at(-1)?.turn ?? -1) + 1
}

/** The recorded call of the tool whose arguments differ least. */
function closest(
  call: MadeCall,
  others: readonly MadeCall[],
  reader: ArgumentReader,
  ignored: (tool: string) => Places,
): MadeCall | undefined {
  const { name } = call.call
  let best: { readonly other: MadeCall; readonly apart: number } | undefined
  for (const other of others) {
    if (other.call.name !== name) continue
    const apart = differences(reader.valueOf(other), reader.valueOf(call), ignored(name)).changes.length
    if (!best || apart < best.apart) best = { other, apart }
  }
  return best?.other
}

function judgedOtherwise([was, is]: Pair): CallChange[] {
  const place = { ...placeOf(is), recordedKey: was.key, seq: was.seq }
  if (was.refused !== is.refused) return [{ kind: 'rules', ...place, refused: was.refused ? 'recorded' : 'candidate' }]
  if (was.unusable !== is.unusable)
    return [{ kind: 'unusable', ...place, unusable: was.unusable ? 'recorded' : 'candidate' }]
  return []
}

function isInOrder(pairs: readonly Pair[], recorded: readonly MadeCall[]): boolean {
  const places = new Map(recorded.map((call, at) => [call, at]))
  const order = pairs.map(([was]) => places.get(was) ?? 0)
  return order.every((place, at) => at === 0 || place > (order[at - 1] ?? -1))
}
