// What a model is told that reads on in a result which was cut. It follows from what is recorded alone, so that no tool runs;
// what was told is recorded, and may be worded otherwise by a later version.
import type { Draft } from '../../contracts/entry.ts'
import type { ReadInput } from '../../define/read-result.ts'
import { lengthWithin } from '../../values/estimate-tokens.ts'
import type { Digest } from '../../values/digest.ts'
import { asLines, endBefore, roomOf } from '../state/cut-text.ts'
import type { AgentState, CallState } from '../state/state.ts'
import type { CutResult } from '../state/cut-result.ts'

/** What is recorded of a call that reads on. */
export function readOn(
  { cuts }: Pick<AgentState, 'cuts'>,
  { call, key }: CallState,
  asked: Digest,
  input: ReadInput,
): Draft {
  const { name } = call
  const found = cuts.find(({ id }) => id === input.result)
  const read = found ? partOf(found, input) : undefined
  if (read !== undefined) return { kind: 'call.returned', key, attempt: 1, body: { name, asked, result: read } }
  const error = { code: 'no_such_result', message: whyNot(found, input, cuts) }
  return { kind: 'call.failed', key, attempt: 1, body: { name, asked, error, retryAt: null } }
}

/** Undefined where nothing is there any more. */
function partOf({ id, name, text, tokens }: CutResult, { from, characters = Infinity }: ReadInput): string | undefined {
  if (from >= text.length) return undefined
  const end = endBefore(text, from, Math.max(1, Math.min(lengthWithin(text, roomOf(tokens), from), characters)))
  const rest =
    end === text.length ? 'This is its end.' : `${text.length - end} characters are left: read on from ${end}.`
  return `[${id}, of ${name}, from ${from} to ${end} of ${text.length} characters]\n${asLines(text.slice(from, end))}[${rest}]`
}

function whyNot(found: CutResult | undefined, { result, from }: ReadInput, cuts: readonly CutResult[]): string {
  if (found) return `${found.id} has ${found.text.length} characters, and none from ${from} on.`
  const names = cuts.map(({ id, name }) => `${id} (of ${name})`)
  const has = names.length > 0 ? `There is: ${names.join(', ')}.` : 'No result was cut so far: each was told whole.'
  return `There is no result ${JSON.stringify(result)}. ${has}`
}
