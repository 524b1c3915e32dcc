import type { Store } from '../../contracts/store.ts'
import { DefinitionError } from '../../values/errors.ts'

/** How many runs are looked at for one whose id is near: the newest. */
const MOST = 1_000

/** How many of them are named. */
const NAMED = 5

/** Makes the error about a run that is not there, with what may have been meant. */
export async function unknownRun(store: Store, runId: string): Promise<DefinitionError> {
  const newest = (await store.runs({ order: 'newest', limit: MOST })).map(({ id }) => id)
  const near = newest.filter((id) => isNear(runId, id)).slice(0, NAMED)
  return new DefinitionError({
    code: 'unknown_run',
    message: `There is no run "${runId}" in this store. ${near.length > 0 ? `Did you mean ${listed(near)}?` : await known(store)} Check the id, and that this is the right store.`,
    details: { runId },
  })
}

async function known(store: Store): Promise<string> {
  const first = (await store.runs({ limit: NAMED })).map(({ id }) => id)
  return first.length > 0 ? `Its first runs are: ${first.join(', ')}.` : 'It has none yet.'
}

/** Whether a person may have meant another id: its beginning was given, or all but a slip of the keys. */
function isNear(given: string, id: string): boolean {
  if (given.length < 3) return false
  return id.toLowerCase().startsWith(given.toLowerCase()) || isSlip(given, id)
}

/** Whether one text becomes the other by one sign that is put in, left out or another, or by two that change places. */
function isSlip(one: string, other: string): boolean {
  if (Math.abs(one.length - other.length) > 1) return false
  let at = 0
  while (at < one.length && one[at] === other[at]) at += 1
  const [left, right] = [one.slice(at), other.slice(at)]
  // Another number is another run.
  if (left.slice(1) === right.slice(1)) return !/^\d/.test(left) || !/^\d/.test(right)
  if (left.slice(1) === right || left === right.slice(1)) return true
  return left[0] === right[1] && left[1] === right[0] && left.slice(2) === right.slice(2)
}

function listed(ids: readonly string[]): string {
  return ids.length < 2 ? ids.join('') : `${ids.slice(0, -1).join(', ')} or ${ids.at(-1) ?? ''}`
}
