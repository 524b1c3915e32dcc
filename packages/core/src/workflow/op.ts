import type { AnyDefinition } from '../define/plan.ts'
import type { RetryPolicy } from '../define/retry.ts'
import type { StepContext } from '../define/workflow-context.ts'
import type { Digest } from '../values/digest.ts'

/** What the code of a workflow asks for and waits for. `after` is what its entry says along (`Unsaid`). */
export type Op =
  | {
      readonly kind: 'step'
      readonly key: string
      readonly after: string
      readonly name: string
      /** What its function gives, in a box. */
      readonly run: (step: StepContext) => Promise<{ readonly value: unknown }>
      readonly retry: RetryPolicy
    }
  | {
      readonly kind: 'child'
      readonly key: string
      readonly after: string
      readonly runId: string
      readonly definition: AnyDefinition
      readonly input: unknown
      readonly context: unknown
      readonly inputDigest: Digest
    }
  | { readonly kind: 'timer'; readonly key: string; readonly after: string; readonly ms: number }
  /** The messages of a name go to those who ask for it in the order in which they ask. */
  | { readonly kind: 'receive'; readonly key: string; readonly signal: string }
  /** `branch` of so many (`of`) has ended first. */
  | {
      readonly kind: 'race'
      readonly key: string
      readonly after: string
      readonly branch: number
      readonly of: number
    }

/** The key of the timer that ends a wait for a signal. */
export function timeoutKey(receive: string): string {
  return `${receive}/timeout`
}
