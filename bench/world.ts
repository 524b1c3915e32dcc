// What every contender runs in: a scripted model and five tools whose effects are counted and whose arguments are
// checked. As cheap as can be, and without a module of Node's, since it is part of what both sides take.
import type * as Zod from 'zod'

/** How runs go. */
export interface WorldOptions {
  /** Tool calls of a run, one a turn. @default 10 */
  readonly n?: number
  /** Calls that the first turn asks for together, in place of `n` turns. @default 0 */
  readonly parallel?: number
  /** Characters of a tool's result. @default 2048 */
  readonly bytes?: number
  /** Whether a tool's result is text that does not compress. @default false */
  readonly incompressible?: boolean
  /** What the model takes to answer. @default 0 */
  readonly latencyMs?: number
  /** Deltas of a streamed answer. @default 0 */
  readonly deltas?: number
  /** Where each effect leaves a line, so that what a killed process did is known. */
  readonly effectsFile?: string
  /** The turn in whose model call the process is killed. */
  readonly killAt?: number
}

/** A call as the model asks for it. */
export interface Call {
  readonly id: string
  readonly name: string
  readonly args: Arguments
}

interface Arguments {
  readonly i: number
  readonly q: string
  readonly limit: number
  readonly tags: readonly string[]
}

/** What the model says. */
export type Answer = { readonly calls: readonly Call[] } | { readonly text: string }

/** Text of which JSON must escape a little, as it must of what real tools return. */
const TEXT = 'ten green bottles stand on the "wall"\n'.repeat(1_024)

/** Text of which a compressor makes nothing: pseudo-random, in characters that JSON and UTF-8 leave as they are. */
function noise(length: number): string {
  const characters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  let text = ''
  for (let state = 42, at = 0; at < length; at++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    text += characters.charAt(state >>> 26)
  }
  return text
}

/** A delta of a streamed answer. */
export function delta(at: number): string {
  return `tok${at % 10} `
}

/** A world, and what was done in it. */
export class World {
  readonly n: number
  readonly parallel: number
  readonly deltas: number
  effects = 0
  modelCalls = 0
  /** Milliseconds from one model call of a run to its next, where the model takes time. */
  turnMs: number[] = []
  /** When the model was asked first, in milliseconds since 1970. */
  firstModelAt = 0
  /** The turn that the model was asked for first. */
  firstTurn = -1
  readonly #text: string
  readonly #bytes: number
  readonly #latencyMs: number
  readonly #effectsFile: string | undefined
  readonly #killAt: number
  readonly #askedAt = new Map<string, number>()
  #wrong = 0

  constructor(options: WorldOptions) {
    this.n = options.n ?? 10
    this.parallel = options.parallel ?? 0
    this.deltas = options.deltas ?? 0
    this.#text = options.incompressible === true ? noise(TEXT.length) : TEXT
    this.#bytes = options.bytes ?? 2048
    this.#latencyMs = options.latencyMs ?? 0
    this.#effectsFile = options.effectsFile
    this.#killAt = options.killAt ?? -1
  }

  /** Forgets what was done. */
  reset(): void {
    this.effects = 0
    this.modelCalls = 0
    this.turnMs = []
    this.#wrong = 0
  }

  /** The five tools. */
  tools(z: typeof Zod.z) {
    return [0, 1, 2, 3, 4].map((nth) => ({
      name: `t${nth}`,
      description: `Tool number ${nth} looks a record up and gives its text.`,
      schema: z.object({
        i: z.number().int().min(0),
        q: z.string().min(1).max(200),
        limit: z.number().int(),
        tags: z.array(z.string()),
      }),
      execute: (args: Arguments) => this.#execute(args),
    }))
  }

  /** Answers at once, or after the latency. `last` is the id of the newest result that the model was given. */
  async model(last: string | null, runId: string): Promise<Answer> {
    this.modelCalls++
    const turn = last === null ? 0 : Number(last.slice('call_'.length)) + 1
    if (this.firstTurn < 0) {
      this.firstTurn = turn
      this.firstModelAt = performance.timeOrigin + performance.now()
    }
    if (turn === this.#killAt) process.kill(process.pid, 'SIGKILL')
    if (this.#latencyMs > 0) await this.#think(runId)
    if (this.parallel > 0 && turn === 0) return { calls: Array.from({ length: this.parallel }, (_, i) => callOf(i)) }
    return this.parallel === 0 && turn < this.n ? { calls: [callOf(turn)] } : { text: this.#answer }
  }

  /**
   * Checks that runs truly did the work.
   *
   * @throws Error where an effect, an argument or an answer is not as it must be: the measurement is void.
   */
  verify(answers: readonly string[]): void {
    const wanted = answers.length * (this.parallel || this.n)
    if (this.effects !== wanted) throw new Error(`Void: ${this.effects} effects instead of ${wanted}`)
    this.verifyAnswers(answers)
  }

  /** Checks the answers and arguments alone, where effects are counted elsewhere. */
  verifyAnswers(answers: readonly string[]): void {
    if (this.#wrong > 0) throw new Error(`Void: ${this.#wrong} calls with wrong arguments`)
    const wrong = answers.find((answer) => answer !== this.#answer)
    if (wrong !== undefined) throw new Error(`Void: the answer ${JSON.stringify(wrong)} instead of "${this.#answer}"`)
  }

  get #answer(): string {
    return `done:${this.parallel || this.n}`
  }

  async #think(runId: string): Promise<void> {
    const now = performance.now()
    const before = this.#askedAt.get(runId)
    if (before !== undefined) this.turnMs.push(now - before)
    this.#askedAt.set(runId, now)
    await new Promise((resolve) => setTimeout(resolve, this.#latencyMs))
  }

  #execute({ i, q, limit, tags }: Arguments): string {
    this.effects++
    if (q !== `query number ${i}` || limit !== 10 || tags.length !== 2) this.#wrong++
    if (this.#effectsFile !== undefined) process.getBuiltinModule('node:fs').appendFileSync(this.#effectsFile, `${i}\n`)
    const from = (i * 131) % 32_768
    return `${i}:${this.#text.slice(from, from + this.#bytes)}`
  }
}

function callOf(i: number): Call {
  const args = { i, q: `query number ${i}`, limit: 10, tags: ['a', 'b'] }
  return { id: `call_${i}`, name: `t${i % 5}`, args }
}
