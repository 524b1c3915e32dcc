import type { AnyDefinition } from '../../define/plan.ts'
import type { Fired } from '../start/starter.ts'
import { inputAt, runIdOf, type Schedule, tagOf } from './schedule.ts'

/** What the run of a moment of a schedule is begun with. */
export function startOf(schedule: Schedule, definition: AnyDefinition, at: number): Fired {
  const { name, context, tags, priority, tenant, user } = schedule
  const input = inputAt(schedule, at)
  return { id: runIdOf(name, at), definition, input, context, tags: [...tags, tagOf(name)], priority, tenant, user }
}
