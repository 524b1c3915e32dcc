// What the code of a workflow has asked for: which of it is open, and how the rest was closed.
import type { Entry, Message, Waiting } from '../contracts/entry.ts'
import type { Op } from './op.ts'
import { tellOutcome } from './tell.ts'

interface Open {
  readonly op: Op
  /** How much had been answered when it was asked for. */
  readonly after: number
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
}

/** The operations of one execution, and the messages that some of them wait for. */
export class Operations {
  readonly #open = new Map<string, Open>()
  /** What was answered or cancelled; of the latter, something may be recorded all the same. */
  readonly #closed = new Map<string, 'answered' | 'cancelled'>()
  /** The paths of races that the code has decided: their branches hear no message any more. */
  readonly #decided: string[] = []
  /** What came and was not received, in its order. */
  #mailbox: Message[] = []
  /** How many operations were answered. */
  #answered = 0

  /** Opens one; a signal is answered at once where its message has come. */
  open(op: Op): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#open.set(op.key, { op, after: this.#answered, resolve, reject })
      if (op.kind === 'receive') this.#handOver(op.signal)
    })
  }

  /** All that are open, in the order in which they were asked for. */
  get all(): readonly Op[] {
    return Array.from(this.#open.values(), ({ op }) => op)
  }

  /** The keys of all that are open. */
  get keys(): readonly string[] {
    return [...this.#open.keys()]
  }

  /** Whether anything that is open looks like the loser of a race of promises: it only waits, or something else came first. */
  get hasLosers(): boolean {
    return [...this.#open.values()].some(
      ({ op, after }) => op.kind === 'receive' || op.kind === 'timer' || after < this.#answered,
    )
  }

  /** The operation that is open at a key. */
  at(key: string): Op | undefined {
    return this.#open.get(key)?.op
  }

  /** Whether a key is asked for and not answered. */
  isOpen(key: string): boolean {
    return this.#open.has(key)
  }

  /** Whether a key was answered or cancelled. */
  isClosed(key: string): boolean {
    return this.#closed.has(key)
  }

  /** Whether the code waits for what a run rests for. */
  awaits(waiting: Waiting): boolean {
    const op = this.at(waiting.key)
    if (waiting.kind === 'signal') return op?.kind === 'receive' && op.signal === waiting.signal
    return op !== undefined && op.kind === waiting.kind
  }

  /** Answers the one at the key of an entry by what that says. */
  answer(entry: Entry): void {
    const open = this.#open.get(entry.key)
    if (!open) return
    this.#close(entry.key, 'answered')
    tellOutcome(entry, open.resolve, open.reject)
  }

  /**
   * Rejects the one at a key, where it is open.
   *
   * @returns what was cancelled.
   */
  cancel(key: string, reason: unknown): Op | undefined {
    const open = this.#open.get(key)
    if (!open) return undefined
    this.#close(key, 'cancelled')
    open.reject(reason)
    return open.op
  }

  /**
   * Takes an end of what is not open any more: a timeout may fire just when the message comes, and a loser may end just
   * when the winner does.
   *
   * @param once whether that may be recorded once alone.
   * @returns whether it is such an end.
   */
  endLoser(key: string, once: boolean): boolean {
    const isLoser = this.#closed.get(key) === 'cancelled'
    if (isLoser && once) this.#closed.set(key, 'answered')
    return isLoser
  }

  /** Takes note that a race is decided: a message that comes from now on is for whoever receives it after the race. */
  decide(race: string): void {
    this.#decided.push(`${race}/`)
  }

  /** The messages that the code has not received. */
  get unheard(): readonly Message[] {
    return this.#mailbox
  }

  /** Takes a message, for whoever receives its signal first. */
  hear(message: Message): void {
    this.#mailbox.push(message)
    this.#handOver(message.signal)
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
}
