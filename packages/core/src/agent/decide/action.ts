import type { AskedSummary, Draft, Waiting } from '../../contracts/entry.ts'
import type { MemoryCard } from '../../contracts/model.ts'
import type { AnyTool } from '../../define/tool.ts'
import type { Digest } from '../../values/digest.ts'
import type { FiguresOf, ToSumUp } from '../compact/propose.ts'
import type { Remark } from '../calls/remark.ts'
import type { Reveal } from '../calls/reveal.ts'

/** What the engine is to do next for a run. */
export type Action =
  /** Write this down: it follows from what is recorded. `remark` is for whoever wrote the code that led to it. */
  | { readonly kind: 'record'; readonly draft: Draft; readonly remark?: Remark }
  /** Ask the model, not before `retryAt`. */
  | {
      readonly kind: 'ask'
      readonly key: string
      readonly attempt: number
      readonly retryAt: number | null
      readonly allowedTools?: readonly string[]
      readonly toolChoice?: 'required' | { readonly name: string }
      /** There where it is to sum up the conversation, for the handoff at whose key this one begins. */
      readonly summary?: AskedSummary
      /** The response that the service has accepted for the summary before. */
      readonly pending?: string
    }
  /** Ask a model for a summary of the conversation, not before `retryAt`. */
  | {
      readonly kind: 'compact'
      readonly key: string
      readonly attempt: number
      readonly retryAt: number | null
      readonly sum: ToSumUp
    }
  /** Run a tool, not before `retryAt`. */
  | {
      readonly kind: 'call'
      readonly key: string
      readonly attempt: number
      readonly retryAt: number | null
      readonly tool: AnyTool
      readonly callDigest: Digest
      readonly input: (reveal?: Reveal) => unknown
    }
  /** Read what is known from earlier runs, before the model is asked. */
  | { readonly kind: 'read-memory'; readonly key: string; readonly attempt: number; readonly memory: MemoryCard }
  /** Ask the outside world whether a call in doubt happened. */
  | {
      readonly kind: 'reconcile'
      readonly key: string
      readonly attempt: number
      readonly tool: AnyTool
      readonly input: (reveal?: Reveal) => unknown
    }
  /** Rest until somebody acts from outside; that it rests is written already. */
  | { readonly kind: 'wait'; readonly waiting: Waiting }

/** The actions that reach outside of the run. */
export type Effort = Extract<Action, { kind: 'ask' | 'compact' | 'call' | 'read-memory' | 'reconcile' }>

/** What no journal of a run says of it. */
export interface Beside {
  /** The run's id, by which those who answer its calls name them. */
  readonly runId?: string | undefined
  /** Gives the child run of a call by its key, where that waits for somebody. */
  readonly resting?: ((key: string) => string | undefined) | undefined
  /** Puts secrets in the place of tokens, where there are any. */
  readonly reveal?: Reveal | undefined
  /** What is known of models: where a run goes on for real, so that its conversation is made shorter where it must be. */
  readonly figures?: FiguresOf | undefined
}

/** When an action is tried again, in milliseconds since 1970; null where it is due. */
export function retryAtOf(action: Action): number | null {
  return 'retryAt' in action ? action.retryAt : null
}

/** The attempts that are made again later. */
export function retriesOf(actions: readonly Action[]): readonly Waiting[] {
  return actions.flatMap((action) => {
    const until = retryAtOf(action)
    return until === null || !('key' in action) ? [] : [{ kind: 'retry', key: action.key, until } as const]
  })
}
