// Tools whose calls the engine carries out itself: they have no `execute` of anybody's.
import type { Schema } from '../contracts/schema.ts'
import { TOOL_RETRY } from './retry.ts'
import type { AnyTool } from './tool.ts'

/** What differs between them. */
interface OwnTool<Name extends string>
  extends Pick<AnyTool, 'effect' | 'input'>, Partial<Pick<AnyTool, 'maxResultTokens' | 'child' | 'memory'>> {
  readonly name: Name
  readonly description: string
}

/** Makes a tool that the engine carries out. */
export function ownTool<const Name extends string>(own: OwnTool<Name>): AnyTool & { readonly name: Name } {
  const { name, description, effect, input } = own
  return {
    kind: 'tool',
    name,
    effect,
    card: { name, description, parameters: input.json },
    input,
    output: undefined,
    timeoutMs: undefined,
    retry: { ...TOOL_RETRY, attempts: 1 },
    execute: () => undefined,
    reconcile: undefined,
    prepare: undefined,
    approval: false,
    approvalTimeoutMs: undefined,
    approvers: 1,
    confirms: undefined,
    onError: undefined,
    maxResultTokens: own.maxResultTokens,
    child: own.child,
    memory: own.memory,
  }
}

/** The schema of an input that is one text. */
export function oneText<Field extends string>(
  field: Field,
  description: string,
): Schema<unknown, { readonly [K in Field]: string }> {
  const json = {
    type: 'object',
    properties: { [field]: { type: 'string', description } },
    required: [field],
    additionalProperties: false,
  }
  return {
    '~standard': {
      version: 1,
      vendor: 'reprise',
      validate: (value) => {
        const text: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, field) : undefined
        // The one field is there.
        if (typeof text === 'string') return { value: { [field]: text } as { readonly [K in Field]: string } }
        return { issues: [{ message: `${field} must be a text`, path: [field] }] }
      },
      jsonSchema: { input: () => json, output: () => json },
    },
  }
}
