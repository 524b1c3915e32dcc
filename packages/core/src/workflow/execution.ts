// One execution of a workflow's code over what is recorded (invariant 3). The code asks for operations by key; what is
// recorded of them is told to it in the order of the journal, one at a time, so that it comes to the same calls again.
import { setImmediate } from 'node:timers/promises'
import type { DefinitionRef, Effects, Entry, EntryOf, Message, Waiting } from '../contracts/entry.ts'
import { type Divergence, divergenceError } from '../journal/divergence.ts'
import { STARTS, UNTOLD } from '../journal/entry-kinds.ts'
import { DefinitionError } from '../words/errors.ts'
import { type Difference, difference } from './agree.ts'
import type { Op } from './op.ts'
import { leaveAlone, Watch } from './outside.ts'
import { PATCH_KEY, Shape, withheldIn } from './shape.ts'
import { tellOutcome } from './tell.ts'

/**
 * How often the code may come back to the event loop before it must have asked for what is recorded next, where nothing
 * that it has under way elsewhere can be seen.
 */
const PATIENCE = 200

interface Open {
  readonly op: Op
  /** How much had been answered when it was asked for. */
  readonly after: number
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
}

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

/** Where another run's entries end and this one's begin. */
interface Fork {
  /** How much the code had been told by then. */
  readonly after: number
  /** What it had asked for by then and begun. */
  readonly begun: readonly string[]
  readonly entry: EntryOf<'run.forked'>
}

/** Holds what the code waits for against what is recorded. */
export class Execution {
  readonly #runId: string
  readonly #definition: DefinitionRef
  readonly #open = new Map<string, Open>()
  /** What was answered or cancelled; of the latter, something may be recorded all the same. */
  readonly #closed = new Map<string, 'answered' | 'cancelled'>()
  /** The paths of races that the code has decided: their branches hear no message any more. */
  readonly #decided: string[] = []
  readonly #starts = new Map<string, Entry>()
  /** What came and was not received, in its order. */
  #mailbox: Message[] = []
  readonly #patches = new Set<string>()
  /** What the code was told of each patch: the same from its first time on. */
  readonly #patched = new Map<string, boolean>()
  readonly #opened = new Set<string>()
  /** What is recorded to have begun and was not asked for yet, in the order of the journal. */
  readonly #unasked = new Map<string, Entry>()
  readonly #queue: Entry[] = []
  /** What of it a workflow's journal cannot have where it stands, and what should stand there. */
  readonly #odd = new Map<Entry, Difference>()
  readonly #shape = new Shape()
  readonly #forks: Fork[] = []
  /** Children that came to what their run may not do, by key: what that was. */
  readonly #withheld = new Map<string, string>()
  #effects: Effects = 'live'
  #seed = ''
  /** Whether the run's entries say all that was asked: from the second format on. */
  #says = false
  #watch: Watch | undefined
  /** How many operations were answered. */
  #answered = 0
  /** What was recorded when the code began. */
  #recorded = 0
  #sealed = false
  #next = 0
  #now = 0
  #diverged: Divergence | undefined
  /** The first beginning that is another than the code's: where it has parted, unless something before it says so. */
  #differs: Divergence | undefined
  #misuse: DefinitionError | undefined
  #over = false
  /** Called when the code asks for something. */
  onAsk: () => void = () => undefined
  /** Called when an operation is cancelled before it is answered. */
  onCancel: (op: Op) => void = () => undefined
  /** Called with the key when something is asked for after the end. */
  onLate: (key: string) => void = () => undefined

  constructor(runId: string, definition: DefinitionRef) {
    this.#runId = runId
    this.#definition = definition
  }

  /** Takes an entry of the journal: one that was read, or one that was just written. */
  feed(entry: Entry): void {
    const odd = this.#shape.next(entry)
    if (odd && this.#says) {
      this.#odd.set(entry, odd)
      this.#queue.push(entry)
    } else if (entry.kind === 'run.started') this.#start(entry)
    else if (entry.kind === 'run.forked') this.#fork(entry)
    else if (entry.kind === 'child.ended' && this.#isWithheld(entry)) return
    else if (entry.key.startsWith(PATCH_KEY)) this.#patches.add(entry.key)
    else if (STARTS.has(entry.kind) || (entry.kind === 'step.failed' && entry.body.retryAt !== null)) this.#begin(entry)
    else if (this.#isTold(entry)) this.#queue.push(entry)
  }

  /** The time of the last thing that the code was told. */
  get now(): number {
    return Math.max(this.#now, this.#forked?.entry.at ?? 0)
  }

  /** What random numbers come from where the code is. */
  get seed(): string {
    return this.#forked?.entry.body.seed ?? this.#seed
  }

  /** What an entry says of what was asked before it; the old format has no place for that. */
  said(after: string): string {
    return this.#says ? after : ''
  }

  /** What the run may do to the world. */
  get effects(): Effects {
    return this.#effects
  }

  /** What an operation would do that the run may not; undefined where it may be done. */
  withheld(op: Op): string | undefined {
    if (op.kind === 'step' && this.#effects === 'read') return `the step at ${op.key}`
    return this.#withheld.get(op.key)
  }

  /** Whether there is more to tell than the code has been told. */
  get replaying(): boolean {
    return this.#next < this.#queue.length
  }

  /** The divergence that was found, whatever the code made of it. */
  get divergence(): Divergence | undefined {
    return this.#diverged
  }

  /** The first misuse of ctx, whatever the code made of its error. */
  get misuse(): DefinitionError | undefined {
    return this.#misuse
  }

  /** Notes a misuse of ctx, to be thrown: a run in which one was caught fails all the same. */
  misused(error: DefinitionError): DefinitionError {
    return (this.#misuse ??= error)
  }

  /** Says that the code has ended: nothing that is asked for now is done. */
  end(): void {
    this.#over = true
  }

  /** What the code waits for and nothing is recorded of yet. */
  pending(): Begun[] {
    const told = new Set(this.#queue.slice(this.#next).map(({ key }) => key))
    return [...this.#open.values()].filter(({ op }) => !told.has(op.key)).map(({ op }) => this.#begun(op))
  }

  /** Opens an operation. */
  ask(op: Op): Promise<unknown> {
    if (this.#over) {
      this.onLate(op.key)
      return new Promise(() => undefined)
    }
    if (this.#opened.has(op.key)) throw this.misused(twice(op.key))
    this.#opened.add(op.key)
    this.#unasked.delete(op.key)
    const start = this.#starts.get(op.key)
    if (start && this.#says) this.#differ(op, start)
    else if (start && this.#parts(op, start, start)) throw this.#stopped()
    return new Promise((resolve, reject) => {
      this.#open.set(op.key, { op, after: this.#answered, resolve, reject })
      // A message that comes from now on is for whoever receives it after the race.
      if (op.kind === 'race' && this.#says) this.#decided.push(`${op.key}/`)
      if (op.kind === 'receive') this.#handOver(op.signal)
      this.onAsk()
    })
  }

  /** Closes the operations under a path, whose branch was cancelled: nobody waits for them any more. */
  cancelUnder(path: string, reason: unknown): void {
    for (const key of this.open) if (key.startsWith(path)) this.cancelOne(key, reason)
  }

  /** Closes one operation, where it is open. */
  cancelOne(key: string, reason: unknown): void {
    const open = this.#open.get(key)
    if (!open) return
    this.#close(key, 'cancelled')
    open.reject(reason)
    this.onCancel(open.op)
  }

  /** Whether a key is asked for and not answered. */
  isOpen(key: string): boolean {
    return this.#open.has(key)
  }

  /** Whether a key was answered or cancelled. */
  isClosed(key: string): boolean {
    return this.#closed.has(key)
  }

  /**
   * Begins: what was fed until now was recorded by an execution before.
   *
   * @param sealed whether nothing more may follow, as in a replay.
   */
  begin(sealed: boolean): void {
    // The messages that it is begun with say nothing of how far its code came.
    const isFresh = this.#queue.every(({ kind, seq }, index) => kind === 'message.received' && seq === index + 1)
    this.#recorded = isFresh ? 0 : this.#queue.length
    this.#sealed = sealed
  }

  /** Runs the code, and sees what it has under way elsewhere as long as there is more to tell it. */
  run<T>(code: () => Promise<T>): Promise<T> {
    // From a turn of its own: nobody who calls this is part of the stacks that the code sees.
    const later = (): Promise<T> => Promise.resolve().then(code)
    if (!this.#isBehind) return later()
    this.#watch = new Watch()
    return this.#watch.run(later)
  }

  /** Looks after the code no more. */
  leave(): void {
    this.#watch?.end()
    this.#watch = undefined
  }

  /**
   * Tells whether the code comes to a patch as a run that has it.
   *
   * @param mark writes down that it does, where nothing is recorded beyond this place.
   */
  patched(id: string, mark: (key: string) => void): boolean {
    const key = `${PATCH_KEY}${id}`
    const told = this.#patched.get(key)
    if (told !== undefined) return told
    const isNew = !this.#sealed && this.#next >= this.#recorded && this.#unasked.size === 0
    const answer = this.#patches.has(key) || isNew
    this.#patched.set(key, answer)
    if (isNew && !this.#patches.has(key)) mark(key)
    return answer
  }

  /** The messages that the code has not received. */
  get unheard(): readonly Message[] {
    return this.#mailbox
  }

  /** All that the code has asked for and was not told. */
  get open(): readonly string[] {
    return [...this.#open.keys()]
  }

  /** Whether anything that is open looks like the loser of a race of promises: it only waits, or something else came first. */
  get hasLosers(): boolean {
    return [...this.#open.values()].some(
      ({ op, after }) => op.kind === 'receive' || op.kind === 'timer' || after < this.#answered,
    )
  }

  /**
   * Tells the code what is recorded, as far as it asks for it.
   *
   * @returns the first entry that it does not ask for, where there is one.
   */
  async tell(): Promise<Entry | undefined> {
    await drained()
    for (let turns = 0; ; turns++) {
      for (let entry = this.#queue[this.#next]; entry && this.#isNext(entry); entry = this.#queue[this.#next]) {
        this.#next++
        this.#now = entry.at
        turns = 0
        // What the code asks for because of this comes before it hears the next.
        await drained()
      }
      if (this.#differs && !this.#isBefore(this.#differs)) this.#diverged ??= this.#differs
      const isTold = !this.#isBehind || this.#diverged !== undefined
      if (isTold || !(await this.#mayAsk(turns))) {
        this.leave()
        return isTold ? undefined : this.#firstUnasked
      }
    }
  }

  /** Lets the code go on for a turn of the event loop, or as long as it is at work elsewhere; false where it is not. */
  async #mayAsk(turns: number): Promise<boolean> {
    const state = this.#watch?.state ?? 'quiet'
    if (state !== 'busy' && (this.#over || state === 'asleep' || turns >= PATIENCE)) return false
    await (state === 'busy' && turns > PATIENCE ? leaveAlone() : setImmediate())
    return true
  }

  get #isBehind(): boolean {
    return this.replaying || this.#unasked.size > 0
  }

  get #firstUnasked(): Entry | undefined {
    const [begun] = this.#unasked.values()
    const answer = this.#queue[this.#next]
    return begun && answer ? (begun.seq < answer.seq ? begun : answer) : (begun ?? answer)
  }

  #begin(entry: Entry): void {
    this.#starts.set(entry.key, entry)
    if (!this.#opened.has(entry.key) && !this.#unasked.has(entry.key)) this.#unasked.set(entry.key, entry)
  }

  /** The fork that the code has come past, if any. */
  get #forked(): Fork | undefined {
    return this.#forks.findLast(
      ({ after, begun }) => after <= this.#next && begun.every((key) => this.#opened.has(key)),
    )
  }

  #start({ at, body }: EntryOf<'run.started'>): void {
    this.#now = at
    this.#effects = body.effects ?? 'live'
    this.#says = (body.format ?? 1) >= 2
    if ('seed' in body) this.#seed = body.seed
  }

  /** What a workflow's journal does not have is a stray wherever it stands. */
  #isTold({ kind }: Entry): boolean {
    return kind === 'run.waiting' ? this.#says : !UNTOLD.has(kind)
  }

  #fork(entry: EntryOf<'run.forked'>): void {
    this.#forks.push({ after: this.#queue.length, begun: [...this.#starts.keys()], entry })
    this.#effects = entry.body.effects
    this.#withheld.clear()
  }

  /** The code is not told of such an end: its run ends so too. */
  #isWithheld(entry: EntryOf<'child.ended'>): boolean {
    const { key, body } = entry
    const what = withheldIn(entry)
    if (what !== undefined) this.#withheld.set(key, `${what} of its child run "${body.runId}"`)
    return what !== undefined
  }

  #begun(op: Op): Begun {
    const start = this.#starts.get(op.key)
    const forkedAt = this.#forks.at(-1)?.entry.seq ?? 0
    // What the run that this one was forked from had begun was its own; a time that was set stays set.
    if (start && start.seq < forkedAt && start.kind !== 'timer.set') return { op, attempt: 1, at: null, started: false }
    if (start?.kind === 'step.failed') return { op, attempt: start.attempt + 1, at: start.body.retryAt, started: true }
    if (start?.kind === 'timer.set') return { op, attempt: 1, at: start.body.until, started: true }
    return { op, attempt: 1, at: null, started: start !== undefined }
  }

  /** Tells the code one entry, once it has asked for all that was begun before; false when it does not ask for it yet. */
  #isNext(entry: Entry): boolean {
    const [begun] = this.#unasked.values()
    if (this.#says && begun && begun.seq < entry.seq) return false
    if (this.#diverged || (this.#differs && this.#differs.seq < entry.seq)) return false
    const odd = this.#odd.get(entry)
    if (odd) this.#diverged = { seq: entry.seq, key: entry.key, ...odd }
    return odd === undefined && this.#answer(entry)
  }

  /** Whether the code has not asked for something that is recorded before this. */
  #isBefore({ seq }: Divergence): boolean {
    return (this.#firstUnasked?.seq ?? seq) < seq
  }

  #answer(entry: Entry): boolean {
    if (entry.kind === 'message.received') {
      this.#mailbox.push(entry.body)
      this.#handOver(entry.body.signal)
      return true
    }
    if (entry.kind === 'run.waiting') return this.#waits(entry.body.waiting)
    const open = this.#open.get(entry.key)
    // A timeout may fire just when the message comes, and a loser may end just when the winner does.
    if (!open) {
      const isLoser = this.#closed.get(entry.key) === 'cancelled'
      if (isLoser && this.#says) this.#closed.set(entry.key, 'answered')
      return isLoser
    }
    if (this.#parts(open.op, entry, this.#starts.get(entry.key))) return true
    this.#close(entry.key, 'answered')
    tellOutcome(entry, open.resolve, open.reject)
    return true
  }

  /** Whether the code waits for what a run rests for. */
  #waits(waiting: Waiting): boolean {
    const op = this.#open.get(waiting.key)?.op
    if (waiting.kind === 'signal') return op?.kind === 'receive' && op.signal === waiting.signal
    return op !== undefined && op.kind === waiting.kind
  }

  #handOver(signal: string): void {
    const waiting = [...this.#open.values()].find(
      ({ op }) => op.kind === 'receive' && op.signal === signal && !this.#isDecided(op.key),
    )
    const message = waiting && this.#mailbox.find((one) => one.signal === signal)
    if (!message) return
    this.#mailbox = this.#mailbox.filter((one) => one !== message)
    this.#close(waiting.op.key, 'answered')
    waiting.resolve(message.payload)
  }

  #isDecided(key: string): boolean {
    return this.#decided.some((path) => key.startsWith(path))
  }

  #close(key: string, how: 'answered' | 'cancelled'): void {
    this.#open.delete(key)
    this.#closed.set(key, how)
    if (how === 'answered') this.#answered++
  }

  /** Whether an entry is another than today's code would have had written. */
  #parts(op: Op, entry: Entry, start: Entry | undefined): boolean {
    const found = this.#differenceOf(op, entry, start)
    if (found) this.#diverged ??= found
    return found !== undefined
  }

  #differ(op: Op, start: Entry): void {
    const found = this.#differenceOf(op, start, start)
    if (found && found.seq < (this.#differs?.seq ?? Infinity)) this.#differs = found
  }

  #differenceOf(op: Op, entry: Entry, start: Entry | undefined): Divergence | undefined {
    const isOwn = entry.seq > (this.#forks.at(-1)?.entry.seq ?? 0)
    const found = difference(op, entry, start, { says: this.#says, isOwn })
    return found && { seq: entry.seq, key: entry.key, ...found }
  }

  /** What the code is given where it has parted from the journal: whatever it makes of it, its run goes no further. */
  #stopped(): Error {
    if (!this.#diverged) throw new Error('The code has not parted from its journal')
    return divergenceError(this.#runId, this.#definition, this.#diverged)
  }
}

/** Resolves when all that promises have to say has been said, in this turn of the event loop. */
function drained(): Promise<void> {
  return new Promise((resolve) => {
    process.nextTick(resolve)
  })
}

function twice(key: string): DefinitionError {
  return new DefinitionError({
    code: 'name_in_use',
    message: `The workflow uses "${key}" twice, so nobody could tell the two apart after a crash. Give each a key of its own ({ key }).`,
    details: { key },
  })
}
