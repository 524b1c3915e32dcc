import { ModelError } from '@reprise/core'

/** How long a reply may take, in milliseconds. What is absent is not limited here. */
export interface Timeouts {
  /** Until the first word, call or thought arrives; of a reply in one piece, until it is there. */
  readonly firstTokenMs?: number
  /** Between two signs of life after the first. */
  readonly idleMs?: number
  readonly totalMs?: number
}

/** The deadlines of one ask: its signal aborts with a ModelError that may be retried once one has passed. */
export class Deadlines implements Disposable {
  readonly signal: AbortSignal
  readonly #timeouts: Timeouts
  readonly #controller = new AbortController()
  readonly #total: NodeJS.Timeout | undefined
  #next: NodeJS.Timeout | undefined

  constructor(timeouts: Timeouts, signal: AbortSignal) {
    this.#timeouts = timeouts
    this.signal = AbortSignal.any([signal, this.#controller.signal])
    this.#total = this.#start('totalMs')
    this.#next = this.#start('firstTokenMs')
  }

  /** Something of the reply has arrived. */
  heard(): void {
    if (this.#timeouts.firstTokenMs === undefined && this.#timeouts.idleMs === undefined) return
    clearTimeout(this.#next)
    this.#next = this.#start('idleMs')
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#next)
    clearTimeout(this.#total)
  }

  #start(limit: keyof Timeouts): NodeJS.Timeout | undefined {
    const ms = this.#timeouts[limit]
    return ms === undefined ? undefined : setTimeout(() => this.#controller.abort(tooLate(limit, ms)), ms)
  }
}

const late = {
  firstTokenMs: 'had not begun',
  idleMs: 'stood still',
  totalMs: 'was not whole',
} as const

function tooLate(limit: keyof Timeouts, ms: number): ModelError {
  const message = `The reply ${late[limit]} for ${ms} ms. Expected it within openai({ timeouts: { ${limit} } }). Ask again, or allow it more time.`
  return new ModelError({ code: 'timeout', message, retryable: true, details: { limit, ms } })
}
