import type { Jsonify } from '../values/json.ts'
import { badArgument, checkKind } from './argument.ts'
import type { Facts, ToolInput, ToolOutput } from './facts.ts'
import { ITS_TOOLS, type Rule } from './rules.ts'
import type { AnyTool, Needs } from './tool.ts'

/**
 * Allows a call of a tool where a function says so, of its arguments and of what the run's journal knows by then. It is
 * asked once a call, and a call that it is about waits for those of its reply that come before it, so that it knows what
 * they gave; what it said is journaled. It must go by what it is given alone: a replay asks it again. One that throws, or
 * gives a promise, does not allow the call.
 *
 * @param allows is given the arguments and the facts, both with tokens in the place of secrets.
 * @param says what must hold, in a sentence that the model is told with the tool and with a refusal. @default nothing
 * @example
 * ```ts
 * import { defineTool, when } from '@reprise/core'
 * import { z } from 'zod'
 *
 * const input = z.object({ id: z.string() })
 * const find = defineTool({ name: 'find', description: 'Finds.', input, effect: 'read', execute: () => 'pending' })
 * const cancel = defineTool({ name: 'cancel', description: 'Cancels.', input, effect: 'once', execute: () => 'done' })
 * const isPending = when(
 *   cancel,
 *   ({ id }, facts) => facts.returned(find).findLast((call) => call.input.id === id)?.result === 'pending',
 *   'The order must have been found, and be pending.',
 * )
 * ```
 */
export function when<T extends AnyTool>(
  tool: T,
  allows: (input: ToolInput<T>, facts: Facts) => boolean,
  says?: string,
): Rule {
  checkKind('when was given tool', tool, ['tool'], ITS_TOOLS)
  checkFunction(
    'when was given allows',
    allows,
    'Give it a function of the arguments and the facts: true allows the call.',
  )
  if (says !== undefined && (typeof says !== 'string' || says.trim() === ''))
    throw badArgument(
      'when was given says',
      says,
      'Give it a sentence that tells the model what must hold, or leave it out.',
    )
  // The engine gives it what the tool's schema decoded.
  return { kind: 'when', tool: tool.name, allows: allows as (input: unknown, facts: Facts) => unknown, says }
}

/** What may stand in for an argument: a value, or several of which each may. */
type Offered<Value> = Jsonify<Value> | readonly Jsonify<Value>[] | undefined

/**
 * Allows a call of a tool only with an argument that an earlier call of another tool has given, or that stands in the run's
 * context: no model may invent it. Where the other tool is called in the same reply, the call waits for it. An argument that
 * is left out is none.
 *
 * @param field the argument's name.
 * @param from the tool that gives it, or `'context'`.
 * @param select picks it of what the tool gave, or of the context. Where it gives a list, each of its members will do.
 * @example
 * ```ts
 * import { argumentFrom, defineTool } from '@reprise/core'
 * import { z } from 'zod'
 *
 * const mail = z.object({ mail: z.string() })
 * const order = z.object({ orderId: z.string() })
 * const execute = () => ({ orders: ['4711', '4712'] })
 * const find = defineTool({ name: 'find_orders', description: 'Finds.', input: mail, effect: 'read', execute })
 * const cancel = defineTool({ name: 'cancel', description: 'Cancels.', input: order, effect: 'once', execute: () => 'done' })
 * const rules = [argumentFrom(cancel, 'orderId', find, ({ orders }) => orders)]
 * ```
 */
export function argumentFrom<T extends AnyTool, const Field extends keyof ToolInput<T> & string, From extends AnyTool>(
  tool: T,
  field: Field,
  from: From,
  select: (result: Jsonify<ToolOutput<From>>) => Offered<ToolInput<T>[Field]>,
): Rule
export function argumentFrom<T extends AnyTool, const Field extends keyof ToolInput<T> & string, Context>(
  tool: T & Needs<Context, never>,
  field: Field,
  from: 'context',
  select: (context: Context) => Offered<ToolInput<T>[Field]>,
): Rule
export function argumentFrom(
  tool: AnyTool,
  field: string,
  from: AnyTool | 'context',
  // Each of the two signatures above says what it is given.
  select: (given: never) => unknown,
): Rule {
  checkKind('argumentFrom was given tool', tool, ['tool'], ITS_TOOLS)
  if (from !== 'context') checkKind('argumentFrom was given from', from, ['tool'], `${ITS_TOOLS} Or give it 'context'.`)
  checkField(tool, field)
  checkFunction(
    'argumentFrom was given select',
    select,
    'Give it a function that picks the value of what was given, or a list of values.',
  )
  return {
    kind: 'argument-from',
    tool: tool.name,
    field,
    from: from === 'context' ? null : from.name,
    select: select as (given: unknown) => unknown,
  }
}

/** @throws DefinitionError when the tool takes no argument of that name, listing those that it takes. */
function checkField({ name, card }: AnyTool, field: string): void {
  const known = Object.keys((card.parameters['properties'] as object | undefined) ?? {})
  if (known.includes(field)) return
  throw badArgument(
    `argumentFrom(${name}) was given field`,
    field,
    `The tool "${name}" takes: ${known.join(', ') || 'nothing'}.`,
  )
}

function checkFunction(what: string, given: unknown, expected: string): void {
  if (typeof given !== 'function') throw badArgument(what, given, expected)
}
