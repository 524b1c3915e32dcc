/**
 * What a judge says of the candidate beside the recording: in a word, or from 0 (worse) over 0.5 (as good) to 1 (better).
 * `failed`: the judge threw that.
 */
export type JudgeVerdict =
  | { readonly verdict: 'better' | 'equal' | 'worse'; readonly why: string }
  | { readonly score: number; readonly why: string }
  | { readonly failed: string }
