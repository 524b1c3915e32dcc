import type { AgentCard } from '@reprise/core'
import type { Traits } from '../catalog/traits.ts'

/** Whether a reply may hold one call only: as the agent says, or since its model calls no other way. */
export function oneAtATime({ parallelCalls }: AgentCard, traits: Traits | undefined): boolean {
  return parallelCalls === false || traits?.parallelCalls === false
}
