import type { JsonObject } from '@reprise/core'
import type { Action, Task } from '../data.ts'

/** A call that a script makes. */
export type Made = Pick<Action, 'name' | 'kwargs'>

/** What another model does otherwise in a task, and how a report must tell it. */
export interface Planted {
  readonly task: number
  readonly calls: readonly Made[]
  /** What the report says of the run first. */
  readonly told: string
}

const NOWHERE: Made = { name: 'get_order_details', kwargs: { order_id: '#W0000000' } }

type Change = (actions: readonly Action[], reads: ReadonlySet<string>) => Omit<Planted, 'task'> | undefined

/** A way to do each thing that a model may do otherwise. Undefined where a task does not offer it. */
const CHANGES: readonly Change[] = [
  // Another order of two looks.
  (actions, reads) => {
    const at = actions.findIndex(
      ({ name }, index) => reads.has(name) && reads.has(actions[index + 1]?.name ?? '') && index > 0,
    )
    const [one, other] = [actions[at], actions[at + 1]]
    if (!one || !other || JSON.stringify(one.kwargs) === JSON.stringify(other.kwargs)) return undefined
    const calls = [...actions.slice(0, at), other, one, ...actions.slice(at + 2)]
    return { calls, told: `It makes the ${actions.length} calls that are in both in another order.` }
  },
  // Another order than the customer's, in a call that changes the shop.
  (actions, reads) => {
    const changed = actions.findIndex(({ name, kwargs }) => !reads.has(name) && 'order_id' in kwargs)
    const action = actions[changed]
    if (!action) return undefined
    const calls = actions.with(changed, { ...action, kwargs: { ...action.kwargs, order_id: '#W9999999' } })
    return {
      calls,
      told: 'Here the ways part, since it makes a call that was never recorded. The comparison ends there.',
    }
  },
  // What was to be done at last is not.
  (actions, reads) => {
    const last = actions.at(-1)
    if (!last || reads.has(last.name)) return undefined
    return { calls: actions.slice(0, -1), told: `It leaves a call of ${last.name} out.` }
  },
  // The first look twice.
  (actions, reads) => {
    const [first] = actions
    if (!first || !reads.has(first.name)) return undefined
    return { calls: [first, ...actions], told: `It makes a call of ${first.name} that was not made then.` }
  },
  // A look at what nobody has ever looked at.
  (actions) => ({
    calls: [NOWHERE, ...actions],
    told: 'Here the ways part, since it makes a call that was never recorded. The comparison ends there.',
  }),
]

/**
 * Plants each difference in one of the tasks.
 *
 * @param reads the tools that change nothing.
 */
export function plant(tasks: readonly Task[], reads: ReadonlySet<string>): readonly Planted[] {
  const planted: Planted[] = []
  for (const change of CHANGES) {
    for (const { task, actions } of tasks) {
      if (planted.some((other) => other.task === task) || hasTwins(actions)) continue
      const found = change(actions, reads)
      if (!found) continue
      planted.push({ task, ...found })
      break
    }
  }
  return planted
}

/** Where a call is made twice anyway, one more or one less tells another story. */
function hasTwins(actions: readonly Made[]): boolean {
  const calls = actions.map(({ name, kwargs }: { readonly name: string; readonly kwargs: JsonObject }) =>
    JSON.stringify([name, kwargs]),
  )
  return new Set(calls).size < calls.length
}
