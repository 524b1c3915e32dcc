// What is recorded of a value that somebody's code gave. run-tool.ts, run-step.ts and reconcile.ts call this with what
// a tool, a step or a `reconcile` returned. It keeps invariant 7 for code that has run: a value that JSON cannot say is
// recorded as JSON can say it, and is never a reason to call the code a failure.
import { toJson } from '../../values/to-json.ts'
import type { Json } from '../../values/json.ts'
import type { Engine } from '../engine.ts'
import { remarkOnce } from '../remark.ts'

/** What a journal keeps of what a tool or a step gave. */
export interface Kept {
  readonly result: Json
  /** The first places that JSON cannot say as they were; absent where there are none. */
  readonly lost?: readonly string[]
}

/**
 * Says in JSON what was given by code that has run: that it ran is a fact, whatever it gave (invariant 7). What is lost on
 * the way is logged, once for each name.
 *
 * @param who as a sentence begins: `Tool "refund"`.
 */
export function keep({ log }: Pick<Engine, 'log'>, who: string, value: unknown): Kept {
  const { json, lost, more } = toJson(value)
  const [first] = lost
  if (!first) return { result: json }
  remarkOnce(
    log,
    `what ${who} gave`,
    `${who} ran, and gave what JSON cannot say: ${first.path || 'it'} is ${first.found}. What is recorded, and given on, is what JSON can say of it. Return plain JSON.`,
  )
  const paths = lost.map(({ path }) => path)
  return { result: json, lost: more > 0 ? [...paths, `\u2026 ${more} more`] : paths }
}
