import type { Json } from '@reprise/core'
import type { Call } from './calls.ts'

/** What a person said in a run that is drawn from: what should not have happened, or what had. */
export type Correction =
  /** A call that somebody refused. */
  | {
      readonly kind: 'refused'
      readonly tool: string
      readonly arguments: Json
      readonly by: string
      /** What the model was told of it. */
      readonly reason: string
    }
  /** A call in doubt of which somebody said whether it had happened. */
  | {
      readonly kind: 'settled'
      readonly tool: string
      readonly arguments: Json
      readonly by: string
      readonly happened: boolean
      readonly result: Json
    }

/** The corrections in a run's calls, in their order. */
export function correctionsIn(calls: readonly Call[]): readonly Correction[] {
  return calls.flatMap(({ name: tool, arguments: given, refusedBy, settled }): readonly Correction[] => [
    ...(refusedBy ? [{ kind: 'refused' as const, tool, arguments: given, ...refusedBy }] : []),
    ...(settled ? [{ kind: 'settled' as const, tool, arguments: given, ...settled }] : []),
  ])
}
