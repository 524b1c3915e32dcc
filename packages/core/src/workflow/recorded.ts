// What is recorded of a workflow's run, and how far its code has come in it (invariant 3).
import type { Effects, Entry, EntryOf } from '../contracts/entry.ts'
import type { Rewound } from '../contracts/rewound.ts'
import { STARTS, UNTOLD } from '../journal/entry-kinds.ts'
import { rewoundAfter } from '../journal/rewound.ts'
import type { Difference } from './agree.ts'
import { PATCH_KEY, Shape, blockedEffectIn } from './shape.ts'

/** Where another run's entries end and this one's begin. */
interface Fork {
  /** How much the code had been told by then. */
  readonly after: number
  /** What it had asked for by then and begun. */
  readonly begun: readonly string[]
  readonly entry: EntryOf<'run.forked'>
}

/** The journal of one workflow run, as its code goes through it. */
export class Recorded {
  readonly #shape = new Shape()
  /** What the code is told, in the order of the journal. */
  readonly #queue: Entry[] = []
  /** What of it a workflow's journal cannot have where it stands, and what should stand there. */
  readonly #odd = new Map<Entry, Difference>()
  readonly #patches = new Set<string>()
  readonly #starts = new Map<string, Entry>()
  /** What the code has asked for, recorded or not. */
  readonly #asked = new Set<string>()
  /** What is recorded to have begun and was not asked for yet, in the order of the journal. */
  readonly #unasked = new Map<string, Entry>()
  readonly #forks: Fork[] = []
  readonly #rewound = new Map<string, { readonly by: Entry; readonly rewound: Rewound }>()
  /** Children that came to what their run may not do, by key: what that was. */
  readonly #blocked = new Map<string, string>()
  #effects: Effects = 'live'
  #seed = ''
  #says = false
  #next = 0
  #now = 0

  /** Takes an entry of the journal: one that was read, or one that was just written. */
  feed(entry: Entry): void {
    const odd = this.#shape.next(entry)
    if (odd && this.#says) {
      this.#odd.set(entry, odd)
      this.#queue.push(entry)
    } else if (entry.kind === 'run.started') this.#start(entry)
    else if (entry.kind === 'run.forked') this.#fork(entry)
    else if (entry.kind === 'run.rewound') this.#rewind(entry)
    else if (entry.kind === 'child.ended' && this.#isBlocked(entry)) return
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

  /** Whether the run's entries say all that was asked: from the second format on. */
  get says(): boolean {
    return this.#says
  }

  /** What the run may do to the world. */
  get effects(): Effects {
    return this.#effects
  }

  /** What the child at a key came to that its run may not do. */
  blockedEffect(key: string): string | undefined {
    return this.#blocked.get(key)
  }

  /** What the code is to be told next. */
  get next(): Entry | undefined {
    return this.#queue[this.#next]
  }

  /** Takes note that the code was told what comes next. */
  pass({ at }: Entry): void {
    this.#next++
    this.#now = at
  }

  /** Whether there is more to tell than the code has been told. */
  get hasMore(): boolean {
    return this.#next < this.#queue.length
  }

  /** The keys of what the code is still to be told. */
  get ahead(): ReadonlySet<string> {
    return new Set(this.#queue.slice(this.#next).map(({ key }) => key))
  }

  /** Whether the code has not come to the end of what is recorded. */
  get isBehind(): boolean {
    return this.hasMore || this.#unasked.size > 0
  }

  /** How much of what was fed until now the code had been told by an execution before. */
  get known(): number {
    // The messages that it is begun with say nothing of how far its code came.
    const isFresh = this.#queue.every(({ kind, seq }, index) => kind === 'message.received' && seq === index + 1)
    return isFresh ? 0 : this.#queue.length
  }

  /** Whether the code has come past so much, and has asked for all that is recorded to have begun. */
  isPast(known: number): boolean {
    return this.#next >= known && this.#unasked.size === 0
  }

  /** The first entry that the code has not asked for, where there is one. */
  get firstUnasked(): Entry | undefined {
    const [begun] = this.#unasked.values()
    const answer = this.next
    return begun && answer ? (begun.seq < answer.seq ? begun : answer) : (begun ?? answer)
  }

  /** Whether something was begun before an entry, and the code has not asked for it. */
  hasUnaskedBefore({ seq }: Entry): boolean {
    // Asked at each entry, and mostly in vain.
    if (this.#unasked.size === 0) return false
    const [begun] = this.#unasked.values()
    return begun !== undefined && begun.seq < seq
  }

  /** What should stand in the place of an entry that a workflow's journal cannot have there. */
  oddity(entry: Entry): Difference | undefined {
    return this.#odd.get(entry)
  }

  /** Whether it is recorded that the run has a patch. */
  hasPatch(key: string): boolean {
    return this.#patches.has(key)
  }

  /** Whether the code has asked for a key. */
  wasAsked(key: string): boolean {
    return this.#asked.has(key)
  }

  /** Takes note that the code asks for a key. */
  ask(key: string): void {
    this.#asked.add(key)
    this.#unasked.delete(key)
  }

  /** The last entry by which an operation has begun. */
  startOf(key: string): Entry | undefined {
    return this.#starts.get(key)
  }

  /** The last entry by which an operation of this run's own has begun. */
  ownStartOf(key: string): Entry | undefined {
    const start = this.#starts.get(key)
    // What the run that this one was forked from had begun was its own; a time that was set stays set.
    return start && start.seq < this.#forkedAt && start.kind !== 'timer.set' ? undefined : start
  }

  /** The child that stands in the place of the one that was begun at a key. */
  rewoundTo(key: string): string | undefined {
    return this.#rewound.get(key)?.rewound.to
  }

  /** The same, where this run itself was told so. */
  ownRewound(key: string): Rewound | undefined {
    const told = this.#rewound.get(key)
    return told && this.isOwn(told.by) ? told.rewound : undefined
  }

  /** Whether an entry is this run's own, and was not taken over from another. */
  isOwn({ seq }: Entry): boolean {
    return seq > this.#forkedAt
  }

  get #forkedAt(): number {
    return this.#forks.at(-1)?.entry.seq ?? 0
  }

  /** The fork that the code has come past, if any. */
  get #forked(): Fork | undefined {
    return this.#forks.findLast(({ after, begun }) => after <= this.#next && begun.every((key) => this.#asked.has(key)))
  }

  #start({ at, body }: EntryOf<'run.started'>): void {
    this.#now = at
    this.#effects = body.effects ?? 'live'
    this.#says = (body.format ?? 1) >= 2
    if ('seed' in body) this.#seed = body.seed
  }

  #begin(entry: Entry): void {
    if (entry.kind === 'child.started') this.#rewound.delete(entry.key)
    this.#starts.set(entry.key, entry)
    if (!this.#asked.has(entry.key) && !this.#unasked.has(entry.key)) this.#unasked.set(entry.key, entry)
  }

  #rewind(by: EntryOf<'run.rewound'>): void {
    this.#rewound.set(by.key, { by, rewound: rewoundAfter(this.#rewound.get(by.key)?.rewound, by) })
  }

  #fork(entry: EntryOf<'run.forked'>): void {
    this.#forks.push({ after: this.#queue.length, begun: [...this.#starts.keys()], entry })
    this.#effects = entry.body.effects
    this.#blocked.clear()
  }

  /** The code is not told of such an end: its run ends so too. */
  #isBlocked(entry: EntryOf<'child.ended'>): boolean {
    const { key, body } = entry
    const what = blockedEffectIn(entry)
    if (what !== undefined) this.#blocked.set(key, `${what} of its child run "${body.runId}"`)
    return what !== undefined
  }

  /** What a workflow's journal does not have is a stray wherever it stands. */
  #isTold({ kind }: Entry): boolean {
    return kind === 'run.waiting' ? this.#says : !UNTOLD.has(kind)
  }
}
