// Journals for tests, written entry by entry as an engine would write them.
import type { Draft, Entry, RecordedError, RunFormat } from '../contracts/entry.ts'
import type { CallItem, ReplyItem } from '../contracts/item.ts'
import type { ModelReply } from '../contracts/model.ts'
import type { AnyAgent } from '../define/agent.ts'
import { type Plan, planOf } from '../define/plan.ts'
import type { AnyTeam } from '../define/team.ts'
import { askDigest } from '../journal/fingerprint.ts'
import { FORMAT } from '../journal/format.ts'
import { RUN_KEY } from '../journal/keys.ts'
import { encodeEntry } from '../journal/entry-codec.ts'
import type { Json } from '../values/json.ts'
import type { Action } from './decide/action.ts'
import { decide } from './decide/decide.ts'
import { conversation, emptyState, fold } from './state/fold.ts'
import { view } from './state/log.ts'
import type { ParsedCall } from './calls/parse-call.ts'
import type { AgentState, CallState } from './state/state.ts'
import { summaryChain } from './state/summary-request.ts'

/** Words of the model. */
export function say(text: string): ReplyItem {
  return { kind: 'assistant', text }
}

/** A call of the model; arguments that are text stand as they are. */
export function call(callId: string, name: string, input: Json = {}): CallItem {
  return { kind: 'call', callId, name, arguments: typeof input === 'string' ? input : JSON.stringify(input) }
}

/** An action, or a parsed call, with the arguments themselves. */
export type ShownAction =
  | Exclude<Action, { kind: 'call' | 'reconcile' }>
  | Shown<Extract<Action, { kind: 'call' | 'reconcile' }>>
type Shown<T> = T extends { readonly input: () => unknown }
  ? Omit<T, 'input' | 'asked'> & { readonly input: unknown }
  : T

const NO_PARTS = { callDigest: '', needsApproval: undefined, kept: undefined, remarks: undefined }

/** Shows the arguments of what has them. */
export function showInput<T extends Action | ParsedCall>(of: T): Shown<T> {
  if (!('input' in of)) return of as Shown<T>
  const { callDigest: _, needsApproval: __, kept: ___, remarks: ____, ...rest } = { ...NO_PARTS, ...of }
  return { ...rest, input: of.input() } as unknown as Shown<T>
}

/** A journal that grows, with the state it comes to. It takes only what the run is waiting for. */
export class Journal {
  readonly plan: Plan
  readonly entries: Entry[] = []
  state = emptyState()

  /** @param format of the journal. @default today's */
  constructor(definition: AnyAgent | AnyTeam, input: Json = 'Hello', context: Json = null, format: RunFormat = FORMAT) {
    this.plan = planOf(definition)
    const agentPlan = this.plan.agents.get(this.plan.entry)
    if (!agentPlan) throw new Error('The plan has no entry')
    const instructions = agentPlan.agent.instructions({ context })
    this.add({
      kind: 'run.started',
      key: RUN_KEY,
      attempt: 1,
      body: {
        ...(format !== 1 && { format }),
        definition: this.plan.ref,
        input,
        context,
        card: agentPlan.card,
        instructions,
      },
    })
  }

  /** What the run does next, with the arguments themselves in the place of what gives them. */
  get next(): readonly ShownAction[] {
    return decide(this.state, this.plan).map(showInput)
  }

  /** Adds an entry, whatever it is. */
  add(...drafts: readonly Draft[]): this {
    for (const draft of drafts) {
      const { entry } = encodeEntry(draft, this.entries.length, 1_000 + this.entries.length)
      this.entries.push(entry)
      this.state = fold(this.state, entry)
    }
    return this
  }

  /** Adds what follows from what is known, until something from outside must come. */
  settle(): this {
    for (;;) {
      if (this.entries.length > 1_000) throw new Error('The run writes on and on')
      const drafts = this.next.flatMap((action) => (action.kind === 'record' ? action.draft : []))
      if (drafts.length === 0) return this
      this.add(...drafts)
    }
  }

  /** The model answers with these items. */
  replies(...items: readonly ReplyItem[]): this {
    return this.repliesWith({ items })
  }

  repliesWith(reply: Partial<ModelReply>): this {
    const { key, attempt, summary } = this.#awaited('ask')
    const asked = askDigest(summary ? summaryChain(this.state, summary) : this.state.requestChain)
    return this.add({
      kind: 'model.replied',
      key,
      attempt,
      body: { asked, reply: { items: [], finish: 'stop', model: 'm-1', ...reply }, ...(summary && { summary }) },
    })
  }

  /** The model's service fails. */
  modelFails(code: string, retryAt: number | null): this {
    const { key, attempt, summary } = this.#awaited('ask')
    return this.add({
      kind: 'model.failed',
      key,
      attempt,
      body: { error: { code, message: `The service says ${code}.` }, retryAt, ...(summary && { summary }) },
    })
  }

  /** The tool of a call of the current reply, by its place, returns. */
  returns(ordinal: number, result: Json): this {
    return this.add({ ...this.#ran(ordinal), kind: 'call.returned', body: { ...this.#asked(ordinal), result } })
  }

  /** The tool of a call throws. */
  throws(ordinal: number, message: string, retryAt: number | null = null): this {
    const error: RecordedError = { code: 'tool_threw', message }
    return this.add({ ...this.#ran(ordinal), kind: 'call.failed', body: { ...this.#asked(ordinal), error, retryAt } })
  }

  /** The process ends, or the time is up, while a once call runs. */
  doubts(ordinal: number): this {
    const { name } = this.#asked(ordinal)
    return this.add({
      ...this.#ran(ordinal),
      kind: 'call.doubted',
      body: { name, reason: 'The process ended.', asked: false },
    })
  }

  /** Somebody says what became of a call in doubt. */
  resolves(ordinal: number, happened: boolean, result: Json = null): this {
    const { call, key, stage } = this.call(ordinal)
    if (stage.kind !== 'doubted') throw new Error(`${key} is not in doubt`)
    return this.add({
      kind: 'call.resolved',
      key,
      attempt: stage.attempt,
      body: { name: call.name, happened, result, by: 'ana' },
    })
  }

  /** The tool of a call in doubt does not know either. */
  knowsNot(ordinal: number): this {
    const { key } = this.call(ordinal)
    const { tool, attempt } = this.#awaited('reconcile', key)
    const body = { name: tool.name, reason: 'reconcile failed', asked: true }
    return this.add({ kind: 'call.doubted', key, attempt, body })
  }

  /** A call of the current reply by its place. */
  call(ordinal: number): CallState {
    const call = this.state.phase.kind === 'calling' ? this.state.phase.calls[ordinal] : undefined
    if (!call) throw new Error(`The current reply has no call ${ordinal}`)
    return call
  }

  #records(): Extract<Action, { kind: 'record' }>[] {
    return decide(this.state, this.plan).filter((action) => action.kind === 'record')
  }

  #ran(ordinal: number): { readonly key: string; readonly attempt: number } {
    const { key, attempt } = this.#awaited('call', this.call(ordinal).key)
    return { key, attempt }
  }

  #asked(ordinal: number): { readonly name: string; readonly asked: string } {
    const { tool, callDigest } = this.#awaited('call', this.call(ordinal).key)
    return { name: tool.name, asked: callDigest }
  }

  #awaited<K extends 'ask' | 'call' | 'reconcile'>(kind: K, key?: string): Extract<Action, { kind: K }> {
    const isIt = (action: Action): action is Extract<Action, { kind: K }> =>
      action.kind === kind && (!key || (action as { key?: string }).key === key)
    // A verdict is written with the reply.
    for (const { draft } of this.#records())
      if (kind === 'call' && draft.kind === 'call.judged' && draft.key === key) this.add(draft)
    const action = decide(this.state, this.plan).find(isIt)
    if (!action)
      throw new Error(
        `The run does not ${kind} ${key ?? ''} now, but: ${this.next.map((other) => other.kind).join(', ') || 'nothing'}`,
      )
    return action
  }
}

/** What a state shows now: a log may hold more than it shows, and what it shows without a copy grows with later ones. */
export function shown(state: AgentState): object {
  const memory = state.memory?.map(([tool, log]) => [tool, [...view(log)]])
  return { ...state, items: [...conversation(state)], memory }
}

/** Freezes all that a state shows, the arrays aside that its logs share with later ones. */
export function frozen(state: AgentState): AgentState {
  const { items, memory, ...rest } = state
  for (const part of Object.values(rest)) freeze(part)
  for (const item of items.items) freeze(item)
  for (const [, log] of memory ?? []) for (const fact of log.items) freeze(fact)
  Object.freeze(items)
  return Object.freeze(state)
}

function freeze(value: unknown): void {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return
  Object.freeze(value)
  for (const part of Object.values(value)) freeze(part)
}
