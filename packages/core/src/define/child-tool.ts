import type { CompiledSchema } from '../schema/compile.ts'
import { TOOL_RETRY } from './retry.ts'
import type { AnyTool } from './tool.ts'

/** A tool whose calls are runs of a definition. */
export function childTool<Name extends string>(
  {
    name,
    description,
    maxResultTokens,
  }: { readonly name: Name; readonly description: string; readonly maxResultTokens?: number },
  input: CompiledSchema,
  child: NonNullable<AnyTool['child']>,
): AnyTool & { readonly name: Name } {
  return {
    kind: 'tool',
    name,
    // Its child run has an id that follows from the call: running it again is taking it up again.
    effect: 'idempotent',
    card: { name, description, parameters: input.json },
    input,
    timeoutMs: undefined,
    retry: { ...TOOL_RETRY, attempts: 1 },
    execute: () => undefined,
    reconcile: undefined,
    prepare: undefined,
    approval: false,
    approvalTimeoutMs: undefined,
    onError: undefined,
    maxResultTokens,
    child,
    memory: undefined,
  }
}
