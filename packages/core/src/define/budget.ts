import { checkCount } from './names.ts'

/** What bounds a run. */
export interface Budget {
  /** Replies of the model in one run. @default 32 */
  readonly turns?: number
  /**
   * How often one run is handed over; of an agent in a team, how often it hands the run over itself. It stops agents that
   * send a run to each other for ever. @default 16
   */
  readonly handoffs?: number
  /**
   * Replies of models in a run and in all runs below it, together: those that agents and workflows begin as tools share what
   * is left. Of a run that is begun with the definition, and not of an agent as a member of a team. @default no limit
   */
  readonly totalTurns?: number
}

/** Turns of a run that says nothing. */
export const DEFAULT_TURNS = 32

/** Handoffs of a run that says nothing. */
export const DEFAULT_HANDOFFS = 16

/** What definitions and plans carry of a budget: all of it, so that a limit which is added there is carried everywhere. */
export type Limits = { readonly [K in keyof Required<Budget>]: Budget[K] }

/** What a run is held to: each limit, as it was given or by default. */
export type RunLimits = { readonly [K in keyof Required<Budget>]: NonNullable<Budget[K]> }

/**
 * The limits of a budget, each checked.
 *
 * @throws DefinitionError when one of them cannot be kept.
 */
export function limitsOf(where: string, { turns, handoffs, totalTurns }: Budget = {}): Limits {
  if (turns !== undefined) checkCount(where, 'budget.turns', turns)
  if (handoffs !== undefined) checkCount(where, 'budget.handoffs', handoffs)
  if (totalTurns !== undefined) checkCount(where, 'budget.totalTurns', totalTurns)
  return { turns, handoffs, totalTurns }
}
