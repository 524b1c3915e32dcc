// One execution of a workflow's code over what is recorded (invariant 3). The code asks for operations by key; what is
// recorded of them is told to it in the order of the journal, one at a time, so that it comes to the same calls again.
import type { DefinitionRef, Effects, Entry, Message } from '../contracts/entry.ts'
import type { Rewound } from '../contracts/rewound.ts'
import { type Divergence, divergenceError } from '../journal/divergence.ts'
import { DefinitionError } from '../values/errors.ts'
import { Course } from './course.ts'
import type { Op } from './op.ts'
import { Operations } from './operations.ts'
import { drained, Patience } from './patience.ts'
import { Recorded } from './recorded.ts'
import { PATCH_KEY } from './shape.ts'

/** An operation that is open, and what is recorded of its beginning. */
export interface Begun {
  readonly op: Op
  /** The attempt that is next. */
  readonly attempt: number
  /** When that is due, or when a timer fires; null where it is at once. */
  readonly at: number | null
  /** Whether its beginning (a child's start, a timer's end) is recorded. */
  readonly started: boolean
}

/** Whoever drives an execution, and does what its code asks for. */
export interface Listener {
  /** Hears that the code asks for something. */
  readonly asked: () => void
  /** Hears of an operation that is cancelled before it is answered. */
  readonly cancelled: (op: Op) => void
  /** Hears of what is asked for after the end, by its key: an operation, or a patch that is not recorded. */
  readonly late: (key: string) => void
  /** Writes down that the run has a patch, by its key, before this returns. */
  readonly patched: (key: string) => void
}

/** How far an execution is. */
type Life =
  /** What is recorded is fed to it. */
  | { readonly kind: 'fed' }
  /** Its code runs. What that comes to once it was told `known` of what is recorded is new; infinite in a replay. */
  | { readonly kind: 'running'; readonly known: number }
  /** Nobody does any more what the code asks for. */
  | { readonly kind: 'abandoned' }
  /** The code has ended: what it asks for all the same comes too late. */
  | { readonly kind: 'ended' }

/** Holds what the code waits for against what is recorded. */
export class Execution {
  readonly #runId: string
  readonly #definition: DefinitionRef
  readonly #listener: Listener
  readonly #recorded = new Recorded()
  readonly #operations = new Operations()
  readonly #course = new Course(this.#recorded)
  readonly #patience = new Patience()
  /** What the code was told of each patch: the same from its first time on. */
  readonly #patched = new Map<string, boolean>()
  #life: Life = { kind: 'fed' }
  #misuse: DefinitionError | undefined

  constructor(runId: string, definition: DefinitionRef, listener: Listener) {
    this.#runId = runId
    this.#definition = definition
    this.#listener = listener
  }

  /** Takes an entry of the journal: one that was read, or one that was just written. */
  feed(entry: Entry): void {
    this.#recorded.feed(entry)
  }

  /** The time of the last thing that the code was told. */
  get now(): number {
    return this.#recorded.now
  }

  /** What random numbers come from where the code is. */
  get seed(): string {
    return this.#recorded.seed
  }

  /** What an entry says of what was asked before it; the old format has no place for that. */
  said(after: string): string {
    return this.#recorded.says ? after : ''
  }

  /** What the run may do to the world. */
  get effects(): Effects {
    return this.#recorded.effects
  }

  /** What an operation would do that the run may not; undefined where it may be done. */
  blockedEffect(op: Op): string | undefined {
    if (op.kind === 'step' && this.effects === 'read') return `the step at ${op.key}`
    return this.#recorded.blockedEffect(op.key)
  }

  /** The child that the run goes on with at a key instead of the one that it began, where there is one. */
  rewoundAt(key: string): Rewound | undefined {
    return this.#recorded.ownRewound(key)
  }

  /** The child run that the code waits for at a key, where it has begun. */
  childAt(key: string): string | undefined {
    const op = this.#operations.at(key)
    if (op?.kind !== 'child' || !this.#recorded.ownStartOf(key)) return undefined
    return this.rewoundAt(key)?.to ?? op.runId
  }

  /** Whether there is more to tell than the code has been told. */
  get replaying(): boolean {
    return this.#recorded.hasMore
  }

  /** The divergence that was found, whatever the code made of it. */
  get divergence(): Divergence | undefined {
    return this.#course.divergence
  }

  /** The first misuse of ctx, whatever the code made of its error. */
  get misuse(): DefinitionError | undefined {
    return this.#misuse
  }

  /** Notes a misuse of ctx, to be thrown: a run in which one was caught fails all the same. */
  misused(error: DefinitionError): DefinitionError {
    return (this.#misuse ??= error)
  }

  /**
   * Begins: what was fed until now was recorded by an execution before.
   *
   * @param sealed whether nothing more may follow, as in a replay.
   */
  begin(sealed: boolean): void {
    this.#life = { kind: 'running', known: sealed ? Infinity : this.#recorded.known }
  }

  /** Runs the code, and sees what it has under way elsewhere as long as there is more to tell it. */
  run<T>(code: () => Promise<T>): Promise<T> {
    // From a turn of its own: nobody who calls this is part of the stacks that the code sees.
    const later = (): Promise<T> => Promise.resolve().then(code)
    return this.#recorded.isBehind ? this.#patience.run(later) : later()
  }

  /** Says that the code has ended: nothing that is asked for now is done. */
  end(): void {
    this.#life = { kind: 'ended' }
  }

  /** Lets go of the code: nobody does what it asks for any more. */
  abandon(): void {
    if (this.#life.kind !== 'ended') this.#life = { kind: 'abandoned' }
    this.#patience.end()
  }

  /** Opens an operation. */
  ask(op: Op): Promise<unknown> {
    if (this.#life.kind === 'ended') {
      this.#listener.late(op.key)
      return new Promise(() => undefined)
    }
    if (this.#recorded.wasAsked(op.key)) throw this.misused(twice(op.key))
    this.#recorded.ask(op.key)
    const parted = this.#course.begins(op)
    // Whatever the code makes of this, its run goes no further.
    if (parted) throw divergenceError(this.#runId, this.#definition, parted)
    if (op.kind === 'race' && this.#recorded.says) this.#operations.decide(op.key)
    const answer = this.#operations.open(op)
    if (this.#life.kind !== 'abandoned') this.#listener.asked()
    return answer
  }

  /** All that the code has asked for and was not told. */
  get open(): readonly string[] {
    return this.#operations.keys
  }

  /** Whether anything that is open looks like the loser of a race of promises: it only waits, or something else came first. */
  get hasLosers(): boolean {
    return this.#operations.hasLosers
  }

  /** Whether a key is asked for and not answered. */
  isOpen(key: string): boolean {
    return this.#operations.isOpen(key)
  }

  /** Whether a key was answered or cancelled. */
  isClosed(key: string): boolean {
    return this.#operations.isClosed(key)
  }

  /** What the code waits for and nothing is recorded of yet. */
  pending(): Begun[] {
    const { ahead } = this.#recorded
    return this.#operations.all.filter(({ key }) => !ahead.has(key)).map((op) => this.#begun(op))
  }

  /** Closes the operations under a path, whose branch was cancelled: nobody waits for them any more. */
  cancelUnder(path: string, reason: unknown): void {
    for (const key of this.open) if (key.startsWith(path)) this.cancelOne(key, reason)
  }

  /** Closes one operation, where it is open. */
  cancelOne(key: string, reason: unknown): void {
    const op = this.#operations.cancel(key, reason)
    if (op && this.#life.kind !== 'abandoned') this.#listener.cancelled(op)
  }

  /** The messages that the code has not received. */
  get unheard(): readonly Message[] {
    return this.#operations.unheard
  }

  /** Tells whether the code comes to a patch as a run that has it; that it does is written where the code is at what is new. */
  patched(id: string): boolean {
    const key = `${PATCH_KEY}${id}`
    const told = this.#patched.get(key)
    if (told !== undefined) return told
    const isThere = this.#recorded.hasPatch(key)
    const isNew = this.#life.kind === 'running' && this.#recorded.isPast(this.#life.known)
    this.#patched.set(key, isThere || isNew)
    if (isNew && !isThere) this.#listener.patched(key)
    if (this.#life.kind === 'ended' && !isThere) this.#listener.late(key)
    return isThere || isNew
  }

  /**
   * Tells the code what is recorded, as far as it asks for it.
   *
   * @returns the first entry that it does not ask for, where there is one.
   */
  async tell(): Promise<Entry | undefined> {
    const recorded = this.#recorded
    await drained()
    for (let turns = 0; ; turns++) {
      for (
        let entry = recorded.next;
        entry && this.#course.leadsTo(entry) && this.#answer(entry);
        entry = recorded.next
      ) {
        recorded.pass(entry)
        turns = 0
        // What the code asks for because of this comes before it hears the next.
        await drained()
      }
      this.#course.settle()
      const isTold = !recorded.isBehind || this.divergence !== undefined
      if (isTold || !(await this.#patience.goesOn(turns, this.#life.kind === 'ended'))) {
        this.#patience.end()
        return isTold ? undefined : recorded.firstUnasked
      }
    }
  }

  /** Tells the code one entry; false when it does not ask for it yet. */
  #answer(entry: Entry): boolean {
    if (entry.kind === 'message.received') {
      this.#operations.hear(entry.body)
      return true
    }
    if (entry.kind === 'run.waiting') return this.#operations.awaits(entry.body.waiting)
    const op = this.#operations.at(entry.key)
    if (!op) return this.#operations.endLoser(entry.key, this.#recorded.says)
    if (this.#course.answers(op, entry)) this.#operations.answer(entry)
    return true
  }

  #begun(op: Op): Begun {
    const start = this.#recorded.ownStartOf(op.key)
    if (start?.kind === 'step.failed') return { op, attempt: start.attempt + 1, at: start.body.retryAt, started: true }
    if (start?.kind === 'timer.set') return { op, attempt: 1, at: start.body.until, started: true }
    return { op, attempt: 1, at: null, started: start !== undefined }
  }
}

function twice(key: string): DefinitionError {
  return new DefinitionError({
    code: 'name_in_use',
    message: `The workflow uses "${key}" twice, so nobody could tell the two apart after a crash. Give each a key of its own ({ key }).`,
    details: { key },
  })
}
