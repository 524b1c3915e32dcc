import { type Clock, DefinitionError, ModelError } from '@reprise/core'

/** How long a reply may take, in milliseconds. What is absent is not limited here. */
export interface Timeouts {
  /** Until the first word, call or thought arrives; of a reply in one piece, until it is there. */
  readonly firstTokenMs?: number
  /** Between two signs of life after the first. */
  readonly idleMs?: number
  readonly totalMs?: number
}

const late = {
  firstTokenMs: 'had not begun',
  idleMs: 'stood still',
  totalMs: 'was not whole',
} as const

/**
 * Checks what a user says of time.
 *
 * @throws DefinitionError with code `bad_number`.
 */
export function checkTimeouts(timeouts: Timeouts): Timeouts {
  for (const name of ['firstTokenMs', 'idleMs', 'totalMs'] as const) {
    const ms = timeouts[name]
    if (ms === undefined || ms > 0) continue
    const message = `openai() has timeouts.${name} ${ms}. It must be more than 0 milliseconds.`
    throw new DefinitionError({ code: 'bad_number', message, details: { field: `timeouts.${name}` } })
  }
  return timeouts
}

/** The deadlines of one ask: its signal aborts with a ModelError that may be retried once one has passed. */
export class Deadlines implements Disposable {
  readonly signal: AbortSignal
  readonly #timeouts: Timeouts
  readonly #clock: Clock
  readonly #late = new AbortController()
  readonly #over = new AbortController()
  #heardAt: number | undefined

  constructor(timeouts: Timeouts, clock: Clock, signal: AbortSignal) {
    this.#timeouts = timeouts
    this.#clock = clock
    this.signal = AbortSignal.any([signal, this.#late.signal])
    this.#start('totalMs')
    this.#start('firstTokenMs')
  }

  /** Something of the reply has arrived. */
  heard(): void {
    const isFirst = this.#heardAt === undefined
    this.#heardAt = this.#clock.monotonic()
    if (isFirst) this.#start('idleMs')
  }

  [Symbol.dispose](): void {
    this.#over.abort()
  }

  #start(limit: keyof Timeouts): void {
    const ms = this.#timeouts[limit]
    // A watch ends when the ask is over.
    if (ms !== undefined) this.#watch(limit, ms).catch(() => undefined)
  }

  async #watch(limit: keyof Timeouts, ms: number): Promise<void> {
    for (let left = ms; left > 0; left = this.#leftOf(limit, ms)) await this.#clock.sleep(left, this.#over.signal)
    if (limit !== 'firstTokenMs' || this.#heardAt === undefined)
      this.#late.abort(tooLate(limit, ms, this.#heardAt === undefined))
  }

  /** A sign of life sets no timer: the one that runs looks when the last sign came, and sleeps on. */
  #leftOf(limit: keyof Timeouts, ms: number): number {
    return limit === 'idleMs' && this.#heardAt !== undefined ? this.#heardAt + ms - this.#clock.monotonic() : 0
  }
}

/** A service that says nothing at all may be down: that is waited for. A reply that has begun may well be paid for. */
function tooLate(limit: keyof Timeouts, ms: number, silent: boolean): ModelError {
  const message = `The reply ${late[limit]} for ${ms} ms. Expected it within openai({ timeouts: { ${limit} } }). Ask again, or allow it more time.`
  return new ModelError({
    code: 'timeout',
    message,
    retryable: true,
    mendable: silent,
    details: { limit, ms },
    spent: 'unknown',
  })
}
