import type { EntryBodies, EntryOf } from '../../contracts/entry.ts'
import type { Digest } from '../../values/digest.ts'
import type { JudgeVerdict } from './options.ts'

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
  | (OfRun & {
      readonly kind: 'call'
      readonly answer: Pick<EntryOf<'call.returned' | 'call.failed'>, 'kind' | 'body'>
    })
  | (OfRun & { readonly kind: 'verdict'; readonly verdict: JudgeVerdict })

/** Where that is kept. A place serves one backtest at a time, and any number of candidates one after the other. */
export interface BacktestResults {
  /** All that `save` was given before, in any order. */
  load(): Promise<readonly SavedAnswer[]>
  /** Keeps one more. When it resolves, it survives what the place promises to survive. */
  save(answer: SavedAnswer): Promise<void>
}
