import { checkKind } from './argument.ts'
import type { Facts } from './facts.ts'
import { checkCount } from './names.ts'
import type { AnyTool } from './tool.ts'

/** Which calls may come when. Kept by the runtime, inside a batch of parallel calls and across a resume. */
export type Rule =
  | { readonly kind: 'after'; readonly tool: string; readonly needs: readonly string[] }
  | { readonly kind: 'after-any'; readonly tool: string; readonly needs: readonly string[] }
  | { readonly kind: 'before'; readonly tool: string; readonly others: readonly string[] }
  | { readonly kind: 'sequence'; readonly tools: readonly string[] }
  | { readonly kind: 'at-most'; readonly tool: string; readonly times: number }
  | { readonly kind: 'at-least'; readonly tool: string; readonly times: number }
  | { readonly kind: 'alone'; readonly tool: string }
  | { readonly kind: 'exclusive'; readonly tool: string; readonly others: readonly string[] }
  | { readonly kind: 'confirmed'; readonly tool: string }
  | {
      readonly kind: 'when'
      readonly tool: string
      readonly allows: (input: unknown, facts: Facts) => unknown
      /** What the model is told of it. */
      readonly says: string | undefined
    }
  | {
      readonly kind: 'argument-from'
      readonly tool: string
      readonly field: string
      /** The tool that must have given the value; null for the run's context. */
      readonly from: string | null
      readonly select: (given: unknown) => unknown
    }

const KINDS: { readonly [K in Rule['kind']]: true } = {
  after: true,
  'after-any': true,
  before: true,
  sequence: true,
  'at-most': true,
  'at-least': true,
  alone: true,
  exclusive: true,
  confirmed: true,
  when: true,
  'argument-from': true,
}

/** The kinds of rule. */
export const RULE_KINDS: readonly string[] = Object.keys(KINDS)

/** What rules are about. */
export const ITS_TOOLS = 'Give it what defineTool or agentTool gave.'

type Tools = readonly [AnyTool, ...AnyTool[]]

/**
 * Allows a tool only after all of the others have returned in the same run. Where they are called in the same reply, it
 * waits for them.
 *
 * @example
 * ```ts
 * import { after, defineAgent, defineTool } from '@reprise/core'
 * import { z } from 'zod'
 *
 * const input = z.object({ orderId: z.string() })
 * const find = defineTool({ name: 'find', description: 'Finds.', input, effect: 'read', execute: () => '$30' })
 * const refund = defineTool({ name: 'refund', description: 'Refunds.', input, effect: 'once', execute: () => 'done' })
 * const desk = defineAgent({
 *   name: 'desk',
 *   model: 'gpt-4.1-mini',
 *   instructions: 'You help the customers of a shop.',
 *   tools: [find, refund],
 *   rules: [after(refund, find)],
 * })
 * ```
 */
export function after(tool: AnyTool, ...needs: Tools): Rule {
  return { kind: 'after', tool: nameOf('after', tool), needs: namesOf('after', needs) }
}

/**
 * Allows a tool only after one of the others has returned in the same run.
 *
 * @example
 * ```ts
 * import { afterAny, defineTool } from '@reprise/core'
 * import { z } from 'zod'
 *
 * const input = z.object({ who: z.string() })
 * const byMail = defineTool({ name: 'by_mail', description: 'Finds.', input, effect: 'read', execute: () => 'u1' })
 * const byName = defineTool({ name: 'by_name', description: 'Finds.', input, effect: 'read', execute: () => 'u1' })
 * const cancel = defineTool({ name: 'cancel', description: 'Cancels.', input, effect: 'once', execute: () => 'done' })
 * const rules = [afterAny(cancel, byMail, byName)]
 * ```
 */
export function afterAny(tool: AnyTool, ...needs: Tools): Rule {
  return { kind: 'after-any', tool: nameOf('afterAny', tool), needs: namesOf('afterAny', needs) }
}

/**
 * Allows a tool only as long as none of the others may have done anything in the same run. It need not be called at all.
 * Where they are called in the same reply, they wait for it.
 *
 * @example
 * ```ts
 * import { before, defineTool } from '@reprise/core'
 * import { z } from 'zod'
 *
 * const input = z.object({ orderId: z.string() })
 * const move = defineTool({ name: 'change_address', description: 'Moves.', input, effect: 'once', execute: () => 'done' })
 * const ship = defineTool({ name: 'ship', description: 'Ships.', input, effect: 'once', execute: () => 'done' })
 * const rules = [before(move, ship)]
 * ```
 */
export function before(tool: AnyTool, ...others: Tools): Rule {
  return { kind: 'before', tool: nameOf('before', tool), others: namesOf('before', others) }
}

/**
 * Allows each of the tools only after the one before it has returned in the same run. An earlier one may be called again
 * later: `before` and `atMost` say that it may not.
 *
 * @example
 * ```ts
 * import { defineTool, sequence } from '@reprise/core'
 * import { z } from 'zod'
 *
 * const input = z.object({ orderId: z.string() })
 * const find = defineTool({ name: 'find', description: 'Finds.', input, effect: 'read', execute: () => '$30' })
 * const quote = defineTool({ name: 'quote', description: 'Quotes.', input, effect: 'read', execute: () => '$25' })
 * const refund = defineTool({ name: 'refund', description: 'Refunds.', input, effect: 'once', execute: () => 'done' })
 * const rules = [sequence(find, quote, refund)]
 * ```
 */
export function sequence(...tools: readonly [AnyTool, AnyTool, ...AnyTool[]]): Rule {
  return { kind: 'sequence', tools: namesOf('sequence', tools) }
}

/**
 * Allows a tool a number of times in a run: calls count whose effect may have happened. One that was refused does not: by
 * its schema, by a rule, by a person, by a rollback, or by a ToolError that says that it is no use to try again. A tool that
 * only reads counts when it has returned.
 *
 * @param times 1 or more.
 * @throws DefinitionError when `times` is not a whole number of 1 or more.
 * @example
 * ```ts
 * import { atMost, defineAgent, defineTool } from '@reprise/core'
 * import { z } from 'zod'
 *
 * const input = z.object({ orderId: z.string() })
 * const refund = defineTool({ name: 'refund', description: 'Refunds.', input, effect: 'once', execute: () => 'done' })
 * const desk = defineAgent({
 *   name: 'desk',
 *   model: 'gpt-4.1-mini',
 *   instructions: 'You help the customers of a shop.',
 *   tools: [refund],
 *   rules: [atMost(refund, 1)],
 * })
 * ```
 */
export function atMost(tool: AnyTool, times: number): Rule {
  return { kind: 'at-most', tool: nameOf('atMost', tool), times: timesOf('atMost', tool, times) }
}

/**
 * Lets a run end only when a tool has returned so often in it. An answer that comes before goes back to the model with what
 * is to be called first, as an answer that breaks its schema does: after four in a row the run fails (`answer_too_early`).
 *
 * @param times 1 or more.
 * @throws DefinitionError when `times` is not a whole number of 1 or more.
 * @example
 * ```ts
 * import { atLeast, defineTool } from '@reprise/core'
 * import { z } from 'zod'
 *
 * const input = z.object({ text: z.string() })
 * const note = defineTool({ name: 'note', description: 'Notes.', input, effect: 'once', execute: () => 'done' })
 * const rules = [atLeast(note, 1)]
 * ```
 */
export function atLeast(tool: AnyTool, times: number): Rule {
  return { kind: 'at-least', tool: nameOf('atLeast', tool), times: timesOf('atLeast', tool, times) }
}

/**
 * Allows a tool only as the one call of a reply: whoever calls it has read the results of all others.
 *
 * @example
 * ```ts
 * import { alone, defineTool } from '@reprise/core'
 * import { z } from 'zod'
 *
 * const input = z.object({ orderId: z.string() })
 * const cancel = defineTool({ name: 'cancel', description: 'Cancels.', input, effect: 'once', execute: () => 'done' })
 * const rules = [alone(cancel)]
 * ```
 */
export function alone(tool: AnyTool): Rule {
  return { kind: 'alone', tool: nameOf('alone', tool) }
}

/**
 * Allows a tool only where none of the others may have done anything in the same run, and each of them only where the tool
 * has not. Of those in one reply the first is run.
 *
 * @example
 * ```ts
 * import { defineTool, exclusiveWith } from '@reprise/core'
 * import { z } from 'zod'
 *
 * const input = z.object({ orderId: z.string() })
 * const refund = defineTool({ name: 'refund', description: 'Refunds.', input, effect: 'once', execute: () => 'done' })
 * const replace = defineTool({ name: 'replace', description: 'Sends anew.', input, effect: 'once', execute: () => 'done' })
 * const rules = [exclusiveWith(refund, replace)]
 * ```
 */
export function exclusiveWith(tool: AnyTool, ...others: Tools): Rule {
  return { kind: 'exclusive', tool: nameOf('exclusiveWith', tool), others: namesOf('exclusiveWith', others) }
}

/**
 * Allows a tool only with arguments to which a user has said yes, asked by the tool that `askConfirmation` made of it: the
 * answer is recorded, and bound to exactly these arguments. A yes counts from the next reply on, and until a no to the same.
 * It says nothing of how often: add `atMost` for that. An agent with such a rule must have a tool that asks.
 *
 * @example
 * ```ts
 * import { askConfirmation, confirmed, defineAgent, defineTool } from '@reprise/core'
 * import { z } from 'zod'
 *
 * const input = z.object({ orderId: z.string() })
 * const cancel = defineTool({ name: 'cancel', description: 'Cancels.', input, effect: 'once', execute: () => 'done' })
 * const desk = defineAgent({
 *   name: 'desk',
 *   model: 'gpt-4.1-mini',
 *   instructions: 'You help the customers of a shop.',
 *   tools: [cancel, askConfirmation(cancel)],
 *   rules: [confirmed(cancel)],
 * })
 * ```
 */
export function confirmed(tool: AnyTool): Rule {
  return { kind: 'confirmed', tool: nameOf('confirmed', tool) }
}

/** @throws DefinitionError with code `bad_argument` when it is no tool. */
function nameOf(rule: string, tool: AnyTool): string {
  checkKind(`${rule} was given tool`, tool, ['tool'], ITS_TOOLS)
  return tool.name
}

function namesOf(rule: string, tools: readonly AnyTool[]): readonly string[] {
  return tools.map((tool) => nameOf(rule, tool))
}

function timesOf(rule: string, { name }: AnyTool, times: number): number {
  checkCount(`${rule}(${name})`, 'times', times)
  return times
}
