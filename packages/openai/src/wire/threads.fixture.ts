import type { Cassette, RecordedStep } from './recordings.fixture.ts'
import { apiOf, outputsIn, replyOf, type StepReply } from './steps.fixture.ts'

/** One turn of a thread. */
export interface ThreadTurn {
  readonly step: RecordedStep
  readonly reply: StepReply
  /** What the next turn's request told of this reply's calls, by call id. */
  readonly outputs: ReadonlyMap<string, string>
}

/** Turns that follow from each other: each request but the first carries what became of the calls before it. */
export interface Thread {
  readonly file: string
  readonly api: 'responses' | 'chat'
  readonly turns: readonly ThreadTurn[]
}

/** A step that cannot be driven, and why. */
export interface Useless {
  readonly file: string
  readonly path: string
  readonly reason: string
}

/** Cuts a cassette into threads. A reply whose calls two requests answer is followed by the first; the second begins anew. */
export function threadsOf({ file, steps }: Cassette): { threads: Thread[]; useless: Useless[] } {
  const replies = steps.map((step) => (apiOf(step) ? replyOf(step) : undefined))
  const next = new Map<number, number>()
  for (const [at, step] of steps.entries()) {
    const told = outputsIn(step.reqBody)
    const before = replies.findLastIndex(
      (reply, index) => index < at && reply?.calls.some(({ id }) => told.has(id)) === true,
    )
    if (before !== -1 && !next.has(before)) next.set(before, at)
  }
  const followers = new Set(next.values())
  const threads: Thread[] = []
  for (const [at, step] of steps.entries()) {
    const api = apiOf(step)
    if (!api || followers.has(at)) continue
    const turns: ThreadTurn[] = []
    for (let index: number | undefined = at; index !== undefined; index = next.get(index)) {
      const after = next.get(index)
      const outputs = after === undefined ? new Map<string, string>() : outputsIn(steps[after]?.reqBody)
      turns.push({ step: steps[index] as RecordedStep, reply: replies[index] as StepReply, outputs })
    }
    threads.push({ file, api, turns })
  }
  const useless = steps
    .filter((step) => !apiOf(step))
    .map(({ path }) => ({ file, path, reason: 'it asks no model: it uploads a file' }))
  return { threads, useless }
}

/** Replies of a thread all of whose calls were answered. */
export function closedLoops({ turns }: Thread): number {
  return turns.filter(({ reply: { calls }, outputs }) => calls.length > 0 && calls.every(({ id }) => outputs.has(id)))
    .length
}
