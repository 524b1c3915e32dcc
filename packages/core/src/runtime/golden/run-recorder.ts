// The journal of a run that went on somewhere else, entry by entry, as an engine would have written it: what the model
// answered and the tools gave is given to it, keys and fingerprints follow. It asks no model, runs no tool and judges nothing.
import type { AgentSnapshot, DefinitionRef, Draft, EntryBodies } from '../../contracts/entry.ts'
import type { UserInput } from '../../contracts/item.ts'
import type { ModelReply } from '../../contracts/model.ts'
import type { RunRow } from '../../contracts/run.ts'
import type { StoredEntry } from '../../contracts/write.ts'
import { stopError } from '../../agent/decide/decide.ts'
import { callsOf } from '../../agent/state/calls-of.ts'
import { emptyState, fold, held } from '../../agent/state/fold.ts'
import type { CallState } from '../../agent/state/state.ts'
import { standingOf, statusOf } from '../../engine/session/row.ts'
import { encodeEntry } from '../../journal/entry-codec.ts'
import { askDigest, inputDigest } from '../../journal/fingerprint.ts'
import { FORMAT } from '../../journal/format.ts'
import { RUN_KEY, turnKey } from '../../journal/keys.ts'
import { DefinitionError } from '../../values/errors.ts'
import type { Json } from '../../values/json.ts'
import { refuseWritten } from '../../values/read-json.ts'

/** How a run began that was recorded elsewhere. */
export interface RecordedStart extends AgentSnapshot {
  /** 1 to 200 printable characters without spaces. */
  readonly id: string
  /** Of what the run counts as one: an agent, or a team where the recording has handoffs. */
  readonly definition: DefinitionRef
  readonly input: string | UserInput
  readonly tags?: readonly string[]
  /** Whose run it is. @default null */
  readonly tenant?: string | null
  readonly user?: string | null
  /** The names of tools whose effect is `once`: a call of theirs is written down before it counts as begun. @default none */
  readonly once?: readonly string[]
  /** Milliseconds since 1970. */
  readonly at: number
}

/**
 * Makes the journal of a run out of what was recorded elsewhere. The journal replays under a definition of the same name, tools
 * and rules, and can be written as a golden file by `goldenText`.
 *
 * Entries come in the order of the calls of this object. A time that lies before the last one counts as that one.
 *
 * @example
 * ```ts
 * import { RunRecorder } from '@reprise/core'
 *
 * const card = { agent: 'poet', version: 1, model: 'gpt-4.1-mini', settings: {}, maxOutputTokens: 256, tools: [], output: null }
 * const run = new RunRecorder({
 *   id: 'poem-1',
 *   definition: { kind: 'agent', name: 'poet', version: 1 },
 *   card,
 *   instructions: 'Write one line.',
 *   input: 'About spring',
 *   at: 1_796_000_000_000,
 * })
 * run.replied({ items: [{ kind: 'assistant', text: 'Rain again.' }], finish: 'stop', model: 'gpt-4.1-mini-2025-04-14' }, 1_796_000_001_000)
 * run.ended('The recording ends.', 1_796_000_001_000)
 * console.log(run.row.status, run.entries.length) // completed 3
 * ```
 */
export class RunRecorder {
  readonly #start: RecordedStart
  readonly #entries: StoredEntry[] = []
  #state = emptyState()

  constructor(start: RecordedStart) {
    this.#start = start
    const { definition, card, instructions, input } = start
    // A user's input has only members that JSON has.
    const body = { format: FORMAT, definition, input: input as Json, context: null, card, instructions }
    this.#add({ kind: 'run.started', key: RUN_KEY, attempt: 1, body }, start.at)
  }

  /** From the first on. */
  get entries(): readonly StoredEntry[] {
    return this.#entries
  }

  /** The run's row as it stands now: a root that nobody owns. */
  get row(): RunRow {
    const { id, definition, tags = [], tenant = null, user = null, at: createdAt } = this.#start
    const standing = standingOf(this.#state)
    const none = { parentId: null, parentKey: null, forkOf: null, forkSeq: null, erasedAt: null, wakeAt: null }
    const alone = { sessionId: null, turn: null }
    const unsaid = { tenant, user, concurrency: null, expireAt: null, deadlineAt: null }
    const nobodys = { owner: null, epoch: 0, attempts: 0, priority: 0, waiting: null, waits: [] }
    const endedAt = standing.ending ? this.#state.at : null
    const status = statusOf(standing)
    const { totals } = standing
    return {
      id,
      ...definition,
      lineageId: id,
      root: id,
      round: 1,
      ...none,
      ...alone,
      ...unsaid,
      ...nobodys,
      status,
      tags,
      createdAt,
      endedAt,
      totals,
    }
  }

  /** Tells whether the model was to be asked next. */
  get isAsking(): boolean {
    return this.#state.phase.kind === 'asking'
  }

  /** The ids of the calls of the last reply of which nothing has come yet, in the order of the calls. */
  get openCalls(): readonly string[] {
    return callsOf(this.#state).flatMap(({ call, stage }) => (stage.kind === 'settled' ? [] : [call.callId]))
  }

  /**
   * The model answered.
   *
   * @throws DefinitionError with code `bad_recording` where it was not to be asked.
   */
  replied(reply: ModelReply, at: number): this {
    if (!this.isAsking) throw this.#refuse(`a reply of the model, where the run stands as ${this.#state.phase.kind}`)
    const { ordinal, turn } = held(this.#state)
    const body = { asked: askDigest(this.#state.requestChain), reply }
    return this.#add({ kind: 'model.replied', key: turnKey(ordinal, turn), attempt: 1, body }, at)
  }

  /**
   * A call's tool returned. A call that no runtime would have run, with arguments that are no object of JSON, or of a tool that
   * the model was not given, has failed: the model was told the same.
   *
   * @throws DefinitionError with code `bad_recording` where there is no such open call.
   */
  returned(callId: string, result: Json, at: number): this {
    const call = this.#open(callId)
    const { name } = call.call
    const asked = this.#intend(call, at)
    if (typeof asked !== 'string') return this.#fail(call, { error: { ...asked, message: told(result) } }, at)
    return this.#add({ kind: 'call.returned', key: call.key, attempt: 1, body: { name, asked, result } }, at)
  }

  /**
   * A call's tool failed, and the model was told this.
   *
   * @throws DefinitionError with code `bad_recording` where there is no such open call.
   */
  failed(callId: string, message: string, at: number): this {
    const call = this.#open(callId)
    const asked = this.#intend(call, at)
    if (typeof asked !== 'string') return this.#fail(call, { error: { ...asked, message } }, at)
    return this.#fail(call, { asked, error: { code: 'tool_threw', message }, ran: true }, at)
  }

  /**
   * A call handed the run over. All other calls of its reply have come to their end.
   *
   * @param told what the model was told of it.
   * @throws DefinitionError with code `bad_recording` where there is no such call, or another one is open.
   */
  handedOver(callId: string, to: AgentSnapshot, told: string, at: number): this {
    const { key } = this.#open(callId)
    const others = this.openCalls.filter((id) => id !== callId)
    if (others.length > 0)
      throw this.#refuse(`a handoff by "${callId}", where nothing has come of ${others.join(', ')}`)
    const body = { to: to.card.agent, card: to.card, instructions: to.instructions, told }
    return this.#add({ kind: 'handoff.made', key, attempt: 1, body }, at)
  }

  /** From here on the agent that holds the run had other instructions, tools or another model. */
  changed({ card, instructions }: AgentSnapshot, at: number): this {
    const body = { card, instructions }
    return this.#add({ kind: 'definition.changed', key: RUN_KEY, attempt: 1, body }, at)
  }

  /**
   * The recording ends: with an answer, a refusal or a reply that was cut short as a run of here does, else as cancelled.
   *
   * @param reason why it is cancelled.
   */
  ended(reason: string, at: number): this {
    const { phase } = this.#state
    const place = { key: RUN_KEY, attempt: 1 } as const
    if (phase.kind === 'stopped') {
      const body = { outcome: phase.outcome, error: stopError(phase), text: phase.text }
      return this.#add({ kind: 'run.failed', ...place, body }, at)
    }
    const output = phase.kind === 'answered' ? this.#outputOf(phase.text) : undefined
    if (output === undefined) return this.#add({ kind: 'run.cancelled', ...place, body: { reason } }, at)
    return this.#add({ kind: 'run.completed', ...place, body: { output } }, at)
  }

  #outputOf(text: string): Json | undefined {
    if (held(this.#state).card.output === null) return text
    try {
      return JSON.parse(text) as Json
    } catch {
      return undefined
    }
  }

  /** The fingerprint of a call; or what a runtime would have found wrong with it. */
  #intend({ call, key }: CallState, at: number): string | { readonly code: string } {
    const { name } = call
    if (!held(this.#state).card.tools.some((tool) => tool.name === name)) return { code: 'unknown_tool' }
    const input = argumentsOf(call.arguments)
    if (!input) return { code: 'bad_arguments' }
    const asked = inputDigest(name, input)
    if (this.#start.once?.includes(name))
      this.#add({ kind: 'call.intended', key, attempt: 1, body: { name, asked } }, at)
    return asked
  }

  #fail({ call, key }: CallState, body: Omit<EntryBodies['call.failed'], 'name' | 'retryAt'>, at: number): this {
    return this.#add({ kind: 'call.failed', key, attempt: 1, body: { name: call.name, ...body, retryAt: null } }, at)
  }

  #open(callId: string): CallState {
    const call = callsOf(this.#state).find(({ call, stage }) => call.callId === callId && stage.kind !== 'settled')
    if (call) return call
    throw this.#refuse(
      `what came of the call "${callId}", where the open calls are ${this.openCalls.join(', ') || 'none'}`,
    )
  }

  #add(draft: Draft, at: number): this {
    const { stored, entry } = encodeEntry(draft, this.#entries.length, Math.max(this.#state.at, Math.round(at)))
    this.#entries.push(stored)
    this.#state = fold(this.#state, entry)
    return this
  }

  #refuse(what: string): DefinitionError {
    return new DefinitionError({
      code: 'bad_recording',
      message: `The recorded run "${this.#start.id}" has ${what}. Give what happened in its order: a reply, what came of each of its calls, the next reply.`,
      details: { runId: this.#start.id },
    })
  }
}

function told(result: Json): string {
  return typeof result === 'string' ? result : JSON.stringify(result)
}

/** As a run reads them; undefined where it would refuse them. */
function argumentsOf(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text || '{}')
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
    return refuseWritten(text, value) === undefined ? value : undefined
  } catch {
    return undefined
  }
}
