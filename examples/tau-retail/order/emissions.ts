// In which orders a model might make the calls of a task: each of them, once, twice or not at all.
import type { JsonObject } from '@reprise/core'
import type { Task } from '../data.ts'
import type { Tables } from '../shop/types.ts'

/** A call of a task. */
export interface Call {
  readonly name: string
  readonly arguments: JsonObject
}

/** Up to so many calls all orders of all of their parts are tried: 326 of five. */
const WHOLE = 5

/** Of longer tasks, so many orders of all calls, and as many of some of them with some twice, are drawn by lot. */
const DRAWN = 60

/**
 * All that a conscientious agent would do for a task: the recorded actions, with the look at the user and at each order
 * that the policy asks for before them, where the record leaves it out.
 */
export function callsOf({ actions, user_id }: Task, { users, orders }: Tables): readonly Call[] {
  const calls: Call[] = []
  const add = (name: string, args: JsonObject): void => {
    const call = { name, arguments: args }
    if (!calls.some((other) => isSame(other, call))) calls.push(call)
  }
  const user = users[user_id]
  if (user && !actions.some(({ name }) => name.startsWith('find_user_id')))
    add('find_user_id_by_name_zip', { ...user.name, zip: user.address.zip })
  for (const { name, kwargs } of actions) {
    const id = kwargs['order_id']
    if (typeof id === 'string' && id in orders) add('get_order_details', { order_id: id })
    add(name, kwargs)
  }
  return calls
}

/**
 * The orders in which the calls of a task are made. Up to five calls: every order of every part of them. Of more: as they
 * are, and backwards; without each one, and without each two; with each one at every other place; by lot. In both cases
 * also: each one twice, at once and at the end.
 */
export function emissionsOf(calls: readonly Call[], seed: number): readonly (readonly Call[])[] {
  const places = calls.map((_, at) => at)
  const some = calls.length <= WHOLE ? partsOf(places) : someOf(places, randomOf(seed))
  const twice = places.flatMap((at) => [places.toSpliced(at, 0, at), [...places, at], [at, ...places]])
  const distinct = new Map([...some, ...twice].map((order) => [order.join(' '), order]))
  return [...distinct.values()].map((order) => order.flatMap((at) => calls[at] ?? []))
}

/** Every order of every part, that of nothing among them. */
function partsOf(left: readonly number[]): readonly (readonly number[])[] {
  return [[], ...left.flatMap((first) => partsOf(left.filter((at) => at !== first)).map((rest) => [first, ...rest]))]
}

function someOf(places: readonly number[], random: () => number): readonly (readonly number[])[] {
  const without = places.flatMap((one) => places.map((other) => places.filter((at) => at !== one && at !== other)))
  const moved = places.flatMap((at) => places.map((to) => places.toSpliced(at, 1).toSpliced(to, 0, at)))
  const drawn = Array.from({ length: DRAWN }, () => shuffled(places, random))
  const mixed = Array.from({ length: DRAWN }, () =>
    shuffled(
      places.flatMap((at) => Array.from({ length: Math.floor(random() * 3) }, () => at)),
      random,
    ),
  )
  return [places, places.toReversed(), ...without, ...moved, ...drawn, ...mixed]
}

function shuffled(places: readonly number[], random: () => number): readonly number[] {
  return places
    .map((at) => [random(), at] as const)
    .toSorted(([one], [other]) => one - other)
    .map(([, at]) => at)
}

/** Numbers of 0 to 1, the same for the same seed. */
function randomOf(seed: number): () => number {
  let state = seed + 1
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

function isSame(one: Call, other: Call): boolean {
  return one.name === other.name && JSON.stringify(one.arguments) === JSON.stringify(other.arguments)
}
