// How a child ends that does not begin, since a bound of the runs above it is reached. Pure.
import type { ChildEnding } from '../contracts/entry.ts'

/** How deep runs nest at most where a runtime says nothing. */
export const MOST_DEEP = 16

const TOO_DEEP = 'too_deep'
const NO_TURNS = 'no_turns_left'

/** What is known of the run that would begin a child. */
interface Above {
  readonly id: string
  readonly depth: number
  readonly turnsLeft: number
}

/** Why a child is not begun, as the end that it has; undefined where it may begin. @param most how deep runs nest at most. */
export function notBegun({ id, depth, turnsLeft }: Above, name: string, most: number): ChildEnding | undefined {
  if (depth >= most) {
    const message = `"${name}" was not begun: "${id}" is ${depth} runs below the one that was started, and none goes deeper. Do without it, or let agents and workflows call each other less; createRuntime({ maxDepth }) allows more.`
    return { kind: 'over-budget', error: { code: TOO_DEEP, message, details: { maxDepth: most } } }
  }
  if (turnsLeft >= 1) return undefined
  const message = `"${name}" was not begun: "${id}" has no turn left for it of those that it shares with the runs below it. Do without it, or raise budget.totalTurns.`
  return { kind: 'over-budget', error: { code: NO_TURNS, message } }
}

/** Whether an end is that of a child that was not begun. */
export function isNotBegun(ending: ChildEnding): boolean {
  return ending.kind === 'over-budget' && (ending.error.code === TOO_DEEP || ending.error.code === NO_TURNS)
}
