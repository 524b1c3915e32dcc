import type { EntryBodies } from '../../contracts/entry.ts'
import type { Kept, LiveAnswer } from '../../engine/shadow/outside.ts'
import type { Digest } from '../../values/digest.ts'
import type { JudgeVerdict } from './verdict.ts'

interface OfRun {
  readonly runId: string
  /** Of all that it follows from: another candidate asks for something else. */
  readonly of: Digest
}

/**
 * What a backtest was told from outside, and keeps, so that nobody is asked twice: replies of models, what tools that only
 * read and `simulate` gave, and what the judge said. It is JSON, with tokens for secrets.
 */
export type SavedAnswer =
  /** `ms` is how long it took, in milliseconds. */
  | (OfRun & { readonly kind: 'reply'; readonly body: EntryBodies['model.replied']; readonly ms: number })
  | (OfRun & { readonly kind: 'call'; readonly answer: LiveAnswer })
  | (OfRun & { readonly kind: 'verdict'; readonly verdict: JudgeVerdict })

/** Where that is kept. A place serves one backtest at a time, and any number of candidates one after the other. */
export interface BacktestResults {
  /** All that `save` was given before, in any order. */
  load(): Promise<readonly SavedAnswer[]>
  /** Keeps one more. When it resolves, it survives what the place promises to survive. */
  save(answer: SavedAnswer): Promise<void>
}

/** What is kept of one backtest, run by run. */
export class KeptAnswers {
  readonly #results: BacktestResults | undefined
  /** By run, then by kind and digest. */
  readonly #known = new Map<string, Map<string, SavedAnswer>>()
  /** Replies that were not asked for again. */
  reused = 0

  private constructor(results: BacktestResults | undefined, saved: readonly SavedAnswer[]) {
    this.#results = results
    for (const answer of saved) this.#of(answer.runId).set(keyOf(answer), answer)
  }

  static async of(results: BacktestResults | undefined): Promise<KeptAnswers> {
    return new KeptAnswers(results, (await results?.load()) ?? [])
  }

  /** What is kept of a run. */
  run(runId: string): KeptOfRun {
    return {
      keeps: this.#results !== undefined,
      reply: (of) => {
        const found = this.#find(runId, 'reply', of)
        if (found) this.reused++
        return found
      },
      keepReply: (of, body, ms) => this.#save({ kind: 'reply', runId, of, body, ms }),
      call: (of) => this.#find(runId, 'call', of)?.answer,
      keepCall: (of, answer) => this.#save({ kind: 'call', runId, of, answer }),
      verdict: (of) => this.#find(runId, 'verdict', of)?.verdict,
      keepVerdict: (of, verdict) => this.#save({ kind: 'verdict', runId, of, verdict }),
    }
  }

  /** Lets go of what is kept of a run that is done. */
  done(runId: string): void {
    this.#known.delete(runId)
  }

  #of(runId: string): Map<string, SavedAnswer> {
    const known = this.#known.get(runId) ?? new Map<string, SavedAnswer>()
    this.#known.set(runId, known)
    return known
  }

  #find<K extends SavedAnswer['kind']>(
    runId: string,
    kind: K,
    of: Digest,
  ): Extract<SavedAnswer, { kind: K }> | undefined {
    // The kind is a part of the key.
    return this.#known.get(runId)?.get(`${kind} ${of}`) as Extract<SavedAnswer, { kind: K }> | undefined
  }

  async #save(answer: SavedAnswer): Promise<void> {
    await this.#results?.save(answer)
  }
}

/** What is kept of one run. */
export interface KeptOfRun extends Kept {
  verdict(of: Digest): JudgeVerdict | undefined
  keepVerdict(of: Digest, verdict: JudgeVerdict): Promise<void>
}

function keyOf({ kind, of }: SavedAnswer): string {
  return `${kind} ${of}`
}
