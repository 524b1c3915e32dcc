// Drives one agent run that this runtime owns, from where its journal stands to its end, a rest or a stop. The loop:
// `decide` (agent/) says what follows; what can be written at once is folded and gathered; one write commits it; then
// efforts begin (ask-model.ts, run-tool.ts, reconcile.ts), and what comes back is folded in turn. runtime/driver.ts
// calls `drive`. It keeps invariants 2 (nothing leaves before what led to it is committed), 8 (each effort is fenced,
// and one that has lost the run begins none) and 9 (intents share their reply's commit).
import { expiredDrafts } from '../../agent/approval.ts'
import type { Action, Beside, Effort } from '../../agent/action.ts'
import { decide, postOf, waitsOf } from '../../agent/decide.ts'
import { callsOf, cancelDrafts, doubtDrafts, type RunnerOf } from '../../agent/doubt.ts'
import { fold } from '../../agent/fold.ts'
import { parseOf } from '../../agent/parse-call.ts'
import type { Remark } from '../../agent/remark.ts'
import type { AgentState } from '../../agent/state.ts'
import type { Draft, Interrupted, Waiting } from '../../contracts/entry.ts'
import type { RunRow } from '../../contracts/run.ts'
import type { Used } from '../../contracts/totals.ts'
import type { Plan } from '../../define/plan.ts'
import { askId, idempotencyKey } from '../../journal/keys.ts'
import { CancelledError, RepriseError } from '../../words/errors.ts'
import type { Spent } from '../../words/spent.ts'
import { askModel } from '../effort/ask-model.ts'
import { ChildMail } from '../messages/child-mail.ts'
import type { InterruptedChild } from '../children.ts'
import type { Driven } from './driven.ts'
import type { Engine } from '../engine.ts'
import { Flight } from '../effort/flight.ts'
import { giveUp } from './give-up.ts'
import { CANCEL_GRACE_MS, LONG_WAIT_MS } from '../grace.ts'
import { messageDraft } from '../messages/inbox.ts'
import { closedError, interruptedBy, stopped } from './interruption.ts'
import type { JournalWriter } from '../journal-writer.ts'
import { lostError } from '../commit/lost.ts'
import { reconcile } from '../effort/reconcile.ts'
import { isFrom, parentMessage } from '../messages/parent-message.ts'
import { isShownOtherwise, restingFor, rowOf, type Standing, standingOf } from './row.ts'
import { remarkOnce } from '../remark.ts'
import { runnerOf } from '../effort/running.ts'
import type { RestingChild } from '../effort/run-child-tool.ts'
import { runTool, type Transaction } from '../effort/run-tool.ts'

type Landing = Draft | Transaction | RestingChild

/** What a session is made of. */
export interface SessionParts {
  readonly row: RunRow
  readonly plan: Plan
  readonly state: AgentState
  readonly writer: JournalWriter
  /** All call ids of the run so far. */
  readonly callIds: Set<string>
  /** Whether the run is given up while it waits for long: a worker takes it up again. @default false */
  readonly worked?: boolean
}

type Ending =
  | { readonly kind: 'cancel'; readonly reason: string; readonly dedupe: string }
  | { readonly kind: 'stop' }
  | { readonly kind: 'lost'; readonly error: RepriseError }

/** One agent run being driven: from where its journal stands to its end, to a rest, or to a stop. */
export class Session implements Driven {
  readonly #engine: Engine
  readonly #parts: SessionParts
  readonly #flight: Flight<Landing>
  /** The calls that may not happen twice and were begun here, by their attempts. */
  readonly #begun = new Set<string>()
  /** The children that wait for somebody, by the keys of their calls. */
  readonly #resting = new Map<string, string>()
  readonly #restingAt = (key: string): string | undefined => this.#resting.get(key)
  /** The children that were interrupted, by the keys of their calls. */
  readonly #stuck = new Map<string, InterruptedChild & { readonly runId: string }>()
  readonly #childMail: ChildMail
  #state: AgentState
  /** What the run's row shows. */
  #shown: Pick<RunRow, 'status' | 'waiting' | 'waits'>
  #mail = false
  /** When the inbox was last read, in milliseconds since 1970: a word that was left before then has been heard. */
  #heardAt = -Infinity
  /** What the model has said of the reply that is under way. */
  #said = ''
  /** What an ask may have cost that was given up for a cancel. */
  #spent: Spent | undefined
  #ending: Ending | undefined

  constructor(engine: Engine, parts: SessionParts) {
    this.#engine = engine
    this.#parts = parts
    this.#flight = new Flight(engine.clock)
    this.#childMail = new ChildMail(parts.writer)
    this.#state = parts.state
    this.#shown = parts.row
  }

  get totals(): Used {
    return this.#state.totals
  }

  poke(): void {
    this.#mail = true
    this.#flight.nudge()
  }

  retry(): void {
    this.#stuck.clear()
    this.#flight.nudge()
  }

  stop(): void {
    this.#ending ??= { kind: 'stop' }
    void this.#flight.end(this.#engine.closeGraceMs, closedError, this.#engine.few)
  }

  lose(error: RepriseError = lostError(this.#parts.row.id)): void {
    this.#ending = { kind: 'lost', error }
    this.#flight.abort(error)
    this.#flight.nudge()
  }

  async drive(): Promise<Standing> {
    try {
      for (;;) {
        if (this.#engine.pace.isOver()) await this.#engine.pace.next()
        const lost = this.#lost()
        if (lost) throw lost
        if (this.#mail || this.#hasExpired(this.#engine.clock.now())) await this.#readMail()
        if (this.#ending?.kind === 'stop' && this.#flight.size === 0) this.#leaveInDoubt()
        const actions = this.#settle()
        if (this.#ending?.kind === 'cancel' && this.#flight.size === 0) await this.#takeCancel(this.#ending)
        if (!this.#ending && (await this.#readAhead(actions))) continue
        const idle = this.#isIdle(actions)
        const standing = idle ? this.#restsAs(actions) : this.#standing()
        await this.#write(standing, idle)
        if (idle) return standing
        await this.#parts.writer.fence()
        await this.#parts.writer.loadSecrets()
        if (this.#lost()) continue
        for (const action of actions) if (!this.#ending || this.#isPromised(action)) this.#launch(action)
        await this.#land()
      }
    } catch (error) {
      this.#flight.abort(error)
      const { row, writer } = this.#parts
      return await giveUp(this.#engine, row, writer, this.#state.totals, error)
    } finally {
      this.#flight.halt()
      this.#flight.close()
    }
  }

  /** Nothing is left to do here, or only what is to be done much later. */
  #isIdle(actions: readonly Action[]): boolean {
    if (this.#ending) return this.#flight.size === 0 && !actions.some((action) => this.#isPromised(action))
    return this.#flight.busy === 0 && actions.every((action) => this.#isPutOff(action))
  }

  /**
   * Whether a call's intent is written and its tool has not begun when the run is to stop: it is under way, and whoever
   * took the run up would have to doubt it.
   */
  #isPromised(action: Action): boolean {
    if (this.#ending?.kind !== 'stop' || this.#flight.isAborted) return false
    return (
      action.kind === 'call' && action.tool.effect === 'once' && !this.#begun.has(askId(action.key, action.attempt))
    )
  }

  #isPutOff(action: Action): boolean {
    if (action.kind === 'wait') return true
    if (!('key' in action)) return false
    return this.#stuck.has(action.key) || this.#isLong(retryAtOf(action))
  }

  /** What is given up while it runs on may have happened, or happen yet: whoever takes the run up must not begin it again. */
  #leaveInDoubt(): void {
    const { row } = this.#parts
    const { owners } = this.#engine
    const runner: RunnerOf = (key) => runnerOf(owners, row, key, undefined)
    for (const draft of doubtDrafts(this.#state, 'The runtime was closed before the result was known.', runner))
      if (runner(draft.key) !== undefined) this.#take(draft)
  }

  /** Whether a run that a worker drives is given up until then. */
  #isLong(at: number | null): boolean {
    return this.#parts.worked === true && at !== null && at - this.#engine.clock.now() > LONG_WAIT_MS
  }

  /** How the run stands that is given up: what it does next stands in its journal, and why not now in its row alone. */
  #restsAs(actions: readonly Action[]): Standing {
    const standing = standingOf(this.#state)
    if (standing.ending) return standing
    const why = this.#stuckWaiting() ?? this.#stopWaiting(actions)
    return this.#restsFor(standing, [...(why ? [why] : []), ...retriesOf(actions), ...this.#waits()])
  }

  /** How the run stands while it is driven: it may wait for some of what it waited for when it was taken up. */
  #standing(): Standing {
    const standing = standingOf(this.#state)
    return standing.waiting && !standing.ending ? this.#restsFor(standing, this.#waits()) : standing
  }

  #restsFor(standing: Standing, waits: readonly Waiting[]): Standing {
    return restingFor(standing, this.#parts.writer.secrets.hide(waits))
  }

  #waits(): readonly Waiting[] {
    return waitsOf(this.#state, this.#parts.plan, this.#beside)
  }

  /** What was cut short is gone on with at once by whoever may. */
  #stopWaiting(actions: readonly Action[]): Interrupted | undefined {
    // What is to be tried again says when itself.
    const isCut = actions.some((action) => !this.#isPutOff(action) && retryAtOf(action) === null)
    return this.#ending && (isCut || actions.length === 0) ? stopped(this.#engine) : undefined
  }

  #stuckWaiting(): Interrupted | undefined {
    if (this.#stuck.size === 0 || this.#ending) return undefined
    const { row, writer } = this.#parts
    return interruptedBy(this.#engine, row, [...this.#stuck.values()], writer.isFurther)
  }

  /** What its journal does not say: asked for with each decision, since secrets may have come since the last. */
  get #beside(): Beside {
    const { any, reveal } = this.#parts.writer.secrets
    return { resting: this.#restingAt, reveal: any ? reveal : undefined }
  }

  #lost(): RepriseError | undefined {
    return this.#ending?.kind === 'lost' ? this.#ending.error : undefined
  }

  /** Folds what follows from what is known, until only efforts and waits are left. */
  #settle(): readonly Action[] {
    for (;;) {
      const actions = decide(this.#state, this.#parts.plan, this.#beside)
      const drafts = actions.flatMap((action) => this.#draftsOf(action))
      if (drafts.length === 0) return actions
      for (const draft of drafts) this.#take(draft)
    }
  }

  #draftsOf(action: Action): readonly Draft[] {
    if (action.kind === 'wait') return expiredDrafts(this.#state, this.#heardAt)
    if (action.kind !== 'record' || !this.#mayRecord(action.draft)) return []
    if (action.remark !== undefined) this.#say(action.remark)
    return [this.#signed(action.draft)]
  }

  /** Whether the time of an ask is over: a word that was left in time may lie in the inbox. */
  #hasExpired(now: number): boolean {
    return expiredDrafts(this.#state, now).length > 0
  }

  /** An intent that nobody will carry out here would only raise a doubt. */
  #mayRecord(draft: Draft): boolean {
    return !(this.#ending && draft.kind === 'call.intended')
  }

  /** Whoever takes the run up must know whose intent it is: that owner may be stopped, and go on with the call later. */
  #signed(draft: Draft): Draft {
    if (draft.kind !== 'call.intended') return draft
    return { ...draft, body: { ...draft.body, owner: this.#engine.owner } }
  }

  #take(draft: Draft): void {
    if (draft.kind === 'call.returned' || draft.kind === 'call.failed') this.#childMail.consume(draft.key)
    if (draft.kind === 'approval.asked') this.#remark(draft.key)
    this.#state = fold(this.#state, this.#parts.writer.add(draft))
  }

  /** Says what is odd of the tool of a call to whoever wrote it: once a process. */
  #remark(key: string): void {
    const call = callsOf(this.#state).find((other) => other.key === key)
    const parsed = call && parseOf(this.#state, call, postOf(this.#state, this.#parts.plan))
    if (parsed?.kind !== 'tool') return
    for (const remark of parsed.remarks()) this.#say(remark)
  }

  #say({ about, line }: Remark): void {
    remarkOnce(this.#engine.log, about, this.#parts.writer.secrets.hide(line))
  }

  #write(standing: Standing, release: boolean): Promise<unknown> {
    const row = isShownOtherwise(this.#shown, standing) ? rowOf(standing, this.#engine.clock.now()) : undefined
    const message = row?.endedAt ? parentMessage(this.#parts.row, row.endedAt) : undefined
    if (row) this.#shown = row
    return this.#parts.writer.write({
      ...(row && { row }),
      ...(release && { release }),
      ...(message && { messages: [message] }),
    })
  }

  /**
   * Begins reads before what led to them is committed, as they may (invariant 2): what they give at once shares its
   * commit (invariant 9).
   *
   * @returns whether anything was given.
   */
  async #readAhead(actions: readonly Action[]): Promise<boolean> {
    const reads = actions.filter((action) => action.kind === 'call' && action.tool.effect === 'read')
    if (reads.length === 0) return false
    for (const read of reads) this.#launch(read)
    // Whatever awaits no timer and no I/O has come back by then.
    await new Promise((resolve) => process.nextTick(resolve))
    if (!this.#flight.hasLanded) return false
    await this.#land()
    return true
  }

  /** Begins what is due. What is to be tried again later waits first, and is begun once all before it is committed. */
  #launch(action: Action): void {
    if (action.kind === 'record' || action.kind === 'wait') return
    if (this.#stuck.has(action.key)) return
    const at = retryAtOf(action)
    if (at !== null && !this.#flight.isDue(action.key, at)) this.#flight.waitUntil(action.key, at)
    else this.#flight.begin(action.key, (signal) => this.#perform(action, signal))
  }

  #perform(effort: Effort, signal: AbortSignal): Promise<Landing | undefined> {
    const { row, callIds, plan, writer, worked = false } = this.#parts
    const { context, effects } = this.#state
    switch (effort.kind) {
      case 'ask':
        this.#said = ''
        this.#spent = undefined
        return askModel({
          engine: this.#engine,
          runId: row.id,
          state: this.#state,
          ask: effort,
          seen: callIds,
          post: postOf(this.#state, plan),
          secrets: writer.secrets,
          signal,
          onSaid: (text) => (this.#said = text),
          onSpent: (spent) => (this.#spent = spent),
          report: (draft) => this.#flight.report(draft),
        })
      case 'call':
        if (effort.tool.effect === 'once') this.#begun.add(askId(effort.key, effort.attempt))
        this.#remark(effort.key)
        return runTool(this.#engine, { ...row, effects, worked, contexts: plan.contexts }, effort, context, signal)
      case 'reconcile':
        return reconcile(this.#engine, row, effort, context, signal)
      default:
        return effort satisfies never
    }
  }

  /** Takes what has come back, together. */
  async #land(): Promise<void> {
    const landings = await this.#flight.landings()
    for (const landing of landings) {
      if (landing.kind === 'rests') this.#rest(landing)
      else if (landing.kind !== 'transaction' && this.#isAwaited(landing)) this.#take(landing)
    }
    this.#parts.writer.keep()
    for (const landing of landings) if (landing.kind === 'transaction') await this.#transact(landing)
  }

  #rest({ key, runId, interrupted }: RestingChild): void {
    if (interrupted) this.#stuck.set(key, { ...interrupted, runId })
    else this.#resting.set(key, runId)
  }

  /** What a tool says of a call in doubt is void when somebody else has said it meanwhile. */
  #isAwaited({ kind, key, attempt }: Draft): boolean {
    if (kind !== 'call.resolved' && kind !== 'call.doubted') return true
    return decide(this.#state, this.#parts.plan, this.#beside).some(
      (action) => 'key' in action && action.key === key && action.attempt === attempt,
    )
  }

  /** The effect and its entry are one transaction; what was taken before it is committed first. */
  async #transact({ effect, failed }: Transaction): Promise<void> {
    await this.#write(this.#standing(), false)
    let thrown: { readonly error: unknown } | undefined
    const entry = await this.#parts.writer
      .transact((handle) => {
        try {
          return effect(handle)
        } catch (error) {
          thrown = { error }
          throw error
        }
      })
      .catch((error: unknown) => {
        // The store may have failed while the tool ran: then that is what it says, whatever the tool threw.
        if (thrown?.error === error) return undefined
        if (!isTxLost(error)) throw error
        thrown = { error }
        return undefined
      })
    if (entry) this.#state = fold(this.#state, entry)
    else if (thrown) this.#take(failed(thrown.error))
  }

  async #readMail(): Promise<void> {
    this.#mail = false
    this.#heardAt = this.#engine.clock.now()
    const { row, writer } = this.#parts
    for (const message of await this.#engine.store.inbox(row.id)) {
      if (message.kind === 'cancel' && this.#state.phase.kind !== 'ended') {
        this.#cancel(typeof message.body === 'string' ? message.body : '', message.dedupe)
        continue
      }
      if (message.kind === 'child') {
        this.#hearChild(message.dedupe)
        continue
      }
      writer.consume(message.dedupe)
      const draft = messageDraft(this.#state, message)
      if (draft) this.#take(draft)
      writer.keep()
    }
  }

  /** A child has ended: those that waited for somebody are looked at again. */
  #hearChild(mark: string): void {
    this.#resting.clear()
    this.#stuck.clear()
    const isOpen = callsOf(this.#state).some(({ key, stage }) => stage.kind !== 'settled' && isFrom(key, mark))
    // What came of it may be written already.
    if (isOpen) this.#childMail.add(mark)
    else this.#parts.writer.consume(mark)
  }

  #cancel(reason: string, dedupe: string): void {
    if (this.#ending?.kind === 'cancel') return
    this.#ending = { kind: 'cancel', reason, dedupe }
    const error = new CancelledError({
      code: 'run_cancelled',
      message: `The run "${this.#parts.row.id}" was cancelled: ${reason}`,
    })
    this.#flight.abort(error)
    void this.#flight.end(CANCEL_GRACE_MS, () => error, this.#engine.few)
  }

  /**
   * The message leaves the inbox together with what it led to; where a child cannot be told, it stays there for whoever
   * takes the run up again.
   */
  async #takeCancel({ reason, dedupe }: Extract<Ending, { kind: 'cancel' }>): Promise<void> {
    await Promise.all(this.#children().map((runId) => this.#engine.children.cancel(runId, reason)))
    this.#parts.writer.consume(dedupe)
    const said = this.#state.phase.kind === 'asking' ? this.#said : ''
    for (const draft of cancelDrafts(this.#state, reason, said, this.#spent)) this.#take(draft)
  }

  /** The runs of agents that are called, and may not have ended. */
  #children(): string[] {
    const { plan, row } = this.#parts
    const tools = this.#state.holder && plan.posts.get(this.#state.holder.card.agent)?.tools
    return callsOf(this.#state).flatMap(({ key, call, stage }) =>
      stage.kind === 'open' && tools?.get(call.name)?.child ? idempotencyKey(row.id, key) : [],
    )
  }
}

function retryAtOf(action: Action): number | null {
  return 'retryAt' in action ? action.retryAt : null
}

/** The attempts that are made again later. */
function retriesOf(actions: readonly Action[]): readonly Waiting[] {
  return actions.flatMap((action) => {
    const until = retryAtOf(action)
    return until === null || !('key' in action) ? [] : [{ kind: 'retry', key: action.key, until } as const]
  })
}

/** A tool has rolled its own transaction back, and went on as if nothing were. */
function isTxLost(error: unknown): boolean {
  return RepriseError.is(error) && error.code === 'tx_lost'
}
