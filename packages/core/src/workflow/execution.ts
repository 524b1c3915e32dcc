// One execution of a workflow's code over what is recorded (invariant 3). The code asks for operations by key; what is
// recorded of them is told to it in the order of the journal, one at a time, so that it comes to the same calls again.
import { setImmediate } from 'node:timers/promises'
import type { DefinitionRef, Effects, Entry, EntryKind, EntryOf, Message } from '../contracts/entry.ts'
import { type Divergence, divergenceError } from '../journal/divergence.ts'
import { withheldBy } from '../journal/withheld.ts'
import { DefinitionError } from '../words/errors.ts'
import type { Op } from './op.ts'
import { tellOutcome } from './tell.ts'

/** How often the code may come back to the event loop before it must have asked for what is recorded next. */
const PATIENCE = 200

interface Open {
  readonly op: Op
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
  readonly #closed = new Set<string>()
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
  readonly #forks: Fork[] = []
  /** Children that came to what their run may not do, by key: what that was. */
  readonly #withheld = new Map<string, string>()
  #effects: Effects = 'live'
  #seed = ''
  /** What was recorded when the code began. */
  #recorded = 0
  #sealed = false
  #next = 0
  #now = 0
  #diverged: Divergence | undefined
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
    if (entry.kind === 'run.started') this.#start(entry)
    else if (entry.kind === 'run.forked') this.#fork(entry)
    else if (entry.kind === 'child.ended' && this.#isWithheld(entry)) return
    else if (entry.key.startsWith(PATCH_KEY)) this.#patches.add(entry.key)
    else if (STARTS.has(entry.kind) || (entry.kind === 'step.failed' && entry.body.retryAt !== null)) this.#begin(entry)
    else if (ANSWERS.has(entry.kind)) this.#queue.push(entry)
  }

  /** The time of the last thing that the code was told. */
  get now(): number {
    return Math.max(this.#now, this.#forked?.entry.at ?? 0)
  }

  /** What random numbers come from where the code is. */
  get seed(): string {
    return this.#forked?.entry.body.seed ?? this.#seed
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
    this.#checkChild(op)
    this.#opened.add(op.key)
    this.#unasked.delete(op.key)
    return new Promise((resolve, reject) => {
      this.#open.set(op.key, { op, resolve, reject })
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
    this.#close(key)
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

  /**
   * Tells the code what is recorded, as far as it asks for it.
   *
   * @returns the first entry that it does not ask for, where there is one.
   */
  async tell(): Promise<Entry | undefined> {
    await drained()
    for (let patience = PATIENCE; patience > 0; patience--) {
      for (let entry = this.#queue[this.#next]; entry && this.#answer(entry); entry = this.#queue[this.#next]) {
        this.#next++
        this.#now = entry.at
        patience = PATIENCE
        // What the code asks for because of this comes before it hears the next.
        await drained()
      }
      if ((!this.replaying && this.#unasked.size === 0) || this.#diverged) return undefined
      await setImmediate()
    }
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
    if ('seed' in body) this.#seed = body.seed
  }

  #fork(entry: EntryOf<'run.forked'>): void {
    this.#forks.push({ after: this.#queue.length, begun: [...this.#starts.keys()], entry })
    this.#effects = entry.body.effects
    this.#withheld.clear()
  }

  /** The code is not told of such an end: its run ends so too. */
  #isWithheld({ key, body: { runId, ending } }: EntryOf<'child.ended'>): boolean {
    const what = 'error' in ending ? withheldBy(ending.error) : undefined
    if (what !== undefined) this.#withheld.set(key, `${what} of its child run "${runId}"`)
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

  /** Tells the code one entry; false when it does not ask for it yet. */
  #answer(entry: Entry): boolean {
    if (entry.kind === 'message.received') {
      this.#mailbox.push(entry.body)
      this.#handOver(entry.body.signal)
      return true
    }
    const open = this.#open.get(entry.key)
    // A timeout may fire just when the message comes, and a loser may end just when the winner does.
    if (!open) return this.#closed.has(entry.key)
    this.#checkRace(open.op, entry)
    this.#close(entry.key)
    tellOutcome(entry, open.resolve, open.reject)
    return true
  }

  #handOver(signal: string): void {
    const waiting = [...this.#open.values()].find(({ op }) => op.kind === 'receive' && op.signal === signal)
    const message = waiting && this.#mailbox.find((one) => one.signal === signal)
    if (!message) return
    this.#mailbox = this.#mailbox.filter((one) => one !== message)
    this.#close(waiting.op.key)
    waiting.resolve(message.payload)
  }

  #close(key: string): void {
    this.#open.delete(key)
    this.#closed.add(key)
  }

  #checkChild(op: Op): void {
    const start = this.#starts.get(op.key)
    if (op.kind !== 'child' || start?.kind !== 'child.started' || start.body.asked === op.asked) return
    const today = `start it with another input: ${JSON.stringify(op.input)}`
    const divergence = this.#diverge(start, `child.started ${start.body.name} at ${op.key}`, today)
    throw divergenceError(this.#runId, this.#definition, divergence)
  }

  #checkRace(op: Op, entry: Entry): void {
    if (op.kind !== 'race' || entry.kind !== 'race.won' || entry.body.branch === op.branch) return
    this.#diverge(entry, `race.won by branch ${entry.body.branch} at ${op.key}`, `have branch ${op.branch} win`)
  }

  #diverge({ seq, key }: Entry, recorded: string, today: string): Divergence {
    this.#diverged ??= { seq, key, recorded, today }
    return this.#diverged
  }
}

/** Resolves when all that promises have to say has been said, in this turn of the event loop. */
function drained(): Promise<void> {
  return new Promise((resolve) => {
    process.nextTick(resolve)
  })
}

/** The entries that something has begun by. */
const STARTS: ReadonlySet<EntryKind> = new Set(['child.started', 'timer.set'])

/** The entries that the code is told. */
const ANSWERS: ReadonlySet<EntryKind> = new Set([
  'step.returned',
  'step.failed',
  'child.ended',
  'timer.fired',
  'message.received',
  'race.won',
])

/** The keys under which patches are recorded: no other key begins so. */
const PATCH_KEY = 'patched:'

function twice(key: string): DefinitionError {
  return new DefinitionError({
    code: 'name_in_use',
    message: `The workflow uses "${key}" twice, so nobody could tell the two apart after a crash. Give each a key of its own ({ key }).`,
    details: { key },
  })
}
