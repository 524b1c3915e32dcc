import type { Io } from '../line/io.ts'
import { count } from '../show/used.ts'

/** How often progress is told, in milliseconds. */
const EVERY_MS = 100

const CLEAR = '\r\u001B[K'

/** Tells on a terminal's stderr how many runs were replayed, and nothing anywhere else. */
export class Progress {
  readonly #io: Io
  #runs = 0
  #broken = 0
  #toldAt = -Infinity

  constructor(io: Io) {
    this.#io = io
  }

  tell(isBroken: boolean): void {
    this.#runs++
    if (isBroken) this.#broken++
    if (!this.#io.stderr.isTTY || performance.now() - this.#toldAt < EVERY_MS) return
    this.#toldAt = performance.now()
    this.#io.stderr.write(`${CLEAR}${count(this.#runs, 'run')} replayed, ${this.#broken} of them would break`)
  }

  /** Takes back what was told. */
  end(): void {
    if (this.#io.stderr.isTTY && this.#toldAt > -Infinity) this.#io.stderr.write(CLEAR)
  }
}
