import type { Entry, Outcome, OutputOfDefinition } from '@reprise/core'
import { desk } from './agents.ts'

/** What became of a ticket. */
export type DeskOutcome = Outcome<OutputOfDefinition<typeof desk>>

const effects = new Map(
  [...desk.agents.values()].flatMap(({ tools }) => tools.map(({ name, effect }) => [name, effect])),
)

/** The calls of a run that did something to the shop or the desk's books, by the names of their tools. */
export function actionsOf(entries: readonly Entry[]): string[] {
  return entries.flatMap((entry) => {
    const happened = entry.kind === 'call.returned' || (entry.kind === 'call.resolved' && entry.body.happened)
    return happened && !['read', undefined].includes(effects.get(entry.body.name)) ? [entry.body.name] : []
  })
}
