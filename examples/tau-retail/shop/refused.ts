import { ToolError } from '@reprise/core'

/**
 * Refuses what the shop does not do: the model is told, in the words that the shop's data records.
 *
 * @throws ToolError always.
 */
export function refused(why: string): never {
  throw new ToolError({ code: 'refused', message: `Error: ${why}` })
}
