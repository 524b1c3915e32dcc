import type { Schema } from '../contracts/schema.ts'
import { checkKind, checkOptions } from './argument.ts'
import { EXTERNAL } from './external-tool.ts'
import { checkCount, checkName } from './names.ts'
import type { Tool } from './tool.ts'

/** What `askConfirmation` takes beside its tool. */
export interface AskConfirmationOptions<Name extends string> {
  /** 1 to 64 letters, digits, `_` or `-`. @default `confirm_` and the tool's name */
  readonly name?: Name
  /** What the model reads. @default that a user must say yes to exactly these arguments before the tool is called */
  readonly description?: string
  /** How long somebody may answer, in milliseconds. @default no limit */
  readonly timeoutMs?: number
}

/** What somebody says who is asked. */
export interface Confirmation {
  readonly confirmed: boolean
}

/**
 * Makes a tool that asks somebody whether another tool may be called: with exactly the arguments that the model gives it,
 * which are those of that tool. The answer is recorded, and bound to the fingerprint of that call: rules go by it, and not
 * by what the model makes of a conversation.
 *
 * @throws DefinitionError when what it is given is no tool, or the name is refused by the API.
 * @example
 * ```ts
 * import { askConfirmation, defineAgent, defineTool } from '@reprise/core'
 * import { z } from 'zod'
 *
 * const refund = defineTool({
 *   name: 'refund_order',
 *   description: 'Refunds an order.',
 *   input: z.object({ orderId: z.string(), amountUsd: z.number() }),
 *   effect: 'idempotent',
 *   execute: () => 'refunded',
 * })
 * const confirmRefund = askConfirmation(refund)
 * console.log(confirmRefund.name) // confirm_refund_order
 * const tools = [refund, confirmRefund]
 * const desk = defineAgent({ name: 'desk', model: 'gpt-4.1-mini', instructions: 'Ask before you refund.', tools })
 * ```
 */
export function askConfirmation<ToolName extends string, Input, const Name extends string = `confirm_${ToolName}`>(
  tool: Tool<ToolName, Input, unknown, never, never>,
  options: AskConfirmationOptions<Name> = {},
): Tool<Name, Input, Confirmation> {
  const expected =
    'Give it the tool that is to be confirmed, as defineTool gave it, and { name, description, timeoutMs }.'
  checkKind('askConfirmation was given tool', tool, ['tool'], expected)
  checkOptions('askConfirmation was given options', options, expected)
  // The default of the type says which text that is.
  const { name = `confirm_${tool.name}` as Name, timeoutMs } = options
  checkName('A tool', name)
  const where = `Tool "${name}"`
  if (timeoutMs !== undefined) checkCount(where, 'timeoutMs', timeoutMs)
  const { description = describe(tool.name) } = options
  const { input } = tool
  return {
    kind: 'tool',
    name,
    card: { name, description, parameters: input.json },
    input,
    timeoutMs,
    ...EXTERNAL,
    output: CONFIRMATION,
    confirms: tool.name,
  }
}

function describe(tool: string): string {
  return `Asks the user to confirm a call of ${tool} with exactly these arguments. Ask before you call ${tool}, and call it with the same arguments only where the answer is yes.`
}

const CONFIRMATION: Schema<Confirmation> = {
  '~standard': {
    version: 1,
    vendor: 'reprise',
    validate: (value) =>
      typeof value === 'object' && value !== null && 'confirmed' in value && typeof value.confirmed === 'boolean'
        ? { value: { confirmed: value.confirmed } }
        : { issues: [{ message: 'it must be true or false', path: ['confirmed'] }] },
  },
}
