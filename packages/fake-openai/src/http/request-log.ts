import type { Parameters } from './call.ts'

/** A request as it came in. */
export interface FakeRequest {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  /** The parsed body; absent where there was none, or none that is a JSON object. */
  readonly body?: Parameters
}

/** The requests of a server, all of them or none: a list that lacks some would let a test pass that looks at it. */
export class RequestLog {
  readonly #most: number
  #requests: FakeRequest[] | undefined = []
  #came = 0

  /**
   * @param most how many are kept; when more come, none is.
   * @throws RangeError where that is no number of requests.
   */
  constructor(most: number) {
    if (!(most === Infinity || (Number.isInteger(most) && most >= 0)))
      throw new RangeError(`'keep' is ${most}. It must be a whole number from 0, or Infinity.`)
    this.#most = most
  }

  add(request: FakeRequest): void {
    this.#came += 1
    if (this.#came > this.#most) this.#requests = undefined
    this.#requests?.push(request)
  }

  /** @throws RangeError where more came than are kept. */
  get all(): readonly FakeRequest[] {
    if (this.#requests) return this.#requests
    throw new RangeError(
      `This fake server was sent ${this.#came} requests and keeps ${this.#most}, so that its memory stays what it is: there is no list of them. ` +
        `Give it room where a test looks at them: fakeOpenAI(script, { keep: ${10 * this.#most || 1000} }), or { keep: Infinity }.`,
    )
  }
}
