// The calls that an agent's journal holds, each with what came of it in the end. Pure.
import type { Entry, EntryBodies, EntryOf, RecordedError, ResultBound } from '../../contracts/entry.ts'
import type { CallItem } from '../../contracts/item.ts'
import type { Digest } from '../../values/digest.ts'
import type { Json } from '../../values/json.ts'
import { phaseAfterReply } from '../state/phase.ts'
import { isUnusable } from './figures.ts'

/** What came of a call in the end. */
export type CallAnswer =
  /** `entry` says so, unless somebody said it of a call in doubt. */
  | {
      readonly kind: 'returned'
      readonly result: Json
      readonly lost: readonly string[] | undefined
      readonly bound: ResultBound | undefined
      readonly at: number
      readonly entry: EntryOf<'call.returned'> | undefined
    }
  /** `ran` where an attempt of it may have had its effect. */
  | {
      readonly kind: 'failed'
      readonly error: RecordedError
      readonly ran: boolean
      readonly bound: ResultBound | undefined
      readonly at: number
    }

/** What somebody has said of a call that must be allowed. */
export interface CallApproval extends Omit<EntryBodies['approval.given'], 'name' | 'asked'> {
  readonly at: number
}

/** One call of a journal. */
export interface MadeCall {
  readonly call: CallItem
  readonly key: string
  /** Whose model made it. */
  readonly agent: string
  /** Of the reply that made it: its entry, and its number among the replies, from 0. */
  readonly seq: number
  readonly turn: number
  /** The fingerprint of its tool and its input, where an entry says it. */
  readonly callDigest: Digest | undefined
  readonly approval: CallApproval | undefined
  /** Undefined where none came: it was refused, handed over, is in doubt, or still open. */
  readonly answer: CallAnswer | undefined
  /** Whether a rule refused it. */
  readonly refused: boolean
  /** Whether it could not be run as the model wrote it. */
  readonly unusable: boolean
}

type Making = { -readonly [K in keyof MadeCall]: MadeCall[K] } & { ran: boolean }

/** Gives the calls of a journal of an agent or a team, in the order in which they were made. */
export function callsMade(entries: readonly Entry[]): readonly MadeCall[] {
  const calls = new Map<string, Making>()
  let agent = ''
  let turn = 0
  for (const entry of entries) {
    if ('card' in entry.body) agent = entry.body.card.agent
    if (entry.kind === 'model.replied') {
      const phase = phaseAfterReply(entry.body.reply, entry.key)
      if (phase.kind === 'calling')
        for (const { call, key } of phase.calls) calls.set(key, newCall(call, key, agent, entry.seq, turn))
      turn++
      continue
    }
    const call = calls.get(entry.key)
    if (call) hear(call, entry)
  }
  return [...calls.values()]
}

function newCall(call: CallItem, key: string, agent: string, seq: number, turn: number): Making {
  return {
    call,
    key,
    agent,
    seq,
    turn,
    callDigest: undefined,
    approval: undefined,
    answer: undefined,
    refused: false,
    unusable: false,
    ran: false,
  }
}

function hear(call: Making, entry: Entry): void {
  const { at } = entry
  if ('asked' in entry.body && typeof entry.body.asked === 'string') call.callDigest = entry.body.asked
  if (entry.kind === 'call.judged') call.refused = !entry.body.allowed
  if (entry.kind === 'approval.given') {
    const { name: _name, asked: _asked, ...said } = entry.body
    call.approval = { ...said, at }
  }
  if (entry.kind === 'call.returned' || (entry.kind === 'call.resolved' && entry.body.happened)) {
    const { result, lost, bound } = entry.body
    call.answer = {
      kind: 'returned',
      result,
      lost,
      bound,
      at,
      entry: entry.kind === 'call.returned' ? entry : undefined,
    }
  }
  if (entry.kind !== 'call.failed') return
  const { error, retryAt, ran, bound } = entry.body
  call.ran ||= ran === true
  if (retryAt !== null) return
  call.answer = { kind: 'failed', error, ran: call.ran, bound, at }
  call.unusable = isUnusable(entry.body)
}
