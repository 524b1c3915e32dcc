import { extname } from 'node:path'
import type { Worker } from 'node:worker_threads'
import type { ClientConfig } from 'pg'
import type { Place } from './place.ts'
import { configOf } from './pulse-config.ts'
import type { Tables } from './tables.ts'

/** What begins the beats for an owner. */
export interface PulseBegin {
  readonly kind: 'begin'
  readonly owner: string
  readonly config: ClientConfig
  /** The names of the tables. */
  readonly owners: string
  readonly runs: string
  readonly everyMs: number
}

/** What the thread is told. */
export type PulseMessage =
  | PulseBegin
  /** The owner's event loop goes round. */
  | { readonly kind: 'heard'; readonly owner: string }
  | { readonly kind: 'end'; readonly owner: string }

/** What the thread answers: it has let go of its connection for an owner. */
export interface PulseAnswer {
  readonly ended: string
}

/** Beats for owners from a thread of its own: one for all stores of this process, begun with the first. */
class Pulse {
  #thread: Worker | undefined
  readonly #ending = new Map<string, () => void>()

  /** @returns false where a thread cannot connect as the pool does: its password is a function, say. */
  begin(owner: string, place: Place, { owners, runs }: Tables, everyMs: number): boolean {
    const config = configOf(place)
    if (config === undefined) return false
    this.#thread ??= this.#start()
    this.#say({ kind: 'begin', owner, config, owners, runs, everyMs })
    return true
  }

  heard(owner: string): void {
    this.#say({ kind: 'heard', owner })
  }

  /** Ends an owner's beats; resolves when the thread has let go of its connection. */
  end(owner: string): Promise<void> {
    if (!this.#thread) return Promise.resolve()
    return new Promise((resolve) => {
      this.#ending.set(owner, resolve)
      this.#thread?.ref()
      this.#say({ kind: 'end', owner })
    })
  }

  #say(message: PulseMessage): void {
    this.#thread?.postMessage(message)
  }

  #start(): Worker {
    const program = new URL(`./pulse-thread${extname(import.meta.url)}`, import.meta.url)
    // Loaded here: a program that starts does not wait for it.
    const { Worker } = process.getBuiltinModule('node:worker_threads')
    const thread = new Worker(program, { execArgv: [], name: 'reprise-pulse' })
    thread.unref()
    thread.on('message', ({ ended }: PulseAnswer) => this.#ended(ended))
    // Without it, the event loop's own beats are what is left.
    thread.on('error', () => this.#lost())
    return thread
  }

  #ended(owner: string): void {
    this.#ending.get(owner)?.()
    this.#ending.delete(owner)
    if (this.#ending.size === 0) this.#thread?.unref()
  }

  #lost(): void {
    this.#thread = undefined
    for (const owner of this.#ending.keys()) this.#ended(owner)
  }
}

/** The pulse of this process. */
export const pulse = new Pulse()

let isWarned = false

/** Warns once that no thread can connect as a pool does. */
export function warnOfNoPulse(): void {
  if (isWarned) return
  isWarned = true
  process.emitWarning(
    'A store on Postgres was given a pool whose password, or something else of it, is a function: no thread can connect as it does, so that a tool which blocks the event loop for longer than a lease loses its runs. Give the address instead, or a pool whose settings are plain values.',
    { type: 'RepriseWarning', code: 'store_no_pulse' },
  )
}
