// A conversation as a function of the user's makes it, held to what a model can be asked with.
import type { HistoryEdit } from '../../contracts/history.ts'
import type { Item } from '../../contracts/item.ts'
import type { CompactFunction } from '../../define/compact.ts'
import { sayGiven } from '../../define/argument.ts'
import { DefinitionError, messageOf } from '../../values/errors.ts'
import { findUnjson } from '../../values/json.ts'
import { tornIn } from '../state/edit-history.ts'

const KINDS: { readonly [K in Item['kind']]: true } = {
  user: true,
  assistant: true,
  refusal: true,
  call: true,
  result: true,
  reasoning: true,
  hosted: true,
}

/**
 * The edits that make of a conversation what a function gives; none where that is the same.
 *
 * @param of who is compacted, as a sentence begins: `Agent "clerk"`.
 * @throws DefinitionError with code `bad_compaction` when it throws, or gives what is no conversation.
 */
export function byFunction(items: readonly Item[], by: CompactFunction, of: string): readonly HistoryEdit[] {
  return editsTo(items, given(items, by, of))
}

function given(items: readonly Item[], by: CompactFunction, of: string): readonly Item[] {
  let after: unknown
  try {
    after = by([...items])
  } catch (cause) {
    throw bad(of, `threw: ${messageOf(cause)}`, cause)
  }
  if (!Array.isArray(after)) throw bad(of, `gave ${sayGiven(after)}, and not a list of items`)
  const odd = (after as readonly Partial<Item>[]).findIndex((item) => !Object.hasOwn(KINDS, item?.kind ?? ''))
  if (odd !== -1) throw bad(of, `gave no item at ${odd}`)
  const lost = findUnjson(after)
  if (lost) throw bad(of, `gave ${lost.found} at ${lost.path}, which JSON cannot say`)
  const torn = tornIn(after as readonly Item[])
  if (torn !== undefined) throw bad(of, `tears the conversation: ${torn}`)
  return after as readonly Item[]
}

/** What is the same at both ends stays. */
function editsTo(before: readonly Item[], after: readonly Item[]): readonly HistoryEdit[] {
  const most = Math.min(before.length, after.length)
  let from = 0
  while (from < most && isSame(before[from], after[from])) from++
  let end = 0
  while (end < most - from && isSame(before.at(-1 - end), after.at(-1 - end))) end++
  const to = before.length - end
  const items = after.slice(from, after.length - end)
  return to === from && items.length === 0 ? [] : [{ kind: 'stretch', from, to, items }]
}

function isSame(one: Item | undefined, other: Item | undefined): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other)
}

function bad(of: string, why: string, cause?: unknown): DefinitionError {
  return new DefinitionError({
    code: 'bad_compaction',
    mendable: true,
    message: `The function by which ${of} is compacted ${why}. Let it give the items that are to stay, a call with its result.`,
    cause,
  })
}
