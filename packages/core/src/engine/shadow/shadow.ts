// Goes through a recorded conversation again: `decide` (agent/) says what follows, as in session.ts; the model is asked; calls
// are answered from the recording. Its journal is made as a run's is, entry by entry, and stays here: a shadow run has no
// store, no lease and no row, and runs no tool but one that only reads, where that is asked for.
import { ArgumentReader } from '../../agent/compare/arguments.ts'
import { hasMadeAll } from '../../agent/compare/compare-calls.ts'
import { callsMade, type MadeCall } from '../../agent/compare/made-calls.ts'
import type { Places } from '../../agent/compare/places.ts'
import { RecordedCalls } from '../../agent/compare/recorded-calls.ts'
import { parseOf } from '../../agent/calls/parse-call.ts'
import type { Action } from '../../agent/decide/action.ts'
import { agentPlanOf, decide } from '../../agent/decide/decide.ts'
import { callAt, callsOf } from '../../agent/state/calls-of.ts'
import { wrongIn } from '../../agent/state/edit-history.ts'
import { conversation, emptyState, fold, held } from '../../agent/state/fold.ts'
import type { AgentState, CallStage, CallState } from '../../agent/state/state.ts'
import type { Draft, Entry, RecordedError } from '../../contracts/entry.ts'
import type { ModelRequest } from '../../contracts/model.ts'
import type { RunRow } from '../../contracts/run.ts'
import type { Plan } from '../../define/plan.ts'
import { askDigest } from '../../journal/fingerprint.ts'
import { encodeEntry } from '../../journal/entry-codec.ts'
import { compactionKey, RUN_KEY } from '../../journal/keys.ts'
import type { Secrets } from '../../journal/secrets.ts'
import { type Digest, digest } from '../../values/digest.ts'
import { type ModelError, RepriseError } from '../../values/errors.ts'
import type { Spent } from '../../values/spent.ts'
import { askModel, type AskEngine, requestOf } from '../effort/ask-model.ts'
import { boundOf, within } from '../effort/bound.ts'
import { callIdsOf } from '../effort/call-ids.ts'
import { callContext } from '../effort/run-tool.ts'
import { sleepUntil } from '../effort/sleep-until.ts'
import { type Call, type ReadEngine, readLive, recordedDraft, simulated } from './answer-call.ts'
import {
  type Candidate,
  candidateHolder,
  candidateJoin,
  candidateSnapshot,
  candidateStart,
  planAfterFork,
} from './candidate.ts'
import type { Kept, LiveAnswer, Purse, Unrecorded } from './outside.ts'
import type { Recording } from './recording.ts'
import { ShadowClock } from './shadow-clock.ts'

/** What a shadow run is made of. */
export interface ShadowParts {
  readonly engine: Omit<AskEngine, 'emit'> & ReadEngine
  readonly row: Pick<RunRow, 'id' | 'lineageId'>
  readonly recording: Recording
  readonly plan: Plan
  readonly candidate: Candidate
  /** The places of a tool's arguments that count for nothing. */
  readonly ignored: (tool: string) => Places
  /** Its own: what a candidate's model says is learned here alone. */
  readonly secrets: Secrets
  readonly unrecorded: Unrecorded
  readonly kept: Kept
  readonly purse: Purse
  readonly signal: AbortSignal
}

/** The first place where the candidate wanted what the recording does not have. */
export interface ShadowParting {
  readonly key: string
  readonly agent: string
  readonly why: 'call not recorded' | 'result not recorded' | 'approval not recorded'
  readonly wentOn: 'simulated' | 'live' | null
}

/** What came of a shadow run. */
export interface Shadow {
  readonly entries: readonly Entry[]
  readonly reader: ArgumentReader
  /** `stands` where the recording, which has not ended, says no more. */
  readonly end: 'ended' | 'parted' | 'stands'
  readonly parted: ShadowParting | null
  /** The failure of the model's service that ended it. */
  readonly unanswered: RecordedError | null
}

/** Goes through a recorded run again. */
export function shadowRun(parts: ShadowParts): Promise<Shadow> {
  return new ShadowRun(parts).run()
}

class ShadowRun {
  readonly #parts: ShadowParts
  readonly #plan: Plan
  readonly #clock: ShadowClock
  readonly #reader: ArgumentReader
  readonly #recorded: RecordedCalls
  readonly #entries: Entry[] = []
  readonly #callIds: Set<string> = callIdsOf([])
  /** The calls that nothing is said of, by their keys. */
  readonly #stopped = new Set<string>()
  /** How often each agent was handed the run. */
  readonly #handed = new Map<string, number>()
  #changes = 0
  #state: AgentState
  #parted: ShadowParting | null = null
  #unanswered: RecordedError | null = null

  constructor(parts: ShadowParts) {
    const { plan, recording, engine, ignored } = parts
    this.#parts = parts
    this.#state = emptyState({ before: recording.before?.state })
    this.#plan = planAfterFork(plan, recording)
    this.#clock = new ShadowClock(engine.clock, recording.startedAt)
    this.#reader = new ArgumentReader(plan, ignored)
    this.#recorded = new RecordedCalls(recording.calls, this.#reader)
  }

  async run(): Promise<Shadow> {
    const { candidate, recording, signal } = this.#parts
    const body = candidateStart(candidate, recording, this.#plan)
    this.#take({ kind: 'run.started', key: RUN_KEY, attempt: 1, body })
    const join = candidateJoin(candidate, recording, this.#plan)
    if (join) this.#take(join)
    for (;;) {
      signal.throwIfAborted()
      const actions = this.#settle()
      const [ask] = actions.filter((action) => action.kind === 'ask')
      if (ask && !this.#isAtTheEnd()) await this.#ask(ask)
      else if (ask || !(await this.#answerAll(actions))) return this.#shadow()
    }
  }

  #shadow(): Shadow {
    const isEnded = this.#state.phase.kind === 'ended'
    const end = isEnded ? 'ended' : this.#parted && this.#parted.wentOn === null ? 'parted' : 'stands'
    const found = { parted: this.#parted, unanswered: this.#unanswered }
    return { entries: this.#entries, reader: this.#reader, end, ...found }
  }

  #take(draft: Draft): Entry {
    return this.#add(encodeEntry(draft, this.#entries.length, this.#clock.now(), this.#parts.secrets).entry)
  }

  #add(entry: Entry): Entry {
    this.#entries.push(entry)
    this.#state = fold(this.#state, entry)
    return entry
  }

  /** Folds what follows from what is known, until only efforts and waits are left. */
  #settle(): readonly Action[] {
    for (;;) {
      const change = this.#recordedChange() ?? this.#recordedCompaction()
      if (change) this.#take(change)
      const actions = decide(this.#state, this.#plan, { reveal: this.#parts.secrets.revealing })
      const drafts = actions.flatMap((action) => (action.kind === 'record' ? action.draft : []))
      if (drafts.length === 0) return actions
      for (const draft of drafts) this.#take(draft.kind === 'handoff.made' ? this.#handoff(draft) : draft)
    }
  }

  #handoff(draft: Extract<Draft, { kind: 'handoff.made' }>): Draft {
    const { to } = draft.body
    const { candidate, recording } = this.#parts
    const nth = this.#handed.get(to) ?? 0
    this.#handed.set(to, nth + 1)
    const holder = candidateHolder(candidate, recording, nth, draft.body, this.#plan)
    return { ...draft, body: { ...draft.body, ...holder } }
  }

  /** The text of the holder that had changed by this turn of the recording. */
  #recordedChange(): Draft | undefined {
    const { candidate, recording } = this.#parts
    if (candidate.texts !== 'recorded' || this.#state.phase.kind !== 'asking') return undefined
    for (;;) {
      const change = recording.changes[this.#changes]
      if (!change || change.turn > this.#state.totals.turns) return undefined
      this.#changes++
      if (change.snapshot.card.agent !== held(this.#state).card.agent) continue
      const body = candidateSnapshot(candidate, change.snapshot, this.#plan)
      return { kind: 'definition.changed', key: RUN_KEY, attempt: 1, body }
    }
  }

  /** The conversation is made shorter where it was, where what was said by then is such that it can be. */
  #recordedCompaction(): Draft | undefined {
    const { phase, totals, compacting } = this.#state
    const found = this.#parts.recording.compactions.find(({ turn }) => turn === totals.turns)
    if (!found || !compacting || phase.kind !== 'asking') return undefined
    const { spent: _, ...body } = found.body
    if (wrongIn(conversation(this.#state), body.edits) !== undefined) return undefined
    const { ordinal, turn } = held(this.#state)
    return { kind: 'history.compacted', key: compactionKey(ordinal, turn), attempt: 1, body }
  }

  /** Whether nothing that the model says next could be held against anything. */
  #isAtTheEnd(): boolean {
    const { ended, turns, calls } = this.#parts.recording
    if (ended || this.#state.totals.turns < turns) return false
    return hasMadeAll(calls, callsMade(this.#entries), this.#reader)
  }

  async #ask(ask: Extract<Action, { kind: 'ask' }>): Promise<void> {
    const { engine, row, secrets, signal, kept, purse } = this.#parts
    const request = requestOf({ runId: row.id, state: this.#state, secrets, ask })
    const of = kept.keeps ? this.#digestOf(request) : ''
    const before = kept.keeps ? kept.reply(of) : undefined
    if (before) {
      this.#clock.pass(before.ms)
      this.#take({ kind: 'model.replied', key: ask.key, attempt: ask.attempt, body: before.body })
      for (const id of callIdsOf(this.#entries.slice(-1))) this.#callIds.add(id)
      return
    }
    await this.#wait(ask.retryAt)
    const close = await purse.open(request)
    let draft: Draft
    // Of an ask that was given up nobody can say what it was charged.
    let spent: Spent | undefined = {}
    const begun = engine.clock.monotonic()
    try {
      draft = await askModel({
        engine: { ...engine, clock: this.#clock, emit: () => undefined },
        runId: row.id,
        state: this.#state,
        ask,
        seen: this.#callIds,
        agentPlan: agentPlanOf(this.#state, this.#plan),
        secrets,
        signal,
        onSaid: () => undefined,
        onSpent: () => undefined,
        report: (accepted) => this.#take(accepted),
      })
      spent = draft.kind === 'model.replied' ? draft.body.reply : 'spent' in draft.body ? draft.body.spent : undefined
    } catch (error) {
      if (!signal.aborted && RepriseError.is(error)) spent = chargedFor(error)
      throw error
    } finally {
      close(spent)
    }
    const ms = Math.round(engine.clock.monotonic() - begun)
    this.#clock.pass(ms)
    const entry = this.#take(draft)
    if (entry.kind === 'model.replied' && kept.keeps) await kept.keepReply(of, entry.body, ms)
    if (entry.kind === 'model.failed' && entry.body.retryAt === null) this.#unanswered = entry.body.error
  }

  /** Of all that a request says: its conversation, the day, and which tools may be called. */
  #digestOf({ today = '', allowedTools = ['*'], toolChoice }: ModelRequest): Digest {
    const must = toolChoice === undefined ? '' : ` ${JSON.stringify(toolChoice)}`
    return digest(`${askDigest(this.#state.requestChain)} ${today} ${allowedTools.join(' ')}${must}`)
  }

  /** Answers what can be answered; false where that is nothing. */
  async #answerAll(actions: readonly Action[]): Promise<boolean> {
    const before = this.#entries.length
    for (const action of actions) {
      if (action.kind === 'call' && !this.#stopped.has(action.key)) await this.#answer(action)
      if (action.kind === 'wait') this.#heedPeople()
      if (action.kind === 'read-memory') this.#recall(action)
    }
    return this.#entries.length > before
  }

  async #answer(call: Call): Promise<void> {
    const { recording } = this.#parts
    const found = this.#recordedOf(call.key, call)
    if (!found) return await this.#answerUnrecorded(call)
    const { answer } = found
    if (!answer) return this.#stop(call.key, recording.ended ? 'result not recorded' : undefined)
    this.#clock.moveTo(answer.at)
    const entry = answer.kind === 'returned' ? answer.entry : undefined
    // The same text has the same digest: a result need not be written down twice.
    if (entry?.body.asked !== call.callDigest) this.#take(recordedDraft(call, answer))
    else this.#add({ ...entry, seq: this.#entries.length, key: call.key, attempt: call.attempt, at: this.#clock.now() })
  }

  /** What is known is what was known then. */
  #recall({ key, attempt, memory: { name } }: Extract<Action, { kind: 'read-memory' }>): void {
    const body = this.#parts.recording.memories.get(name) ?? { memory: name, keys: [] }
    this.#take({ kind: 'memory.read', key, attempt, body })
  }

  /** Says what people have said: whether a call may run, and what they have answered. */
  #heedPeople(): void {
    for (const { key, stage } of callsOf(this.#state)) {
      if (stage.kind === 'asked' && !this.#stopped.has(key)) this.#answerFor(key, stage)
      if (stage.kind !== 'unapproved' || this.#stopped.has(key)) continue
      const found = this.#recordedOf(key)
      const { approval, answer } = found ?? {}
      if (!approval || !found) {
        const isOpen = found && !answer && !this.#parts.recording.ended
        this.#stop(key, isOpen ? undefined : found ? 'approval not recorded' : 'call not recorded')
        continue
      }
      const { at, ...said } = approval
      this.#clock.moveTo(at)
      const body = { name: found.call.name, asked: stage.callDigest, ...said }
      this.#take({ kind: 'approval.given', key, attempt: stage.attempt, body })
    }
  }

  #answerFor(key: string, { callDigest: asked, attempt }: Extract<CallStage, { kind: 'asked' }>): void {
    const found = this.#recordedOf(key)
    if (!found?.answer) {
      const isOpen = found && !this.#parts.recording.ended
      return this.#stop(key, isOpen ? undefined : found ? 'result not recorded' : 'call not recorded')
    }
    const { answer, call } = found
    this.#clock.moveTo(answer.at)
    const { name } = call
    if (answer.kind === 'failed') {
      const { error } = answer
      this.#take({ kind: 'call.failed', key, attempt, body: { name, asked, error, retryAt: null } })
      return
    }
    const { result, entry } = answer
    const { by, source } = entry?.body ?? {}
    const said = { ...(by !== undefined && { by }), ...(source !== undefined && { source }) }
    this.#take({ kind: 'call.returned', key, attempt, body: { name, asked, result, ...said } })
  }

  #recordedOf(key: string, call?: Call): MadeCall | undefined {
    const made = callAt(this.#state, key)
    const parsed = made && parseOf(this.#state, made, agentPlanOf(this.#state, this.#plan))
    if (!made || parsed?.kind !== 'tool') return undefined
    const { tool, callDigest } = call ?? parsed
    const asked = { key, call: made.call, agent: held(this.#state).card.agent, callDigest }
    return this.#recorded.of(asked, tool.effect === 'read')
  }

  /** The ways part, where it is said why; else the recording says no more of it. */
  #stop(key: string, why: ShadowParting['why'] | undefined, wentOn: ShadowParting['wentOn'] = null): void {
    if (wentOn === null) this.#stopped.add(key)
    if (why === undefined) return
    const { agent } = held(this.#state).card
    // What stops the run is told, though it had gone on with something else before.
    if (this.#parted === null || wentOn === null) this.#parted = { key, agent, why, wentOn }
  }

  async #answerUnrecorded(call: Call): Promise<void> {
    const { kept } = this.#parts
    const of = digest(`${this.#state.requestChain} ${call.key} ${call.attempt} ${call.callDigest}`)
    await this.#wait(call.retryAt)
    const before = kept.call(of)
    const answer = before ?? (await this.#answerWithin(call))
    if (!answer) return this.#stop(call.key, 'call not recorded')
    this.#stop(call.key, 'call not recorded', this.#parts.unrecorded === 'read-live' ? 'live' : 'simulated')
    const entry = this.#take({ ...answer, key: call.key, attempt: call.attempt })
    // The kind says which body it is.
    if (!before) await kept.keepCall(of, { kind: entry.kind, body: entry.body } as LiveAnswer)
  }

  async #answerWithin(call: Call): Promise<LiveAnswer | undefined> {
    const answer = await this.#answerLive(call)
    return answer && within(answer, boundOf(this.#parts.engine.model, call.tool, held(this.#state).card.model))
  }

  async #answerLive(call: Call): Promise<LiveAnswer | undefined> {
    const { engine, row, unrecorded, secrets, signal } = this.#parts
    const { tool, key } = call
    const made = callAt(this.#state, key)
    if (unrecorded === 'stop' || !made || tool.child || tool.effect === 'external') return undefined
    // What is known now is not what was known then.
    if (tool.memory && unrecorded === 'read-live') return undefined
    const own = { ...engine, clock: this.#clock, secretsOf: () => secrets }
    const ctx = callContext(own, row, key, this.#state.context, signal)
    if (unrecorded === 'read-live') return tool.effect === 'read' ? readLive(own, row, call, ctx) : undefined
    const { agent } = held(this.#state).card
    const args = this.#reader.valueOf({ ...madeOf(made, agent), callDigest: call.callDigest })
    const asked = { runId: row.id, key, agent, tool: tool.name, effect: tool.effect, arguments: args }
    return simulated(own, call, asked, unrecorded.simulate, ctx)
  }

  async #wait(until: number | null): Promise<void> {
    if (until === null || until <= this.#clock.now()) return
    await sleepUntil(this.#clock, until, this.#parts.signal)
    this.#clock.moveTo(until)
  }
}

/** What an ask was charged that could not be made just now. */
function chargedFor(error: RepriseError): Spent | undefined {
  const spent = 'spent' in error ? (error as ModelError).spent : undefined
  return spent === 'unknown' ? {} : spent
}

function madeOf({ call }: CallState, agent: string): Pick<MadeCall, 'call' | 'agent'> {
  return { call, agent }
}
