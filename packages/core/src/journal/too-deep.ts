// How a child ends that would be too deep below the run that a program began: it does not begin. Pure.
import type { ChildEnding } from '../contracts/entry.ts'

/** How deep runs nest at most where a runtime says nothing. */
export const MOST_DEEP = 16

/** The code of the error of a child that was not begun, since it would be too deep. */
export const TOO_DEEP = 'too_deep'

/** The end of such a child. @param most how deep runs nest at most. */
export function tooDeep(parentId: string, name: string, most: number): ChildEnding {
  const message = `"${name}" was not begun: "${parentId}" is ${most} runs below the one that was started, and none goes deeper. Do without it, or let agents and workflows call each other less; createRuntime({ maxDepth }) allows more.`
  return { kind: 'over-budget', error: { code: TOO_DEEP, message, details: { maxDepth: most } } }
}
