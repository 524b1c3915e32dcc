// Drives one agent run that this runtime owns, from where its journal stands to its end, a rest or a stop. A round of
// run-session.ts's loop: `decide` (agent/) says what follows; what can be written at once is folded and gathered; one
// write commits it; then efforts begin (perform.ts), and what comes back is folded in turn.
// It keeps invariants 2 (nothing leaves before what led to it is committed), 8 (each effort is fenced,
// and one that has lost the run begins none) and 9 (intents share their reply's commit).
import { overDrafts } from '../../agent/rules/over.ts'
import { type Action, type Beside, type Effort, retriesOf, retryAtOf } from '../../agent/decide/action.ts'
import { decide, waitsOf } from '../../agent/decide/decide.ts'
import { callsOf } from '../../agent/state/calls-of.ts'
import { cancelDrafts } from '../../agent/state/cancel.ts'
import { doubtDrafts, type RunnerOf } from '../../agent/state/doubt.ts'
import { fold } from '../../agent/state/fold.ts'
import { isAwaited, openChildren, remarksOf } from '../../agent/decide/of-calls.ts'
import type { Remark } from '../../agent/calls/remark.ts'
import type { AgentState } from '../../agent/state/state.ts'
import { mayHear } from '../../agent/walk/agrees.ts'
import type { Draft, Interrupted, Waiting } from '../../contracts/entry.ts'
import type { NewFact } from '../../contracts/fact.ts'
import type { Rewound } from '../../contracts/rewound.ts'
import type { Used } from '../../contracts/totals.ts'
import type { Plan } from '../../define/plan.ts'
import { askId, idempotencyKey } from '../../journal/keys.ts'
import { childrenOf, leavesAt } from '../../journal/rewound.ts'
import type { Engine } from '../engine.ts'
import { saidWithin } from '../effort/bound.ts'
import { InFlight } from '../effort/in-flight.ts'
import { LONG_WAIT_MS } from '../grace.ts'
import { messageDraft } from '../messages/inbox.ts'
import { saidDraft, SaidMail } from '../messages/said.ts'
import { CallRoom } from './call-room.ts'
import { ChildrenAtRest } from './children-at-rest.ts'
import { interruptedBy, stopped } from './interruption.ts'
import { isFrom } from '../messages/parent-message.ts'
import { TellAsks } from '../messages/tell-asks.ts'
import { type Asking, type Landing, perform } from './perform.ts'
import { restingFor, type Standing, standingOf } from './row.ts'
import { type Ending, reasonOf, type RunParts, RunSession } from './run-session.ts'
import { remarkOnce } from '../remark.ts'
import { runnerOf } from '../effort/running.ts'
import type { Transaction } from '../effort/run-tool.ts'
import { transact } from '../effort/transact.ts'

/** What a session is made of. */
export interface SessionParts extends RunParts {
  readonly plan: Plan
  readonly state: AgentState
  /** All call ids of the run so far. */
  readonly callIds: Set<string>
}

/** One agent run being driven: from where its journal stands to its end, to a rest, or to a stop. */
export class Session extends RunSession<Landing> {
  readonly #plan: Plan
  readonly #callIds: Set<string>
  protected readonly inFlight: InFlight<Landing>
  /** The calls that may not happen twice and were begun here, by their attempts. */
  readonly #begun = new Set<string>()
  readonly #atRest = new ChildrenAtRest()
  readonly #room: CallRoom
  readonly #asks: TellAsks
  readonly #said = new SaidMail()
  #state: AgentState
  /** When the inbox was last read, in milliseconds since 1970: a word that was left before then has been heard. */
  #heardAt = -Infinity
  #asking: Asking = { said: '', spent: undefined }

  constructor(engine: Engine, parts: SessionParts) {
    super(engine, parts)
    this.#plan = parts.plan
    this.#callIds = parts.callIds
    this.inFlight = new InFlight(engine.clock)
    this.#room = new CallRoom(parts.plan, (key) => this.inFlight.isBusy(key))
    this.#asks = new TellAsks(engine, parts.row, () => this.inFlight.nudge())
    this.#state = parts.state
  }

  get totals(): Used {
    return this.#state.totals
  }

  protected wake(): void {
    this.#atRest.retry()
  }

  async catchUp(): Promise<void> {
    this.notify()
  }

  protected async enter(): Promise<void> {}

  protected leave(): void {
    this.inFlight.close()
  }

  protected async round(): Promise<Standing | undefined> {
    if (this.mail || overDrafts(this.#state, this.engine.clock.now()).length > 0) await this.#readMail()
    this.#hearSaid()
    if (this.ending?.kind === 'stop' && this.inFlight.size === 0) this.#leaveInDoubt()
    const actions = this.#settle()
    if (this.ending?.kind === 'cancel' && this.inFlight.size === 0) await this.#takeCancel(this.ending)
    if (!this.ending && (await this.#readAhead(actions))) return undefined
    const idle = this.#isIdle(actions)
    const standing = idle ? this.#restsAs(actions) : this.#standing()
    await this.write(standing, idle)
    if (idle && standing.ending) this.engine.chains.keepOf(this.row, this.#state, this.#callIds)
    if (idle) return standing
    if (!(await this.mayBegin())) return undefined
    if (!this.ending) this.#asks.tell(this.#waits())
    for (const action of actions) if (!this.ending || this.#isPromised(action)) this.#launch(action)
    await this.#land()
    return undefined
  }

  /** Nothing is left to do here, or only what is to be done much later. */
  #isIdle(actions: readonly Action[]): boolean {
    if (this.ending) return this.inFlight.size === 0 && !actions.some((action) => this.#isPromised(action))
    const isDone = this.inFlight.busy === 0 && actions.every((action) => this.#isPutOff(action))
    return isDone && !this.#asks.hasUntold(this.#waits())
  }

  /**
   * Whether a call's intent is written and its tool has not begun when the run is to stop: it is under way, and whoever
   * took the run up would have to doubt it.
   */
  #isPromised(action: Action): boolean {
    if (this.ending?.kind !== 'stop' || this.inFlight.isAborted) return false
    return (
      action.kind === 'call' && action.tool.effect === 'once' && !this.#begun.has(askId(action.key, action.attempt))
    )
  }

  #isPutOff(action: Action): boolean {
    if (action.kind === 'wait') return true
    if (!('key' in action)) return false
    return this.#atRest.isStuck(action.key) || this.#isLong(retryAtOf(action))
  }

  /** What is given up while it runs on may have happened, or happen yet: whoever takes the run up must not begin it again. */
  #leaveInDoubt(): void {
    const { owners } = this.engine
    const runner: RunnerOf = (key) => runnerOf(owners, this.row, key, undefined)
    for (const draft of doubtDrafts(this.#state, 'The runtime was closed before the result was known.', runner))
      if (runner(draft.key) !== undefined) this.#take(draft)
  }

  /** Whether a run that a worker drives is given up until then. */
  #isLong(at: number | null): boolean {
    return this.worked && at !== null && at - this.engine.clock.now() > LONG_WAIT_MS
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
    const lookAt = this.#asks.hasUntold(waits) ? { lookAt: this.engine.clock.now() } : {}
    return { ...restingFor(standing, this.writer.secrets.redact(waits)), ...lookAt }
  }

  #waits(): readonly Waiting[] {
    return this.#asks.marked(waitsOf(this.#state, this.#plan, this.#beside))
  }

  /** What was cut short is gone on with at once by whoever may. */
  #stopWaiting(actions: readonly Action[]): Interrupted | undefined {
    // What is to be tried again says when itself.
    const isCut = actions.some((action) => !this.#isPutOff(action) && retryAtOf(action) === null)
    return this.ending && (isCut || actions.length === 0) ? stopped(this.engine) : undefined
  }

  #stuckWaiting(): Interrupted | undefined {
    const { stuck } = this.#atRest
    if (stuck.length === 0 || this.ending) return undefined
    return interruptedBy(this.engine, this.row, stuck, this.writer.isFurther)
  }

  /** What its journal does not say: asked for with each decision, since secrets may have come since the last. */
  get #beside(): Beside {
    const { model } = this.engine
    const figures: Beside['figures'] = (name) => model.figures?.(name)
    return { runId: this.row.id, resting: this.#atRest.at, reveal: this.writer.secrets.revealing, figures }
  }

  /** Folds what follows from what is known, until only efforts and waits are left. */
  #settle(): readonly Action[] {
    for (;;) {
      const actions = decide(this.#state, this.#plan, this.#beside)
      const follows = actions.flatMap((action) => this.#draftsOf(action))
      const drafts = this.#room.fit(this.#state, follows)
      if (drafts.length === 0) return actions
      for (const draft of drafts) this.#take(draft)
    }
  }

  #draftsOf(action: Action): readonly Draft[] {
    if (action.kind === 'wait') return overDrafts(this.#state, this.#heardAt)
    if (action.kind !== 'record') return []
    // An intent that nobody will carry out here would only raise a doubt.
    if (this.ending && action.draft.kind === 'call.intended') return []
    if (action.remark !== undefined) this.#say(action.remark)
    return [this.#signed(action.draft)]
  }

  /** Whoever takes the run up must know whose intent it is: that owner may be stopped, and go on with the call later. */
  #signed(draft: Draft): Draft {
    if (draft.kind !== 'call.intended') return draft
    return { ...draft, body: { ...draft.body, owner: this.engine.owner } }
  }

  #take(draft: Draft, fact?: NewFact): void {
    if (draft.kind === 'call.returned' || draft.kind === 'call.failed') this.childMail.consume(draft.key)
    if (draft.kind === 'approval.asked') this.#remark(draft.key)
    this.#state = fold(this.#state, this.writer.add(draft, fact))
  }

  #remark(key: string): void {
    for (const remark of remarksOf(this.#state, this.#plan, key)) this.#say(remark)
  }

  #say({ about, line }: Remark): void {
    remarkOnce(this.engine.log, about, this.writer.secrets.redact(line))
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
    if (!this.inFlight.hasLanded) return false
    await this.#land()
    return true
  }

  /** Begins what is due. What is to be tried again later waits first, and is begun once all before it is committed. */
  #launch(action: Action): void {
    if (action.kind === 'record' || action.kind === 'wait') return
    if (this.#atRest.isStuck(action.key) || !this.#room.takes(this.#state, action)) return
    const at = retryAtOf(action)
    if (at !== null && !this.inFlight.isDue(action.key, at)) this.inFlight.waitUntil(action.key, at)
    else
      this.inFlight.begin(action.key, (signal) => this.#perform(action, signal), leavesAt(this.#rewoundAt, action.key))
  }

  #perform(effort: Effort, signal: AbortSignal): Promise<Landing | undefined> {
    if (effort.kind === 'ask' || effort.kind === 'compact') this.#asking = { said: '', spent: undefined }
    if (effort.kind === 'call') {
      if (effort.tool.effect === 'once') this.#begun.add(askId(effort.key, effort.attempt))
      this.#remark(effort.key)
    }
    const { engine, row, worked } = this
    const run = { engine, row, worked, plan: this.#plan, state: this.#state, secrets: this.writer.secrets }
    const report = (draft: Draft): void => this.inFlight.report(draft)
    const beside = { callIds: this.#callIds, asking: this.#asking, rewoundAt: this.#rewoundAt, report }
    return perform({ ...run, ...beside }, effort, signal)
  }

  /** Takes what has come back, together. */
  async #land(): Promise<void> {
    // Whoever is told of an ask says so by a nudge.
    const landings = await (this.#asks.isTelling ? this.inFlight.landingsOrNudge() : this.inFlight.landings())
    for (const landing of landings) {
      if (landing.kind === 'rests') this.#atRest.add(landing)
      else if (landing.kind === 'remembered') this.#take(landing.draft, landing.fact)
      else if (landing.kind !== 'transaction' && isAwaited(this.#state, this.#plan, this.#beside, landing))
        this.#take(landing)
    }
    this.writer.keep()
    for (const landing of landings) if (landing.kind === 'transaction') await this.#transact(landing)
  }

  /** What was taken before it is committed first. */
  async #transact(transaction: Transaction): Promise<void> {
    await this.write(this.#standing(), false)
    const came = await transact(this.writer, transaction)
    if (!came) return
    if ('entry' in came) this.#state = fold(this.#state, came.entry)
    else this.#take(came.draft)
  }

  async #readMail(): Promise<void> {
    this.mail = false
    this.#heardAt = this.engine.clock.now()
    for await (const message of this.messages(this.#openChildAt)) {
      if (message.kind === 'cancel' && this.#state.phase.kind !== 'ended') {
        this.cancel(message)
        continue
      }
      if (message.kind === 'child') {
        this.#hearChild(message.dedupe)
        continue
      }
      if (this.#said.add(message)) continue
      if (message.kind === 'rewind') this.#atRest.forget()
      else this.writer.consume(message.dedupe)
      const draft =
        message.kind === 'rewind' ? this.rewind(message, this.#openChildAt) : messageDraft(this.#state, message)
      if (draft) this.#take(saidWithin(this.engine.model, this.#state, this.#plan, draft))
      this.writer.keep()
    }
  }

  #hearSaid(): void {
    for (const message of this.#said.due(this.#state, this.ending ? Infinity : this.inFlight.busy)) {
      if (mayHear(this.#state)) this.#take(saidDraft(message))
      this.writer.consume(message.dedupe)
      this.writer.keep()
    }
  }

  readonly #rewoundAt = (key: string): Rewound | undefined => this.#state.rewound.find((other) => other.key === key)

  /** The child run of a call that has not ended. */
  readonly #openChildAt = (key: string): string | undefined =>
    openChildren(this.#state, this.#plan).includes(key) ? this.#childAt(key) : undefined

  #childAt(key: string): string {
    return this.#rewoundAt(key)?.to ?? idempotencyKey(this.row.id, key)
  }

  /** A child has ended: those that waited for somebody are looked at again. */
  #hearChild(mark: string): void {
    this.#atRest.forget()
    const isOpen = callsOf(this.#state).some(
      ({ key, stage }) => stage.kind !== 'settled' && isFrom(key, mark, this.#childAt(key)),
    )
    // What came of it may be written already.
    if (isOpen) this.childMail.add(mark)
    else this.writer.consume(mark)
  }

  /**
   * The message leaves the inbox together with what it led to; where a child cannot be told, it stays there for whoever
   * takes the run up again.
   */
  async #takeCancel({ by, dedupe }: Extract<Ending, { kind: 'cancel' }>): Promise<void> {
    const children = openChildren(this.#state, this.#plan).flatMap((key) =>
      childrenOf(this.#rewoundAt(key), idempotencyKey(this.row.id, key)),
    )
    await Promise.all(children.map((runId) => this.engine.children.cancel(runId, reasonOf(by))))
    if (dedupe !== undefined) this.writer.consume(dedupe)
    const { said, spent } = this.#asking
    const text = this.#state.phase.kind === 'asking' ? said : ''
    for (const draft of cancelDrafts(this.#state, by, text, spent)) this.#take(draft)
  }
}
